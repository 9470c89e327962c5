"""Numbers: each event is counted once, under bounded labels, and only providers that exist for the caller are told."""

import re
from pathlib import Path

import httpx
import pytest

from telegraphql import __version__
from telegraphql.gateway.graphql.validation.concurrency_limit import ConcurrencyLimit
from telegraphql.gateway.http.load_metrics import report_load
from telegraphql.gateway.http.loop_clock import LoopClock
from telegraphql.gateway.telemetry.metrics import MAX_CALLER_OPERATIONS, Metrics
from telegraphql.schema.enums import BreakerState
from tests.gateway.telemetry.in_process_gateway import QUERY, engine, place

# What the names of a family's series end with.
SUFFIXES = {"counter": "_total", "info": "_info"}
PAGE = Path(__file__).parents[3] / "docs/monitoring.md"


async def test_operations_and_upstream_requests_are_counted_and_timed() -> None:
    async with place() as here:
        await here.ask()
        await here.ask("{ nothing }")
        found = await here.numbers()
    assert found['telegraphql_operations_total{outcome="ok",type="query"}'] == 1
    assert found['telegraphql_operations_total{outcome="refused",type="query"}'] == 1
    assert found['telegraphql_operation_duration_seconds_count{type="query"}'] == 2
    for name in "ab":
        assert found[f'telegraphql_upstream_requests_total{{operation="GetCalls",outcome="OK",provider="{name}"}}'] == 1
        assert found[f'telegraphql_upstream_request_duration_seconds_count{{provider="{name}"}}'] == 1
        assert found[f'telegraphql_circuit_breaker_state{{provider="{name}"}}'] == 0
        assert found[f'telegraphql_upstream_retries_total{{provider="{name}"}}'] == 0
        assert found[f'telegraphql_provider_up{{provider="{name}"}}'] == 1


async def test_failures_are_counted_by_their_code_and_retries_beside_them() -> None:
    async with place(lambda request: httpx.Response(500), names=("a",)) as here:
        answer = await here.ask()
        found = await here.numbers()
    assert [each["code"] for each in answer.json()["extensions"]["problems"]] == ["UNAVAILABLE"]
    assert found['telegraphql_upstream_requests_total{operation="GetCalls",outcome="UNAVAILABLE",provider="a"}'] == 3
    assert found['telegraphql_upstream_retries_total{provider="a"}'] == 2
    assert found['telegraphql_operations_total{outcome="partial",type="query"}'] == 1
    assert found['telegraphql_problems_total{code="UNAVAILABLE",provider="a"}'] == 1
    assert found['telegraphql_provider_up{provider="a"}'] == 0


async def test_an_accident_is_counted_as_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("telegraphql.gateway.resolvers.pages.Lister", lambda *_: 1 / 0)
    async with place() as here:
        await here.ask()
        assert (await here.numbers())['telegraphql_operations_total{outcome="internal",type="query"}'] == 1


async def test_operations_are_counted_by_caller_and_name() -> None:
    async with place() as here:
        for _ in range(2):
            await here.ask("query Another { __typename }")
        await here.ask("{ nothing }")
        found = await here.numbers()
    assert found['telegraphql_caller_operations_total{caller="local",operation="Another",outcome="ok"}'] == 2
    assert found['telegraphql_caller_operations_total{caller="local",operation="",outcome="refused"}'] == 1


def test_the_names_that_clients_choose_are_bounded_and_subjects_of_tokens_are_no_labels() -> None:
    metrics = Metrics()
    for number in range(3 * MAX_CALLER_OPERATIONS):
        metrics.count_caller(f"jwt:{number}", f"Name{number}", "ok")
        metrics.count_caller("desk", "Known", "ok")
    text = metrics.text(None).decode()
    series = [line for line in text.splitlines() if line.startswith("telegraphql_caller_operations_total{")]
    assert len(series) == MAX_CALLER_OPERATIONS + 1
    assert f'{{caller="desk",operation="Known",outcome="ok"}} {3 * MAX_CALLER_OPERATIONS}.0' in text
    assert f'{{caller="jwt",operation="other",outcome="ok"}} {2 * MAX_CALLER_OPERATIONS + 1}.0' in text
    assert "jwt:" not in text


