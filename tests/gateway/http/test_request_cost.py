"""Cheapness: what one small request takes, counted in calls of Python functions, which are the same however busy the machine is."""

import asyncio
import json
from pathlib import Path
from typing import Any

from telegraphql.gateway.auth.api_keys import hash_key, new_key
from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.http import app
from telegraphql.gateway.plugin.registry import Plugins
from telegraphql.gateway.runtime import Runtime
from tests.support.function_count import answered, calls
from tests.support.memory_provider import Memory, Store

# As measured, and a fifth more: a layer that every request goes through does not come unawares.
MOST_CALLS = 321 * 6 // 5
BODY = json.dumps({"query": "{ __typename }"}).encode()
KEY = new_key()


def engine() -> Runtime:
    """A gateway with all that is on by default, and a caller who has a key."""
    given: dict[str, Any] = {
        "providers": {"a": {"plugin": "memory"}},
        "callers": {"keys": {"me": {"hash": hash_key(KEY), "scopes": ["read"]}}},
    }
    made = Runtime.build(build_config(given, Path()), Plugins({"memory": Memory}, {}))
    provider: Any = made.providers["a"].provider
    provider.store = Store()
    return made


async def made_calls(asgi: Any) -> int:
    """How many functions one request calls, once its document is known."""
    for _ in range(3):
        assert json.loads(await answered(asgi, BODY, KEY))["data"] == {"__typename": "Query"}
    return await calls(asgi, BODY, KEY)


async def test_a_small_request_goes_through_few_functions() -> None:
    made = engine()
    # What the garbage collector happens to call in between is not the request's.
    assert min([await made_calls(app.create_app(made)) for _ in range(2)]) <= MOST_CALLS
    await made.aclose()


async def test_a_request_that_waits_for_nothing_takes_no_task() -> None:
    made = engine()
    asgi = app.create_app(made)
    await answered(asgi, BODY, KEY)
    before = asyncio.all_tasks()
    await answered(asgi, BODY, KEY)
    assert asyncio.all_tasks() == before
    await made.aclose()
