"""Promises about upstream faults: each becomes the right error, with a message that leaks nothing."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Any

from telegraphql.gateway.conformance.harness import Harness
from telegraphql.gateway.conformance.promises import is_local, promise, require, whole_plugin
from telegraphql.gateway.conformance.walks import keys
from telegraphql.gateway.errors import BadAnswer, Forbidden, RateLimited, TimedOut, Unauthorized, Unavailable, UpstreamError
from telegraphql.gateway.plugin.provider import GetRequest, ListRequest, Provider

TIMEOUT = 0.3
# Response bodies of injected faults. An error message must not quote a response.
FAULT_BODIES = ("simulated failure", "Maintenance", "<html")


@dataclass(frozen=True, slots=True)
class FaultCase:
    """A fault, the error it must become, and the advice if it does not."""

    error: type[UpstreamError]
    fault: Mapping[str, Any] = field(default_factory=dict)
    advice: str = "leave it to the HTTP status, or return it from `refusal`"

    @property
    def timeout(self) -> float | None:
        """Return the seconds to wait for a response that will not come, or None."""
        return TIMEOUT if self.error is TimedOut else None


FAULTS = {
    "status-500": FaultCase(Unavailable, {"mode": "status", "status": 500}),
    "status-503": FaultCase(Unavailable, {"mode": "status", "status": 503}),
    "drop": FaultCase(Unavailable, {"mode": "drop"}, "do not catch the transport's errors"),
    "timeout": FaultCase(TimedOut, {"mode": "timeout"}, "do not catch the transport's errors"),
    "html": FaultCase(BadAnswer, {"mode": "html"}, "decode responses with self.upstream.read"),
    "truncate": FaultCase(BadAnswer, {"mode": "truncate"}, "decode responses with self.upstream.read"),
    "rate_limit": FaultCase(RateLimited, {"mode": "rate_limit"}, "recognise the upstream's error in `refusal`"),
    "unauthorized": FaultCase(Unauthorized, {"mode": "unauthorized"}, "recognise the upstream's error in `refusal`"),
}


RUN_ADVICE = "read with self.upstream.run, and do not catch its errors"
LOCAL_FAULTS = {
    "missing": FaultCase(Unavailable, {"mode": "status"}, RUN_ADVICE),
    "unreadable": FaultCase(Forbidden, {"mode": "unauthorized"}, RUN_ADVICE),
    "broken": FaultCase(Unavailable, {"mode": "drop"}, RUN_ADVICE),
    "timeout": FaultCase(TimedOut, {"mode": "timeout"}, RUN_ADVICE),
}


def faults(plugin: type[Provider]) -> Mapping[str, FaultCase]:
    """Return the faults of an upstream over HTTP, or of local files."""
    return LOCAL_FAULTS if is_local(plugin) else FAULTS


@promise(faults)
async def turns_faults_into_errors(harness: Harness, case: FaultCase) -> None:
    """Raise the right error for each fault in listings and gets: its class and code, whether it is retryable, and a message of your own."""
    harness.reconnect()
    keys_by_getter = await _some_keys(harness)
    await harness.provider.check()
    harness.fault(case.fault, case.timeout)
    reads = _reads(harness, keys_by_getter)
    answers = await asyncio.gather(*reads.values(), return_exceptions=True)
    for name, answer in zip(reads, answers, strict=True):
        _require_error(harness, case, name, answer)


@promise(faults)
async def reports_faults_in_its_check(harness: Harness, case: FaultCase) -> None:
    """Raise the same errors from the first `check` of a provider, which includes its login."""
    harness.reconnect()
    harness.fault(case.fault, case.timeout)
    (answer,) = await asyncio.gather(harness.provider.check(), return_exceptions=True)
    _require_error(harness, case, "check", answer)


@promise(whole_plugin)
async def recovers_after_faults(harness: Harness, plugin: type[Provider]) -> None:
    """Work again after each fault as soon as the upstream does."""
    harness.reconnect()
    for name, case in faults(plugin).items():
        # Skipped: after RATE_LIMITED the gateway itself pauses, and a timeout takes long.
        if case.error in (RateLimited, TimedOut):
            continue
        harness.fault(case.fault, case.timeout)
        await asyncio.gather(*_reads(harness, {}).values(), return_exceptions=True)
        harness.clear_fault()
        try:
            await harness.provider.check()
        except UpstreamError as error:
            advice = "keep no state of a failure, and log in again after refused credentials"
            raise AssertionError(f"after the fault {name} the provider still fails with {error.problem.name}: {advice}") from error


async def _some_keys(harness: Harness) -> dict[tuple[Any, str], list[str]]:
    return {(kind, by): list(await keys(harness, kind, by))[:1] for kind, by in harness.declared.getters}


def _reads(harness: Harness, keys_by_getter: Mapping[tuple[Any, str], list[str]]) -> dict[str, Awaitable[Any]]:
    """Return all listings and gets of a plugin as awaitables."""
    reads: dict[str, Awaitable[Any]] = {}
    since, until = harness.span
    for listing in harness.declared.listings.values():
        # As the engine asks: a kind without a time is not asked for by time.
        request = ListRequest(since=since, until=until, size=5) if listing.kind.time_field else ListRequest(size=5)
        reads[f"listing {listing.kind.__name__}"] = harness.serving.answer(listing.method, request)
    for key, key_texts in keys_by_getter.items():
        getter = harness.declared.getters[key]
        if key_texts:
            get = GetRequest(keys=key_texts, since=since, until=until)
            reads[f"getting {getter.kind.__name__} by {getter.by}"] = harness.serving.answer(getter.method, get)
    return reads


def _require_error(harness: Harness, case: FaultCase, name: str, answer: Any) -> None:
    fault = " ".join(str(each) for each in case.fault.values())
    expectation = f"under the fault `{fault}` {name} must fail with {case.error.__name__}"
    require(isinstance(answer, BaseException), f"{expectation}, but it succeeds: catch no errors, and check the response")
    code = answer.problem.name if isinstance(answer, UpstreamError) else type(answer).__name__
    require(isinstance(answer, case.error) and code == case.error.problem.name, f"{expectation}, not {code} ({answer}): {case.advice}")
    require(answer.retryable is case.error.retryable, f"{expectation} with retryable={case.error.retryable}: do not override it")
    names_another = answer.provider not in ("", harness.provider.id)
    require(not names_another, f"{expectation} of this provider, not {answer.provider!r}: do not set `provider`; the gateway does")
    text = f"{answer} {answer.message} {answer!r}"
    leaks = [
        each for each in ("://", "?", harness.sandbox.base_url, str(harness.simulation.folder), *FAULT_BODIES) if each and each in text
    ]
    advice = "write a message of your own that says what to do"
    require(answer.message and not leaks, f"the message of {name}, {answer.message!r}, contains {leaks}: {advice}")
    require(harness.is_free_of_secrets(text), f"the message of {name} under the fault `{fault}` contains a secret: {advice}")
