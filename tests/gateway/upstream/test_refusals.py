"""Refusals of one query's values stay that query's: they are not retried and open no breaker."""

import httpx
import pytest

from telegraphql.gateway.errors import RejectedInput
from telegraphql.gateway.upstream.client import Request, Upstream
from telegraphql.gateway.upstream.health import Health
from telegraphql.gateway.upstream.resilience import Resilience, ResilienceSettings
from telegraphql.schema.enums import BreakerState
from tests.gateway.upstream.test_client import Account


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
