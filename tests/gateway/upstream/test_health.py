"""How a provider is, as the gateway has seen it."""

from datetime import UTC, datetime, timedelta

from telegraphql.gateway.errors import NotFound, RateLimited, ScanLimit, Unauthorized, Unavailable
from telegraphql.gateway.upstream.health import Health
from telegraphql.schema.enums import BreakerState, HealthStatus, ProblemCode


def test_nothing_is_known_at_first() -> None:
    shown = Health().shown()
    assert (shown.status, shown.since, shown.last_success_at, shown.last_problem) == (HealthStatus.UNKNOWN, None, None, None)
    assert shown.breaker.state is BreakerState.CLOSED


def test_a_status_begins_when_it_changes() -> None:
    health = Health()
    steps = [Unavailable("is down"), Unauthorized("refused"), RateLimited("asks for fewer requests"), None, None]
    seen = []
    for step in steps:
        health.failed(step) if step else health.succeeded()
        seen.append((health.status.name, health.since))
    assert [status for status, _ in seen] == ["DOWN", "DOWN", "DEGRADED", "HEALTHY", "HEALTHY"]
    moments = [since for _, since in seen]
    assert moments[0] == moments[1]
    assert moments[3] == moments[4]
    assert moments == sorted(moments, key=lambda moment: moment or datetime.min)


def test_the_last_good_and_bad_moments_are_remembered() -> None:
    health = Health()
    health.failed(RateLimited("asks for fewer requests", provider="a", retry_after=3))
    health.succeeded()
    shown = health.shown()
    assert shown.last_success_at is not None
    assert datetime.now(UTC) - shown.last_success_at < timedelta(seconds=5)
    assert shown.last_problem is not None
    assert (shown.last_problem.code, shown.last_problem.retry_after) == (ProblemCode.RATE_LIMITED, 3)


def test_a_refusal_of_what_a_client_asked_for_is_no_problem_of_the_upstream() -> None:
    health = Health()
    health.failed(NotFound("has no such record"))
    assert (health.up, health.last_problem, health.last_success_at is not None) == (True, None, True)


def test_the_limit_of_requests_says_nothing_about_the_upstream() -> None:
    health = Health()
    health.failed(ScanLimit("this operation has used its requests"))
    assert (health.up, health.last_problem, health.last_success_at) == (None, None, None)
    health.failed(Unavailable("is down"))
    health.failed(ScanLimit("this operation has used its requests"))
    assert (health.up, health.last_success_at) == (False, None)


def test_an_upstream_is_up_when_it_lets_us_in_whatever_else_it_says() -> None:
    health = Health()
    assert health.up is None
    for error, is_up in ((Unavailable("is down"), False), (NotFound("has no such record"), True), (Unauthorized("refused"), False)):
        health.failed(error)
        assert health.up is is_up
    health.succeeded()
    assert health.up is True
