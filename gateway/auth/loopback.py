"""Protection of an open gateway: it listens on loopback only, and accepts only local host names (DNS rebinding)."""

from collections.abc import Callable, Collection
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

from telegraphql.gateway.auth.settings import CallersSettings, is_loopback
from telegraphql.gateway.errors import SettingsError

OPEN_TO_OTHERS = (
    "{host} can be reached from other machines, and no callers are configured: everybody could read and delete all records. "
    "Create a key with `telegraphql key new NAME` and add its table to the configuration, configure [callers.jwt], "
    "listen on 127.0.0.1, or give anonymous callers scopes: TELEGRAPHQL_CALLERS__ANONYMOUS='[\"read\"]'"
)
OPEN_LOCALLY = (
    "no callers are configured: every program of this machine can read and delete all records; create a key with `telegraphql key new NAME`"
)


def check_binding(host: str, callers: CallersSettings) -> None:
    """Check that other machines cannot reach an open gateway.

    Raises:
        SettingsError: They could.
    """
    if callers.is_open and not is_loopback(host):
        raise SettingsError(OPEN_TO_OTHERS.format(host=host or "every address"))


class ConfigLike(Protocol):
    """The part of the configuration that is read here."""

    @property
    def server(self) -> Any:
        """The server settings."""

    @property
    def callers(self) -> CallersSettings:
        """The callers settings."""


C = TypeVar("C", bound=ConfigLike)


def with_binding_check(read: Callable[[], C]) -> Callable[[], C]:
    """Return a function that reads the configuration and checks the binding.

    A reload is checked against the address of the first read, since that is where the server listens: removing all callers
    from the configuration must not open a gateway that other machines can reach.
    """
    listening: list[str] = []

    def checked() -> C:
        config = read()
        listening[:] = listening or [config.server.host]
        check_binding(listening[0], config.callers)
        return config

    return checked


def open_access_warning(host: str, callers: CallersSettings) -> str | None:
    """Return a warning about an open gateway, or None if callers are configured."""
    if not callers.is_open:
        return None
    return OPEN_LOCALLY if is_loopback(host) else OPEN_TO_OTHERS.format(host=host or "every address")


def is_allowed_host(host: str, allowed: Collection[str]) -> bool:
    """Return True if a Host header names this machine or an allowed host."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return is_loopback(name) or name in allowed
