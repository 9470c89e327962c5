"""Runtime: the configured providers with their clients, opened and closed together."""

import asyncio
import logging
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import httpx
from pydantic import ValidationError

from telegraphql.gateway.auth.authentication import Authentication
from telegraphql.gateway.auth.caller import LOCAL, Caller
from telegraphql.gateway.auth.settings import CallersSettings
from telegraphql.gateway.config import GatewaySettings, explained
from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.graphql.validation.concurrency_limit import Admission
from telegraphql.gateway.graphql.validation.introspection import allowed
from telegraphql.gateway.graphql.validation.persisted import Persisted
from telegraphql.gateway.media.links import MediaLinks
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.cursor import NO_SECRET, Seal
from telegraphql.gateway.plugin.phone_numbers import Numbering
from telegraphql.gateway.plugin.provider import LocalSettings, Provider, Settings
from telegraphql.gateway.plugin.registry import Plugins, plugins
from telegraphql.gateway.resolvers.context import RequestContext
from telegraphql.gateway.subscriptions.hub import SubscriptionHub
from telegraphql.gateway.upstream.cache import Cache
from telegraphql.gateway.upstream.client import Upstream
from telegraphql.gateway.upstream.health import Health
from telegraphql.gateway.upstream.http_transport import client
from telegraphql.gateway.upstream.instrumentation import Recorder
from telegraphql.gateway.upstream.instruments import UpstreamInstruments
from telegraphql.gateway.upstream.local_io import Local, NoNetwork
from telegraphql.gateway.upstream.request_budget import RequestBudget
from telegraphql.gateway.upstream.resilience import Resilience

if TYPE_CHECKING:
    from telegraphql.gateway.cluster.shared_state import Sharing

log = logging.getLogger("telegraphql")
ADDRESS = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?\Z")


@dataclass(slots=True)
class ShutdownState:
    """`announced`: load balancers are told to send nobody any more. `begun`: nobody new is let in, and what never ends is ended."""

    announced: bool = False
    begun: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Runtime:
    """All that lives as long as the gateway. `broken` says why a configured provider is left out."""

    settings: GatewaySettings
    serving: dict[str, BoundProvider]
    files: MediaLinks
    broken: dict[str, str] = field(default_factory=dict)
    persisted: Persisted = field(default_factory=Persisted)
    admission: Admission = field(init=False)
    watch: UpstreamInstruments = field(default_factory=UpstreamInstruments)
    cache: Cache | None = None
    sharing: "Sharing | None" = None
    subscription_hub: SubscriptionHub = field(init=False)
    departure: ShutdownState = field(default_factory=ShutdownState)
    authentication: Authentication = field(default_factory=lambda: Authentication(CallersSettings(), ()))

    def __post_init__(self) -> None:
        limits = self.settings.limits
        pattern = RequestBudget(max_requests=limits.upstream_requests, deadline=time.monotonic() + limits.deadline)
        self.subscription_hub = SubscriptionHub(self.serving, self.settings.subscriptions, pattern)
        if self.sharing is not None:
            self.sharing.follow(self.subscription_hub)
        self.admission = Admission(lambda: self.settings.limits)

    @classmethod
    def build(cls, settings: GatewaySettings, installed: Plugins | None = None) -> "Runtime":
        """The configured providers. Wrong settings are a SettingsError; a broken plugin only leaves its providers out."""
        sharing = _sharing(settings)
        authentication = Authentication(settings.callers, settings.providers, sharing.is_revoked if sharing else None)
        logging.getLogger("httpx").setLevel(logging.WARNING)  # it writes whole URLs at INFO, secrets included
        installed = installed or plugins()
        serving: dict[str, BoundProvider] = {}
        broken: dict[str, str] = {}
        cache = Cache.of(settings.cache)
        if sharing is not None:
            sharing.keep(cache)
        common = Common(cache, sharing)
        for name, table in settings.providers.items():
            plugin = str(table["plugin"])
            if plugin in installed.broken:
                broken[name] = f"its plugin {plugin} is broken: {installed.broken[plugin]}"
                log.error("the provider %s is left out: %s", name, broken[name])
                continue
            serving[name] = BoundProvider.of(configured(name, table, installed.named(plugin), common))
        files = MediaLinks(settings.media.secret.get_secret_value(), settings.media.link_lifetime, settings.server.public_url)
        persisted = Persisted(settings.persisted_queries)
        return cls(settings, serving, files, broken, persisted, cache=cache, sharing=sharing, authentication=authentication)

    def context(self, caller: Caller = LOCAL) -> RequestContext:
        """A fresh context for one request of a caller, who may have ceased to be one."""
        limits, caller = self.settings.limits, self.authentication.still(caller)
        return RequestContext(
            caller=caller,
            serving=caller.seen(self.serving),
            files=self.files,
            healths=caller.seen(self.healths),
            budget=RequestBudget(max_requests=limits.upstream_requests, deadline=time.monotonic() + limits.deadline),
            most_slices=limits.scan_requests,
            statistics_settings=self.settings.statistics,
            instruments=self.watch,
            subscription_hub=self.subscription_hub,
            limits=limits,
            admission=self.admission,
            persisted=self.persisted,
            introspection=allowed(limits, self.settings.production, caller),
            seal=Seal(self._seals, "" if self.authentication.is_open else caller.name),
            current_context=self.context,
        )

    def observe(self) -> None:
        """Count and trace from now on, as the settings want it; a command that ends soon does not."""
        self.watch = UpstreamInstruments.of(self.settings.metrics, self.settings.tracing)
        self.watch.observe({name: each.provider.upstream for name, each in self.serving.items()})
        if self.sharing is not None and self.watch.metrics is not None:
            self.watch.metrics.shares(lambda: self.sharing is not None and self.sharing.line.up)

    @cached_property
    def _seals(self) -> bytes:
        """What cursors are sealed with; the same on all replicas, as the secret is."""
        media = self.settings.media
        return Seal.key(media.secret.get_secret_value()) if "secret" in media.model_fields_set else NO_SECRET

    @property
    def healths(self) -> Mapping[str, Health]:
        """How each provider is."""
        return {name: serving.provider.upstream.health for name, serving in self.serving.items()}

    def adopt(self, other: "Runtime") -> "Runtime":
        """Serve another's configuration from now on; what is under way goes on with the old one, which is returned to be closed later."""
        old = Runtime(self.settings, self.serving, self.files, self.broken, cache=self.cache)
        old.sharing, self.sharing = self.sharing, other.sharing
        if self.sharing is not None:
            self.sharing.start(old.sharing)
        self.settings, self.serving, self.broken, self.cache = other.settings, other.serving, other.broken, other.cache
        if self.cache is not None and old.cache is not None:
            self.cache.take_over(old.cache)
        self.__dict__.pop("_seals", None)
        self.watch.observe({name: each.provider.upstream for name, each in self.serving.items()})
        self.subscription_hub.adopt(other.subscription_hub)
        self.persisted, self.authentication = other.persisted, other.authentication
        if "media" in other.settings.model_fields_set:
            self.files = other.files
        return old

    async def aclose(self) -> None:
        """Close all connections."""
        await self.subscription_hub.aclose()
        for serving in self.serving.values():
            await serving.provider.upstream.aclose()
        if self.cache is not None:
            await self.cache.aclose()
        if self.sharing is not None:
            await self.sharing.aclose()


