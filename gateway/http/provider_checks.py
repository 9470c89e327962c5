"""Provider checks: one cheap request to each provider, at start-up and when nobody has used it for long."""

import asyncio
import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from telegraphql.gateway.errors import UpstreamError
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.runtime import Runtime
from telegraphql.gateway.upstream.request_budget import RequestBudget, running

log = logging.getLogger("telegraphql")
# Looks per idle interval: a provider is checked at the latest an eighth of the interval after it became idle.
LOOKS = 8


async def check_providers(runtime: Runtime, providers: Iterable[BoundProvider] | None = None, when: str = "start-up") -> None:
    """Send one request to each provider, so that /readyz knows its state, and log those that fail."""
    chosen = runtime.providers.values() if providers is None else providers
    await asyncio.gather(*(_check(each, runtime.settings.limits.deadline, when) for each in chosen))


async def check_idle_providers(runtime: Runtime) -> None:
    """Check each provider that was asked nothing for `server.idle_check`, until cancelled.

    Alerts need the health of providers that nobody uses at night, and tokens of some upstreams end if they are not used for days. A reload
    may change the interval and the providers.
    """
    while True:
        interval = runtime.settings.server.idle_check
        await asyncio.sleep(interval.total_seconds() / LOOKS)
        await check_providers(runtime, [each for each in runtime.providers.values() if is_idle(each, interval)], "idle")


def is_idle(bound: BoundProvider, interval: timedelta) -> bool:
    """Return True if a provider has neither answered nor failed for so long."""
    heard = bound.provider.upstream.health.last_heard_at
    return heard is None or datetime.now(UTC) - heard >= interval


async def _check(bound: BoundProvider, seconds: float, when: str) -> None:
    with running(RequestBudget.lasting(seconds, fresh=True)):
        try:
            await bound.provider.check()
        except UpstreamError as error:
            log.warning("the %s check of the provider %s failed: %s (%s)", when, bound.name, error.message, error.problem.name)
        except Exception as error:  # a plugin's bug must not end the server
            log.error("the %s check of the provider %s failed unexpectedly: %s", when, bound.name, type(error).__name__)
