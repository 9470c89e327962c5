"""Engine: the configured providers with their clients, opened and closed together."""

import logging
import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from pydantic import ValidationError

from gateway.callers.caller import LOCAL, Caller
from gateway.context import RequestContext
from gateway.errors import SettingsError
from gateway.numbers import Numbering
from gateway.provider import Provider, Settings
from gateway.registry import Plugins, plugins
from gateway.server.media import Files
from gateway.serving import Serving
from gateway.settings import GatewaySettings, explained
from gateway.transport.guard import Guard
from gateway.transport.health import Health
from gateway.transport.operation import Operation
from gateway.upstream import Upstream

log = logging.getLogger("telegraphql")
ADDRESS = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?\Z")


@dataclass
class Engine:
    """All that lives as long as the gateway. `broken` says why a configured provider is left out."""

    settings: GatewaySettings
    serving: dict[str, Serving]
    files: Files
    broken: dict[str, str] = field(default_factory=dict)

    @classmethod
    def build(cls, settings: GatewaySettings, installed: Plugins | None = None) -> "Engine":
        """The configured providers. Wrong settings are a SettingsError; a broken plugin only leaves its providers out."""
        logging.getLogger("httpx").setLevel(logging.WARNING)  # it writes whole URLs at INFO, secrets included
        installed = installed or plugins()
        serving: dict[str, Serving] = {}
        broken: dict[str, str] = {}
        for name, table in settings.providers.items():
            plugin = str(table["plugin"])
            if plugin in installed.broken:
                broken[name] = f"its plugin {plugin} is broken: {installed.broken[plugin]}"
                log.error("the provider %s is left out: %s", name, broken[name])
                continue
            serving[name] = Serving.of(configured(name, table, installed.named(plugin)))
        files = Files(settings.media.secret.get_secret_value(), settings.media.lifetime, settings.server.public_url)
        return cls(settings, serving, files, broken)

    def context(self, caller: Caller = LOCAL) -> RequestContext:
        """A fresh context for one request of a caller."""
        limits = self.settings.limits
        return RequestContext(
            caller=caller,
            serving=caller.seen(self.serving),
            files=self.files,
            healths=caller.seen(self.healths),
            operation=Operation(most_requests=limits.upstream_requests, deadline=time.monotonic() + limits.deadline),
            most_slices=limits.scan_requests,
        )

    @property
    def healths(self) -> Mapping[str, Health]:
        """How each provider is."""
        return {name: serving.provider.upstream.health for name, serving in self.serving.items()}

    def adopt(self, other: "Engine") -> "Engine":
        """Serve another's configuration from now on; what is under way goes on with the old one, which is returned to be closed later."""
        old = Engine(self.settings, self.serving, self.files, self.broken)
        self.settings, self.serving, self.broken = other.settings, other.serving, other.broken
        if "media" in other.settings.model_fields_set:
            self.files = other.files
        return old

    async def aclose(self) -> None:
        """Close all connections."""
        for serving in self.serving.values():
            await serving.provider.upstream.aclose()


def configured(name: str, table: Mapping[str, Any], plugin: type[Provider]) -> Provider:
    """A provider from its table in the configuration."""
    given = {key: value for key, value in table.items() if key != "plugin"}
    try:
        settings = plugin.settings_type(**given)
    except ValidationError as error:
        raise SettingsError(explained(error, f"providers.{name}")) from None
    if not ADDRESS.match(settings.base_url):
        raise SettingsError(f"providers.{name}.base_url: write it with its scheme and host, such as https://api.example.com")
    health = Health()
    upstream = Upstream(_client(settings, name), settings.base_url, settings.file_hosts, health, Guard(settings.limits, health))
    provider = plugin(name, settings, upstream, Numbering(settings.region, plugin.bare_numbers_are_international))
    upstream.provider = provider
    return provider


def _client(settings: Settings, name: str) -> httpx.AsyncClient:
    limits = settings.limits
    timeout = httpx.Timeout(limits.read_timeout, connect=limits.connect_timeout, pool=None)
    # The guard counts requests; files being downloaded come on top of them.
    pool = httpx.Limits(max_connections=None, max_keepalive_connections=limits.at_once)
    return httpx.AsyncClient(timeout=timeout, limits=pool, verify=_trust(settings.ca_file, name), trust_env=False)


def _trust(ca_file: str | None, name: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError:
        raise SettingsError(f"providers.{name}.ca_file: cannot be read as a PEM file of certificates") from None
