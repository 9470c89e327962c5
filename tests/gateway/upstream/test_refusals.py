"""Refusals of one query's values stay that query's: they are not retried and open no breaker."""

import httpx
import pytest

from telegraphql.gateway.errors import (
    BadAnswer,
    BadData,
    Forbidden,
    NotFound,
    RateLimited,
    RejectedInput,
    ScanLimit,
    TimedOut,
    TooLarge,
    Unauthorized,
    Unavailable,
    Unsupported,
    UpstreamError,
)
from telegraphql.gateway.upstream.client import Request, Upstream
from telegraphql.gateway.upstream.health import Health
from telegraphql.gateway.upstream.resilience import Resilience, ResilienceSettings
from telegraphql.schema.enums import BreakerState
from tests.gateway.upstream.test_client import Account
from tests.gateway.upstream.test_resilience import Script, guard
from tests.support.exchanges import read


async def test_a_refused_value_of_one_query_closes_the_upstream_to_nobody() -> None:
    sent: list[str] = []

    def picky(request: httpx.Request) -> httpx.Response:
        sent.append(request.url.params["status"])
        return httpx.Response(400 if request.url.params["status"] == "odd" else 200, content=b"{}")

    health = Health()
    resilience = Resilience(ResilienceSettings(max_attempts=3, breaker_failures=2, retry_wait="0s"), health)
    http = httpx.AsyncClient(transport=httpx.MockTransport(picky), trust_env=False)
    upstream = Upstream(http, "https://upstream.example", (), health, resilience)
    upstream.provider = Account()
    for _ in range(5):
        with pytest.raises(RejectedInput) as raised:
            await upstream.ask(Request(operation="GetCalls", path="/calls", params={"status": "odd"}))
        assert raised.value.extensions == {"code": "BAD_INPUT", "provider": "acme", "retryable": False}
    assert (await upstream.ask(Request(operation="GetCalls", path="/calls", params={"status": "good"}))).status == 200
    assert (sent, health.state, health.up) == (["odd"] * 5 + ["good"], BreakerState.CLOSED, True)


OWNERS: list[tuple[type[UpstreamError], int, BreakerState]] = [
    (NotFound, 1, BreakerState.CLOSED),
    (RejectedInput, 1, BreakerState.CLOSED),
    (Unsupported, 1, BreakerState.CLOSED),
    (ScanLimit, 1, BreakerState.CLOSED),
    (Forbidden, 1, BreakerState.CLOSED),
    (BadData, 1, BreakerState.CLOSED),
    (TooLarge, 1, BreakerState.CLOSED),
    (RateLimited, 3, BreakerState.CLOSED),
    (Unauthorized, 1, BreakerState.OPEN),
    (Unavailable, 3, BreakerState.OPEN),
    (TimedOut, 3, BreakerState.OPEN),
    (BadAnswer, 3, BreakerState.OPEN),
]


@pytest.mark.parametrize(("kind", "attempts", "state"), OWNERS)
async def test_only_the_upstreams_state_is_retried_and_opens_the_breaker(
    kind: type[UpstreamError], attempts: int, state: BreakerState
) -> None:
    """Refused credentials are not retried, but open the breaker: to try them all the time can lock the account."""
    attempt = Script(*[kind("no")] * 9)
    made, _ = guard(max_attempts=3, retry_budget=1.0, breaker_failures=100)
    with pytest.raises(kind):
        await read(made, attempt)
    assert attempt.made == attempts
    made, health = guard(max_attempts=1, breaker_failures=5)
    for _ in range(5):
        with pytest.raises(kind):
            await read(made, Script(kind("no")))
    assert health.state is state
