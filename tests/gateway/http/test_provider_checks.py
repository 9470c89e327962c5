"""Provider checks: who is checked, when, and that no failure ends the server."""

import asyncio
import contextlib
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.errors import Unavailable, UpstreamError
from telegraphql.gateway.http import provider_checks
from telegraphql.gateway.http.provider_checks import check_idle_providers, check_providers, is_idle
from telegraphql.gateway.plugin.registry import Plugins
from telegraphql.gateway.runtime import Runtime
from tests.support.memory_provider import Memory, Store


class Watched(Memory):
    """Counts its checks."""

    plugin = "watched"
    store = Store()
    checks: list[str] = []  # noqa: RUF012 - shared on purpose
    failures: dict[str, Exception] = {}  # noqa: RUF012 - shared on purpose

    async def check(self) -> None:
        """Answer, or fail as told."""
        self.checks.append(self.name)
        if error := self.failures.get(self.name):
            if isinstance(error, UpstreamError):
                self.upstream.health.failed(error)
            raise error
        self.upstream.health.succeeded()


def runtime(idle_check: str = "12h", **failures: Exception) -> Runtime:
    Watched.failures = failures
    Watched.checks.clear()
    tables: dict[str, Any] = {name: {"plugin": "watched", "base_url": f"https://{name}.example"} for name in ("one", "two")}
    return Runtime.build(
        build_config({"providers": tables, "server": {"idle_check": idle_check}}, Path()), Plugins({"watched": Watched}, {})
    )


async def test_all_are_checked_at_the_start_and_failures_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    await check_providers(runtime(one=Unavailable("is down"), two=KeyError("secret")))
    assert sorted(Watched.checks) == ["one", "two"]
    assert [record.message for record in caplog.records] == [
        "the start-up check of the provider one failed: is down (UNAVAILABLE)",
        "the start-up check of the provider two failed unexpectedly: KeyError",
    ]


async def test_idle_is_who_has_neither_answered_nor_failed_for_long() -> None:
    (one, _) = runtime().providers.values()
    assert is_idle(one, timedelta(hours=12))
    one.provider.upstream.health.succeeded()
    assert not is_idle(one, timedelta(hours=12))
    one.provider.upstream.health.last_heard_at = datetime.now(UTC) - timedelta(hours=13)
    assert is_idle(one, timedelta(hours=12))
    one.provider.upstream.health.failed(Unavailable("is down"))
    assert not is_idle(one, timedelta(hours=12)), "an account whose login fails is not locked by trying it again and again"


async def test_only_idle_providers_are_checked_and_again_after_the_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    made = runtime("12h", two=Unavailable("is down"))
    waits: list[float] = []
    enough = asyncio.Event()

    async def passed(seconds: float) -> None:
        """Let an eighth of the interval pass."""
        waits.append(seconds)
        if len(waits) > 17:
            enough.set()
            await asyncio.Event().wait()
        for each in made.providers.values():
            if (heard := each.provider.upstream.health.last_heard_at) is not None:
                each.provider.upstream.health.last_heard_at = heard - timedelta(seconds=seconds)

    monkeypatch.setattr(provider_checks.asyncio, "sleep", passed)
    made.providers["one"].provider.upstream.health.succeeded()
    task = asyncio.create_task(check_idle_providers(made))
    await enough.wait()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert set(waits) == {5400.0}
    # The first has answered at the start: it is idle after 8 looks, and after 8 more. The second fails at once, and 8 and 16 looks later.
    assert (Watched.checks.count("one"), Watched.checks.count("two")) == (2, 3)
