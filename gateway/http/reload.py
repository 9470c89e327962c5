"""Reloading: a changed configuration is taken up on SIGHUP, without dropping what is under way."""

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
async def reload_on_sighup(engine: Runtime, reread: Callable[[], GatewaySettings] | None) -> AsyncIterator[None]:
    """Listen for SIGHUP as long as the server runs."""
    if reread is None:
        yield
        return
    closing: set[asyncio.Task[None]] = set()
    loop = asyncio.get_running_loop()

    def reload() -> None:
        old = reload_config(engine, reread)
        if old is not None:
            task = loop.create_task(_close_later(old))
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


def reload_config(engine: Runtime, reread: Callable[[], GatewaySettings]) -> Runtime | None:
    """Take up the configuration as it is now and give back the old one; a wrong configuration changes nothing and is logged."""
    try:
        old = engine.adopt(Runtime.build(reread()))
    except SettingsError as error:
        log.error("the configuration was not reloaded: %s", error)
        return None
    log.warning("the configuration was reloaded: %s", ", ".join(sorted(engine.providers)) or "no providers")
    return old


async def _close_later(old: Runtime) -> None:
    """Close the old connections once every operation that may use them has reached its deadline."""
    try:
        await asyncio.sleep(old.settings.limits.deadline)
    finally:
        await old.aclose()
