"""The check at start-up: what a library no longer does as it did is noticed before the first query, and queries are answered without it."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql.execution import Executor

from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.graphql.compiler.executor import Compiling
from telegraphql.gateway.http import app
from telegraphql.gateway.http.app import create_app
from telegraphql.gateway.http.graphql_schema import create_schema
from telegraphql.gateway.plugin.registry import Plugins
from telegraphql.gateway.runtime import Runtime
from telegraphql.schema import strawberry_internals
from tests.support.memory_provider import Memory, Store

Break = Callable[[pytest.MonkeyPatch], None]
BROKEN: dict[str, tuple[Break, str]] = {
    "Strawberry names its resolvers differently": (
        lambda patch: patch.setattr(strawberry_internals, "RESOLVER", "SchemaConverter."),
        "the resolver of a list cannot be called",
    ),
    "graphql-core's executor is built differently": (
        lambda patch: patch.setattr(Executor, "__init__", lambda self, schema: None),
        "TypeError: ",
    ),
    "a selection does not compile": (
        lambda patch: patch.setattr(Compiling, "unit", lambda self, of, details: None),
        "the selection does not compile",
    ),
    "the code fails": (
        lambda patch: patch.setattr(Compiling, "_attempted", lambda *_: {"nodes": [{}]}),
        "the compiled selection gives another result",
    ),
}


def test_with_the_installed_versions_selections_compile(caplog: pytest.LogCaptureFixture) -> None:
    schema = create_schema()
    assert schema.compiling_executor is not None
    # Nothing of the check stays in the caches.
    assert len(schema.compiling_executor.programs) == 0
    assert caplog.records == []


@pytest.mark.parametrize(("breaks", "reason"), BROKEN.values(), ids=BROKEN)
def test_one_warning_says_why_they_do_not(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, breaks: Break, reason: str
) -> None:
    with monkeypatch.context() as patch:
        breaks(patch)
        schema = create_schema()
    assert schema.compiling_executor is None
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage().startswith(f"compiled selections are off, so that queries take several times as long: {reason}")


async def answered(**settings: Any) -> tuple[Any, str]:
    """The answer of a gateway to a query, and its metrics."""
    runtime = Runtime.build(build_config({"providers": {"a": {"plugin": "memory"}}, **settings}, Path()), Plugins({"memory": Memory}, {}))
    provider: Any = runtime.providers["a"].provider
    provider.store = Store()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(create_app(runtime)), base_url="http://gateway") as client:
        data = (await client.post("/graphql", json={"query": "{ calls(first: 2) { nodes { nativeId } } }"})).json()["data"]
        metrics = (await client.get("/metrics")).text
    await runtime.aclose()
    return data, metrics


async def test_queries_are_answered_all_the_same_and_a_metric_tells() -> None:
    data, metrics = await answered()
    assert "\ntelegraphql_compiled_selections 1.0\n" in metrics
    with pytest.MonkeyPatch.context() as patch:
        BROKEN["a selection does not compile"][0](patch)
        # Not the schema that gateways of this run share.
        patch.setattr(app, "create_schema", create_schema)
        broken, without = await answered()
    assert broken == data
    assert "\ntelegraphql_compiled_selections 0.0\n" in without


async def test_where_compilation_is_switched_off_there_is_no_metric() -> None:
    _, metrics = await answered(execution={"compile": False})
    assert "telegraphql_compiled_selections" not in metrics