async def test_waits_and_breakers_are_seen() -> None:
    async with place() as here:
        recorder = here.engine.providers["a"].provider.upstream.recorder
        recorder.waited("rate", 0.002)
        recorder.waited("queue", 0.0009)
        recorder.breaker(BreakerState.OPEN)
        found = await here.numbers()
    assert found['telegraphql_upstream_wait_seconds_count{provider="a",reason="rate"}'] == 1
    assert found['telegraphql_upstream_wait_seconds_sum{provider="a",reason="rate"}'] == 0.002
    assert not any('reason="queue"' in name for name in found)
    assert found['telegraphql_circuit_breaker_state{provider="a"}'] == 2


async def test_what_the_cache_had_and_the_bytes_of_files_are_counted() -> None:
    async with place() as here:
        for result in ("hit", "hit", "miss", "stale"):
            here.engine.providers["a"].provider.upstream.recorder.cached(result)
        answer = await here.ask('{ recordings(filter: {providers: ["a"]}) { nodes { media { url } } } }')
        (node,) = answer.json()["data"]["recordings"]["nodes"]
        assert (await here.client.get(node["media"]["url"])).content == b"sound"
        found = await here.numbers()
    assert {name: found[f'telegraphql_cache_lookups_total{{provider="a",result="{name}"}}'] for name in ("hit", "miss", "stale")} == {
        "hit": 2,
        "miss": 1,
        "stale": 1,
    }
    assert found['telegraphql_media_bytes_total{provider="a"}'] == 5
    assert found['telegraphql_upstream_requests_total{operation="GetFile",outcome="OK",provider="a"}'] == 1


async def test_counts_go_on_over_a_reload_and_removed_providers_are_forgotten() -> None:
    async with place() as here:
        await here.ask()
        other, _ = engine(names=("b", "c"))
        await here.engine.adopt(other).aclose()
        await here.ask()
        found = await here.numbers()
    sent = {
        name: found.get(f'telegraphql_upstream_requests_total{{operation="GetCalls",outcome="OK",provider="{name}"}}') for name in "abc"
    }
    assert sent == {"a": None, "b": 2, "c": 1}
    assert found['telegraphql_operations_total{outcome="ok",type="query"}'] == 2
    assert not any('provider="a"' in name for name in found)


async def test_two_gateways_in_one_process_count_apart() -> None:
    async with place() as one, place() as other:
        await one.ask()
        assert not any(name.startswith("telegraphql_operations_total") for name in await other.numbers())


async def test_an_admin_of_one_provider_does_not_learn_of_the_others() -> None:
    async with place() as here:
        await here.ask()
        assert here.engine.instruments.metrics is not None
        text = here.engine.instruments.metrics.text({"a"}).decode()
    assert ('provider="a"' in text, 'provider="b"' in text) == (True, False)
    assert 'telegraphql_operations_total{outcome="ok",type="query"} 1.0' in text


async def test_the_version_is_a_label() -> None:
    assert f'telegraphql_build_info{{version="{__version__}"}} 1.0\n'.encode() in Metrics().text(None)


async def test_metrics_that_are_off_cost_and_tell_nothing() -> None:
    async with place(metrics={"enabled": False}) as here:
        assert (await here.ask(QUERY)).status_code == 200
        assert (await here.client.get("/metrics")).status_code == 404
        assert here.engine.instruments.metrics is None
        assert here.engine.providers["a"].provider.upstream.recorder.metrics is None


def test_the_page_about_observing_names_every_metric() -> None:
    metrics = Metrics()
    metrics.report_redis(lambda: True)
    metrics.report_health(dict)
    metrics.report_compilation(works=True)
    report_load(metrics, ConcurrencyLimit(), LoopClock())
    known = {family.name + SUFFIXES.get(family.type, "") for family in metrics.registry.collect()}
    cells = re.findall(r"^\| (`telegraphql_.+?) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    told = {name for cell in cells for name in re.findall(r"`(telegraphql_\w+)", cell)}
    assert told == {name for name in known if name.startswith("telegraphql_")}


async def test_the_work_of_operations_is_counted() -> None:
    async with place() as here:
        answer = await here.ask()
        await here.ask("{ __typename }")
        found = await here.numbers()
    rows = answer.json()["extensions"]["cost"]["spent"]["rows"]
    assert rows > 0
    assert found["telegraphql_operation_rows_total"] == rows
    assert found["telegraphql_operation_longest_step_seconds_count"] == 1
