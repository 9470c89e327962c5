"""Everything that can go wrong: each error with a code of the closed set, as drawn at the top of the module."""

import re

import pytest

from telegraphql.gateway import errors
from telegraphql.gateway.errors import OverLimit, RateLimited, Refusal, RequestError, SettingsError, Unavailable, UpstreamError
from telegraphql.gateway.fault_owner import FaultOwner
from telegraphql.schema.enums import ProblemCode


def below(kind: type[Exception]) -> list[type[Exception]]:
    return [kind, *(each for child in kind.__subclasses__() if child.__module__ == errors.__name__ for each in below(child))]


CODES = {
    "BadInput": "BAD_USER_INPUT",
    "BadCursor": "BAD_CURSOR",
    "BadId": "BAD_ID",
    "UnknownProvider": "UNKNOWN_PROVIDER",
    "NobodyCan": "UNSUPPORTED",
    "Unauthenticated": "UNAUTHENTICATED",
    "NotAllowed": "FORBIDDEN",
    "Unverifiable": "UNAVAILABLE",
    "NoIntrospection": "INTROSPECTION_DISABLED",
    "Overloaded": "OVERLOADED",
    "SlowConsumer": "SLOW_CONSUMER",
    "Unauthorized": "UNAUTHORIZED",
    "Expired": "UNAUTHORIZED",
    "Forbidden": "FORBIDDEN",
    "NotFound": "NOT_FOUND",
    "RejectedInput": "BAD_INPUT",
    "RateLimited": "RATE_LIMITED",
    "TimedOut": "TIMEOUT",
    "Unavailable": "UNAVAILABLE",
    "BadAnswer": "BAD_ANSWER",
    "BadData": "BAD_ANSWER",
    "TooLarge": "BAD_ANSWER",
    "Unforeseen": "BAD_ANSWER",
    "Malformed": "MALFORMED_RECORD",
    "MalformedField": "MALFORMED_FIELD",
    "Unsupported": "UNSUPPORTED",
    "ScanLimit": "SCAN_LIMIT",
}


def test_every_error_has_its_code() -> None:
    kinds = {each.__name__: each for each in below(Refusal) if each not in (Refusal, RequestError, UpstreamError, OverLimit)}
    assert {name: kind("words").extensions["code"] for name, kind in kinds.items()} == CODES  # type: ignore[attr-defined]


def test_every_problem_has_an_error() -> None:
    assert {kind.problem for kind in below(UpstreamError)} == set(ProblemCode) - {ProblemCode.STALE}  # type: ignore[attr-defined]


def test_the_tree_drawn_at_the_top_is_the_tree() -> None:
    drawn = set(re.findall(r"[├└]── (\w+)", errors.__doc__ or "")) | {"Refusal", "SettingsError"}
    assert drawn == {each.__name__ for each in below(Refusal)} | {"SettingsError"}
    assert not issubclass(SettingsError, Refusal)


RETRYABLE = {"RateLimited", "TimedOut", "Unavailable", "BadAnswer", "ScanLimit"}
FAULTS = {
    FaultOwner.INPUT: {"NotFound", "RejectedInput", "Unsupported", "ScanLimit"},
    FaultOwner.CREDENTIALS: {"Unauthorized", "Expired", "Forbidden"},
    FaultOwner.STATE: {"RateLimited", "TimedOut", "Unavailable", "BadAnswer"},
    FaultOwner.DATA: {"BadData", "TooLarge", "Unforeseen", "Malformed", "MalformedField"},
}


def test_every_error_of_an_upstream_has_an_owner() -> None:
    kinds = below(UpstreamError)[1:]
    assert {fault: {kind.__name__ for kind in kinds if kind.fault is fault} for fault in FaultOwner} == FAULTS  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", below(UpstreamError)[1:], ids=lambda kind: kind.__name__)
def test_whether_to_try_again_is_told(kind: type[UpstreamError]) -> None:
    assert kind("words", provider="a").extensions["retryable"] is (kind.__name__ in RETRYABLE)


def test_an_error_as_data_says_the_same() -> None:
    error = RateLimited("asks for fewer requests", provider="a", retry_after=7)
    problem = error.as_problem()
    shown = (problem.code, problem.provider, problem.message, problem.retryable, problem.retry_after, problem.id)
    assert shown == (ProblemCode.RATE_LIMITED, "a", "asks for fewer requests", True, 7, None)
    assert error.extensions == {"code": "RATE_LIMITED", "provider": "a", "retryable": True, "retryAfter": 7}


def test_no_waiting_time_is_no_extension() -> None:
    assert Unavailable("is down", provider="a").extensions == {"code": "UNAVAILABLE", "provider": "a", "retryable": True}