@dataclass(frozen=True, slots=True)
class Common:
    """What the providers of one configuration have in common, and what they share with other replicas."""

    cache: Cache | None = None
    sharing: "Sharing | None" = None


def configured(name: str, table: Mapping[str, Any], plugin: type[Provider], common: Common = Common()) -> Provider:
    """A provider from its table in the configuration."""
    given = {key: value for key, value in table.items() if key != "plugin"}
    try:
        settings = plugin.settings_type(**given)
    except ValidationError as error:
        raise SettingsError(explained(error, f"providers.{name}")) from None
    health = Health()
    rate = None if common.sharing is None else common.sharing.rate(name, settings.limits.requests_per_second)
    guard = Resilience(settings.limits, health, Recorder(name), rate)
    answers = None if common.cache is None else common.cache.for_account(name, table, guard.recorder)
    base_url, file_hosts = _address(settings, name)
    local = Local(settings.limits.max_concurrency, settings.limits.read_timeout)
    upstream = Upstream(_client(settings, name), base_url, file_hosts, health, guard, answers, local)
    provider = plugin(name, settings, upstream, Numbering(settings.region, plugin.bare_numbers_are_international))
    upstream.provider = provider
    return provider


def _sharing(settings: GatewaySettings) -> "Sharing | None":
    """What is shared with other replicas; who shares nothing does not even load what that takes."""
    if settings.cluster.redis_url is None:
        return None
    from telegraphql.gateway.cluster.shared_state import Sharing

    return Sharing.of(settings.cluster, settings.media.kept_secret)


def _address(settings: LocalSettings, name: str) -> tuple[str, tuple[str, ...]]:
    if not isinstance(settings, Settings):
        return "", ()
    if not ADDRESS.match(settings.base_url):
        raise SettingsError(f"providers.{name}.base_url: write it with its scheme and host, such as https://api.example.com")
    return settings.base_url, settings.file_hosts


def _client(settings: LocalSettings, name: str) -> httpx.AsyncClient:
    if not isinstance(settings, Settings):
        return httpx.AsyncClient(transport=NoNetwork(), trust_env=False)
    try:
        return client(settings.limits, settings.ca_file)
    except OSError:
        raise SettingsError(f"providers.{name}.ca_file: cannot be read as a PEM file of certificates") from None
