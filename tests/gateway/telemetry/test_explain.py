"""Explaining: what each provider was asked for an operation, on demand, for callers who may know."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from telegraphql.gateway.auth.caller import LOCAL, Caller, Scope
from telegraphql.gateway.runtime import Runtime
from tests.gateway.telemetry.in_process_gateway import QUERY, Place, place

EXPLAIN = {"extensions": {"explain": True}}
FILTERED = """{ calls(filter: {providers: ["a"], direction: [INBOUND], status: [ANSWERED], talkSeconds: {min: 1},
  startedAt: {since: "2024-01-01T00:00:00Z"}}) { nodes { id } } }"""


async def explained(here: Place, document: str = QUERY) -> dict[str, Any]:
    found: dict[str, Any] = (await here.ask(document, **EXPLAIN)).json()["extensions"]["explain"]
    return found


async def test_the_requests_of_each_provider_are_told_with_their_seconds() -> None:
    async with place() as here:
        told = await explained(here)
    assert [each["name"] for each in told["providers"]] == ["a", "b"]
    (request,) = told["providers"][0]["requests"]
    assert (request["operation"], request["count"]) == ("GetCalls", 1)
    assert 0 < request["seconds"] <= told["seconds"]
    rest = {name: value for name, value in told["providers"][0].items() if name not in ("name", "requests")}
    assert rest == {"cacheHits": 0, "stale": 0, "shared": 0, "retries": 0, "waitedSeconds": 0.0, "filters": {"pushed": [], "residual": []}}


async def test_retries_are_told() -> None:
    async with place(lambda request: httpx.Response(500), names=("a",)) as here:
        (told,) = (await explained(here))["providers"]
    assert (told["retries"], told["requests"][0]["count"]) == (2, 3)


async def test_filters_are_told_by_who_applies_them() -> None:
    async with place() as here:
        (told,) = (await explained(here, FILTERED))["providers"]
    assert told["filters"] == {
        "pushed": ["Call.direction", "Call.startedAt", "Call.status"],
        "residual": ["Call.status", "Call.talkSeconds"],
    }


async def test_nothing_is_explained_unless_asked_for() -> None:
    async with place() as here:
        assert "explain" not in ((await here.ask()).json().get("extensions") or {})
        assert "explain" not in ((await here.ask(extensions={"explain": "yes"})).json().get("extensions") or {})


async def test_a_header_asks_as_well() -> None:
    async with place() as here:
        answer = await here.ask(headers={"X-TelegraphQL-Explain": "1"})
    assert [each["name"] for each in answer.json()["extensions"]["explain"]["providers"]] == ["a", "b"]


async def test_who_may_not_know_gets_the_data_and_a_code(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Caller("reader", frozenset({Scope.READ}))
    context = Runtime.context
    monkeypatch.setattr(Runtime, "context", lambda self, caller=LOCAL: context(self, reader))
    async with place() as here:
        answer = (await here.ask(**EXPLAIN)).json()
    assert len(answer["data"]["calls"]["nodes"]) == 2
    assert (list(answer["extensions"]["explain"]), answer["extensions"]["explain"]["error"]["code"]) == (["error"], "FORBIDDEN")


async def test_an_admin_of_one_provider_is_told_of_that_one(monkeypatch: pytest.MonkeyPatch) -> None:
    context = Runtime.context
    monkeypatch.setattr(Runtime, "context", lambda self, caller=LOCAL: context(self, replace(LOCAL, providers=frozenset({"a"}))))
    async with place() as here:
        assert [each["name"] for each in (await explained(here))["providers"]] == ["a"]


async def test_a_request_that_two_lists_share_is_told_once_as_sent_and_once_as_shared() -> None:
    async with place(names=("a",)) as here:
        (told,) = (await explained(here, "{ x: calls(first: 1) { nodes { id } } y: calls(first: 1) { nodes { id } } }"))["providers"]
    assert (told["requests"][0]["count"], told["shared"]) == (1, 1)
