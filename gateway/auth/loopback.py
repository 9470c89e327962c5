"""Binding: an open gateway listens on loopback only, and answers only to loopback's names."""

from collections.abc import Callable, Collection
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

from telegraphql.gateway.auth.settings import CallersSettings, is_loopback
from telegraphql.gateway.errors import SettingsError

OPEN = (
    "{host} can be reached from other machines, and no callers are configured: everybody could read and delete all records. "
    "Make a key with `telegraphql key new NAME` and put its table into the configuration, configure [callers.jwt], "
    "listen on 127.0.0.1, or say what everybody may do: TELEGRAPHQL_CALLERS__ANONYMOUS='[\"read\"]'"
)


def check_binding(host: str, callers: CallersSettings) -> None:
    """SettingsError where the gateway would be open to other machines."""
    if callers.is_open and not is_loopback(host):
        raise SettingsError(OPEN.format(host=host or "every address"))


class Configured(Protocol):
    """What is asked of a configuration here."""

    @property
    def server(self) -> Any:
        """Where it listens."""

    @property
    def callers(self) -> CallersSettings:
        """Who may call."""


C = TypeVar("C", bound=Configured)


def bound(read: Callable[[], C], host: str | None) -> Callable[[], C]:
    """How a configuration is read, now and again, for a gateway that listens where it says at first: a gateway that others can reach
    must not become open because its callers were taken out."""
    listening: list[str] = []

    def checked() -> C:
        found = read()
        listening[:] = listening or [host or found.server.host]
        check_binding(listening[0], found.callers)
        return found

    return checked


def warning(host: str, callers: CallersSettings) -> str | None:
    """What to tell who checks the configuration of a gateway that asks nobody who they are; None where it asks."""
    if not callers.is_open:
        return None
    if is_loopback(host):
        return "nobody is asked who they are: every program of this machine can read and delete all records (telegraphql key new NAME)"
    return OPEN.format(host=host or "every address")


def is_ours(host: str, allowed: Collection[str]) -> bool:
    """Whether a Host header names this machine, or an allowed name. Others may be a page's own, made to lead here (DNS rebinding)."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return is_loopback(name) or name in allowed
