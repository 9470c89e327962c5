"""Runtime: the configured providers, their clients and all other state of a running gateway."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import httpx
from pydantic import SecretStr, ValidationError

from telegraphql.gateway import console
from telegraphql.gateway.auth.authentication import Authentication
from telegraphql.gateway.auth.caller import LOCAL, Caller, payer_of
from telegraphql.gateway.auth.settings import CallersSettings
from telegraphql.gateway.config.mistakes import ConfigError, Mistake, mistakes_of
from telegraphql.gateway.config.provider_tables import read_settings, twins
from telegraphql.gateway.config.settings import GatewaySettings
from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.graphql.validation.concurrency_limit import ConcurrencyLimit
from telegraphql.gateway.graphql.validation.introspection import is_introspection_allowed
from telegraphql.gateway.graphql.validation.persisted import PersistedQueries
from telegraphql.gateway.media.links import MediaLinks
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.cursor import NO_SECRET, Seal, seal_of
from telegraphql.gateway.plugin.mapping_errors import MappingError
from telegraphql.gateway.plugin.phone_numbers import Numbering
from telegraphql.gateway.plugin.provider import LocalSettings, Provider, Settings
from telegraphql.gateway.plugin.provider_values import check_provider_values
from telegraphql.gateway.plugin.registry import Plugins, Unusable, plugins
from telegraphql.gateway.resolvers.context import RequestContext
from telegraphql.gateway.subscriptions.hub import SubscriptionHub
from telegraphql.gateway.upstream.cache import Cache
from telegraphql.gateway.upstream.client import Upstream
from telegraphql.gateway.upstream.health import Health
from telegraphql.gateway.upstream.http_transport import CertificateFileError, client
from telegraphql.gateway.upstream.instrumentation import Recorder
from telegraphql.gateway.upstream.instruments import UpstreamInstruments
from telegraphql.gateway.upstream.local_io import Local, NoNetwork
from telegraphql.gateway.upstream.request_budget import RequestBudget
from telegraphql.gateway.upstream.resilience import Resilience
from telegraphql.gateway.upstream.settings import proxy_url

if TYPE_CHECKING:
    from telegraphql.gateway.cluster.shared_state import SharedState

log = logging.getLogger("telegraphql")


@dataclass(slots=True)
class ShutdownState:
    """The phases of a shutdown.

    Attributes:
        draining: /readyz answers 503, so that load balancers stop sending requests; new connections are still accepted.
        closing: Set when new connections are refused and event streams end.
    """

    draining: bool = False
    closing: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Runtime:
    """The state of a running gateway. It outlives a reload of the configuration.

    Attributes:
        providers: The providers in use, by id.
        broken: Why a configured provider is not in use, by name.
        warnings: What works, and should be changed in the configuration.
    """

    settings: GatewaySettings
    providers: dict[str, BoundProvider]
    files: MediaLinks
    broken: dict[str, str] = field(default_factory=dict)
    persisted_queries: PersistedQueries = field(default_factory=PersistedQueries)
    warnings: tuple[str, ...] = ()
    concurrency_limit: ConcurrencyLimit = field(init=False)
    instruments: UpstreamInstruments = field(default_factory=UpstreamInstruments)
    cache: Cache | None = None
    shared_state: "SharedState | None" = None
    subscription_hub: SubscriptionHub = field(init=False)
    shutdown: ShutdownState = field(default_factory=ShutdownState)
    authentication: Authentication = field(default_factory=lambda: Authentication(CallersSettings(), ()))

    def __post_init__(self) -> None:
        limits = self.settings.limits
        self.concurrency_limit = ConcurrencyLimit(limits)
        self.concurrency_limit.memory.kept = None if self.cache is None else self.cache.kept
        budget = RequestBudget.lasting(limits.deadline, limits.upstream_requests, work=limits.work, memory=self.concurrency_limit.memory)
        self.subscription_hub = SubscriptionHub(self.providers, self.settings.subscriptions, budget)
        if self.shared_state is not None:
            self.shared_state.share_polling(self.subscription_hub)

    @classmethod
    def build(cls, settings: GatewaySettings, installed: Plugins | None = None) -> "Runtime":
        """Build the runtime of a configuration. Providers of a broken plugin are left out and logged.

        Raises:
            SettingsError: The configuration is wrong.
        """
        shared_state = _shared_state(settings)
        authentication = Authentication(settings.callers, settings.providers, shared_state.is_revoked if shared_state else None)
        logging.getLogger("httpx").setLevel(logging.WARNING)  # at INFO it logs whole URLs, secrets included
        installed = installed or plugins()
        providers: dict[str, BoundProvider] = {}
        broken: dict[str, str] = {}
        cache = Cache.of(settings.cache)
        if shared_state is not None:
            shared_state.share_cache(cache)
        services = SharedServices(cache, shared_state, settings.network.proxy)
        mistakes: list[Mistake] = []
        for name, table in settings.providers.items():
            try:
                if name in settings.unusable:
                    raise Unusable(settings.unusable[name])
                serving = BoundProvider.of(create_provider(name, table, installed.named(table["plugin"]), services))
                providers[serving.id] = serving
            except (Unusable, MappingError) as error:
                is_told = isinstance(error, Unusable)
                broken[name] = str(error) if is_told else f"its plugin {table['plugin']} is broken: {error}"
                log.error("the provider %s is disabled: %s", name, error)
            except ConfigError as error:
                mistakes += error.mistakes
            except SettingsError as error:
                mistakes.append(Mistake(("providers", name, "plugin"), str(error)))
        if mistakes:
            raise ConfigError(mistakes, settings.source)
        accounts = {each.name: (type(each.provider).plugin, each.provider.settings) for each in providers.values()}
        warnings = (*settings.warnings, *twins(accounts))
        for warning in warnings:
            log.warning(warning)
        files = MediaLinks(settings.media.secret.get_secret_value(), settings.media.link_lifetime, settings.server.public_url)
        queries = PersistedQueries(settings.persisted_queries, console.operations() if settings.serves_console else {})
        return cls(
            settings,
            providers,
            files,
            broken,
            queries,
            warnings=warnings,
            cache=cache,
            shared_state=shared_state,
            authentication=authentication,
        )

    def context(self, caller: Caller = LOCAL) -> RequestContext:
        """Return a new context for one request of a caller who was just authenticated."""
        limits, memory = self.settings.limits, self.concurrency_limit.memory
        budget = RequestBudget.lasting(limits.deadline, limits.upstream_requests, False, limits.work, memory, payer_of(caller.name))
        return RequestContext(
            caller=caller,
            serving=caller.visible(self.providers),
            files=self.files,
            budget=budget,
            most_slices=limits.scan_requests,
            statistics_settings=self.settings.statistics,
            instruments=self.instruments,
            subscription_hub=self.subscription_hub,
            limits=limits,
            concurrency_limit=self.concurrency_limit,
            persisted_queries=self.persisted_queries,
            allows_introspection=self._allows_introspection,
            seal=seal_of(self._cursor_key, "" if self.authentication.is_open else caller.name),
            current_context=self.current_context,
        )

    def current_context(self, caller: Caller) -> RequestContext:
        """Return a new context for a caller who was authenticated some time ago, with its present rights."""
        return self.context(self.authentication.refresh(caller))

    def _allows_introspection(self, caller: Caller) -> bool:
        return is_introspection_allowed(self.settings.limits, self.settings.production, caller)

    def start_telemetry(self) -> None:
        """Start the configured metrics and traces. Only the server does; commands such as `check` do not."""
        self.instruments = UpstreamInstruments.of(self.settings.metrics, self.settings.tracing)
        self.instruments.observe({each.name: each.provider.upstream for each in self.providers.values()})
        if self.instruments.metrics is not None:
            self.instruments.metrics.report_health(lambda: {name: health.up for name, health in self.healths.items()})
        if self.shared_state is not None and self.instruments.metrics is not None:
            self.instruments.metrics.report_redis(lambda: self.shared_state is not None and self.shared_state.redis.is_up)

    @cached_property
    def _cursor_key(self) -> bytes:
        """Return the key that cursors are sealed with. It is derived from media.secret, so that all replicas have the same."""
        media = self.settings.media
        return Seal.key(media.secret.get_secret_value()) if "secret" in media.model_fields_set else NO_SECRET

    @property
    def names(self) -> Mapping[str, str]:
        """Return the name of each provider, by its id."""
        return {id: each.name for id, each in self.providers.items()}

    @property
    def healths(self) -> Mapping[str, Health]:
        """Return the health of each provider, by name."""
        return {each.name: each.provider.upstream.health for each in self.providers.values()}

    def adopt(self, other: "Runtime") -> "Runtime":
        """Take over another runtime's configuration and providers.

        Requests in progress go on with the old ones, which are returned and must be closed later.
        """
        old = Runtime(self.settings, self.providers, self.files, self.broken, cache=self.cache)
        old.shared_state, self.shared_state = self.shared_state, other.shared_state
        if self.shared_state is not None:
            self.shared_state.start(old.shared_state)
        self.settings, self.providers, self.broken, self.cache = other.settings, other.providers, other.broken, other.cache
        if self.cache is not None and old.cache is not None:
            self.cache.take_over(old.cache)
        self.concurrency_limit.adapt(self.settings.limits)
        self.concurrency_limit.memory.kept = None if self.cache is None else self.cache.kept
        self.__dict__.pop("_cursor_key", None)
        self.instruments.observe({each.name: each.provider.upstream for each in self.providers.values()})
        self.subscription_hub.adopt(other.subscription_hub)
        self.persisted_queries, self.authentication = other.persisted_queries, other.authentication
        if "media" in other.settings.model_fields_set:
            self.files = other.files
        return old

    async def aclose(self) -> None:
        """Close all connections."""
        await self.subscription_hub.aclose()
        for each in self.providers.values():
            await each.provider.upstream.aclose()
        if self.cache is not None:
            await self.cache.aclose()
        if self.shared_state is not None:
            await self.shared_state.aclose()


@dataclass(frozen=True, slots=True)
class SharedServices:
    """Services that all providers of one configuration use."""

    cache: Cache | None = None
    shared_state: "SharedState | None" = None
    proxy: SecretStr | None = None


def create_provider(name: str, table: Mapping[str, Any], plugin: type[Provider], services: SharedServices = SharedServices()) -> Provider:
    """Create a provider from its table in the configuration.

    Raises:
        ConfigError: The table is wrong.
        MappingError: A mapping of the plugin reads what the provider does not have.
    """
    try:
        settings = read_settings(plugin, table)
    except ValidationError as error:
        raise ConfigError(mistakes_of(error, plugin.settings_type, ("providers", name))) from None
    account, health = settings.id or name, Health()
    limits, shared = settings.limits, services.shared_state
    rate = shared.rate_limit(account, limits.requests_per_second, limits.largest_burst) if shared else None
    resilience = Resilience(limits, health, Recorder(name), rate)
    cached = None if services.cache is None else services.cache.for_account(account, table, resilience.recorder)
    base_url, file_hosts, other_urls = _urls(settings)
    local = Local(limits.max_concurrency, limits.read_timeout)
    upstream = Upstream(_client(settings, name, services.proxy), base_url, file_hosts, health, resilience, cached, local, other_urls)
    return connect(plugin, name, settings, upstream)


def connect(plugin: type[Provider], name: str, settings: LocalSettings, upstream: Upstream) -> Provider:
    """Create a provider that sends its requests with a client.

    Raises:
        MappingError: A mapping of the plugin reads what the provider does not have.
    """
    provider = plugin(name, settings, upstream, Numbering(settings.region, plugin.bare_numbers_are_international))
    upstream.provider = provider
    check_provider_values(provider)
    return provider


def _shared_state(settings: GatewaySettings) -> "SharedState | None":
    # Imported on demand: without [cluster] the Redis client is not loaded.
    if settings.cluster.redis_url is None:
        return None
    from telegraphql.gateway.cluster.shared_state import SharedState

    return SharedState.of(settings.cluster, settings.media.configured_secret)


def _urls(settings: LocalSettings) -> tuple[str, tuple[str, ...], Mapping[str, str]]:
    return (settings.base_url, settings.file_hosts, settings.other_urls) if isinstance(settings, Settings) else ("", (), {})


def _client(settings: LocalSettings, name: str, proxy: SecretStr | None) -> httpx.AsyncClient:
    if not isinstance(settings, Settings):
        return httpx.AsyncClient(transport=NoNetwork(), trust_env=False)
    try:
        return client(settings.limits, settings.ca_file, proxy_url(settings.proxy, proxy), settings.client_cert_file)
    except CertificateFileError as error:
        raise ConfigError([Mistake(("providers", name, error.setting), str(error))]) from None
    except ValueError as error:
        key = ("network", "proxy") if settings.proxy is None else ("providers", name, "proxy")
        raise ConfigError([Mistake(key, str(error))]) from None
