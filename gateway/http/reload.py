"""Reload of the configuration on SIGHUP, without interrupting requests in progress."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from operator import attrgetter

from telegraphql.gateway.config.settings import GatewaySettings
from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.runtime import Runtime

log = logging.getLogger("telegraphql")
# What a reload leaves as it was: keys, and whole tables.
NEED_RESTART = (
    "server.host",
    "server.port",
    "server.shutdown_timeout",
    "server.drain_delay",
    "server.request_timeout",
    "server.write_timeout",
    "server.health_port",
    "server.max_connections_per_ip",
    "server.cors_origins",
    "server.compress",
    "logs",
    "metrics",
    "tracing",
    "execution",
    "federation",
)


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
    before = runtime.settings
    try:
        old = runtime.adopt(Runtime.build(read_config()))
    except SettingsError as error:
        log.error("the configuration was not reloaded: %s", error)
        return None
    log.warning("the configuration was reloaded: %s", ", ".join(sorted(runtime.healths)) or "no providers")
    if ignored := changed_keys(before, runtime.settings):
        log.warning("these changes need a restart: %s", ", ".join(ignored))
    return old


def changed_keys(before: GatewaySettings, now: GatewaySettings) -> list[str]:
    """Return the keys that differ and that only a restart applies."""
    keys = [key for name in NEED_RESTART for key in ([name] if "." in name else [f"{name}.{each}" for each in _fields(before, name)])]
    return [key for key in keys if attrgetter(key)(before) != attrgetter(key)(now)]


def _fields(settings: GatewaySettings, table: str) -> list[str]:
    return list(type(getattr(settings, table)).model_fields)


async def _close_after_deadline(old: Runtime) -> None:
    """Close the old runtime when every operation that uses it has reached its deadline."""
    try:
        await asyncio.sleep(old.settings.limits.deadline)
    finally:
        await old.aclose()
