"""Reload of the configuration on SIGHUP, without interrupting requests in progress."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from telegraphql.gateway.config import GatewaySettings
from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.runtime import Runtime

log = logging.getLogger("telegraphql")


@asynccontextmanager
async def reload_on_sighup(runtime: Runtime, read_config: Callable[[], GatewaySettings] | None) -> AsyncIterator[None]:
    """Reload the configuration on each SIGHUP while the server runs. Without `read_config` the signal is not handled."""
    if read_config is None:
        yield
        return
    closing: set[asyncio.Task[None]] = set()
    loop = asyncio.get_running_loop()

    def reload() -> None:
        old = reload_config(runtime, read_config)
        if old is not None:
            task = loop.create_task(_close_after_deadline(old))
            closing.add(task)
            task.add_done_callback(closing.discard)

    loop.add_signal_handler(signal.SIGHUP, reload)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
        for task in closing:
            task.cancel()
        await asyncio.gather(*closing, return_exceptions=True)


def reload_config(runtime: Runtime, read_config: Callable[[], GatewaySettings]) -> Runtime | None:
    """Apply the configuration as it is now, and return the old runtime. A wrong configuration is logged and changes nothing."""
    try:
        old = runtime.adopt(Runtime.build(read_config()))
    except SettingsError as error:
        log.error("the configuration was not reloaded: %s", error)
        return None
    log.warning("the configuration was reloaded: %s", ", ".join(sorted(runtime.healths)) or "no providers")
    return old


async def _close_after_deadline(old: Runtime) -> None:
    """Close the old runtime when every operation that uses it has reached its deadline."""
    try:
        await asyncio.sleep(old.settings.limits.deadline)
    finally:
        await old.aclose()
