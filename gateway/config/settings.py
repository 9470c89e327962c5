"""The configuration: telegraphql.toml and environment variables. Unknown keys are errors."""

import re
import secrets
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as VariableError

from telegraphql.gateway.auth.settings import CallersSettings
from telegraphql.gateway.cluster.settings import ClusterSettings
from telegraphql.gateway.config.mistakes import ConfigError, ConfigFile, Mistake, mistakes_of
from telegraphql.gateway.config.provider_tables import provider_mistakes, readable_secrets, table_mistakes
from telegraphql.gateway.config.toml_lines import key_lines
from telegraphql.gateway.config.values import Resolver, unknown_variables
from telegraphql.gateway.duration import Duration, Seconds
from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.federation.settings import FederationSettings
from telegraphql.gateway.graphql.compiler.settings import ExecutionSettings
from telegraphql.gateway.graphql.validation.limits import Limits
from telegraphql.gateway.graphql.validation.persisted import PersistedQuerySettings
from telegraphql.gateway.statistics.settings import StatisticsSettings
from telegraphql.gateway.subscriptions.settings import SubscriptionSettings
from telegraphql.gateway.telemetry.settings import LogSettings, MetricsSettings, TracingSettings
from telegraphql.gateway.upstream.cache import CacheSettings
from telegraphql.gateway.upstream.settings import NetworkSettings

DEFAULT_FILE = Path("telegraphql.toml")
ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#@\s]+")
CONFIG_VERSION = 1
NO_FILE = ConfigFile()
MIN_SECRET = 16


class ServerSettings(BaseModel):
    """The HTTP server: address, connections, shutdown, CORS."""

    model_config = ConfigDict(extra="forbid")

    host: str = Field(default="127.0.0.1", description="The address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="The port to listen on; 0: any free port.")
    public_url: str = Field(default="", description="The URL at which clients reach the gateway, used in links; empty: relative links.")
    cors_origins: list[str] = Field(
        default_factory=list,
        description='Allowed CORS origins, such as "https://desk.example.com"; ["*"]: all. A change needs a restart.',
    )
    startup_check: bool = Field(default=True, description="Send one request to each provider at start-up to learn its health.")
    idle_check: Duration = Field(
        default=timedelta(minutes=5),
        gt=timedelta(0),
        description="Send one request to a provider that was asked nothing for so long. So its health is known also when nobody uses it, "
        "and tokens that end without use stay alive.",
    )
    shutdown_timeout: Seconds = Field(
        default=30.0, gt=0, description="After SIGTERM: the longest time until the process ends. Requests in progress are completed."
    )
    drain_delay: Seconds = Field(
        default=1.0,
        ge=0,
        description="After SIGTERM: how long /readyz answers 503 while new connections are still accepted. Part of shutdown_timeout.",
    )
    request_timeout: Seconds = Field(
        default=20.0, gt=0, description="The longest time for receiving a request's head and body. A change needs a restart."
    )
    health_port: int | None = Field(
        default=None,
        ge=0,
        le=65535,
        description="A port on which a thread answers /healthz and /readyz without authentication, also while the gateway is busy. "
        "A change needs a restart.",
    )
    write_timeout: Seconds = Field(
        default=60.0,
        gt=0,
        description="The longest time for which a client takes nothing of a response that waits for it. A change needs a restart.",
    )
    max_connections_per_ip: int | None = Field(
        default=None,
        ge=1,
        description="Simultaneous connections of one IP address; unset: unlimited. Behind a proxy, all share the proxy's address. "
        "A change needs a restart.",
    )
    compress: bool = Field(default=True, description="Compress responses with gzip, except media files. A change needs a restart.")
    allowed_hosts: list[str] = Field(
        default_factory=list,
        description="Host names besides localhost that an open gateway on loopback accepts (protection against DNS rebinding).",
    )
    production: bool | None = Field(
        default=None,
        description="Production mode: introspection and suggestions are off. Unset: on if callers are configured.",
    )
    graphiql: bool | None = Field(default=None, description="Serve GraphiQL; unset: yes, unless production is true.")
    console: bool | None = Field(
        default=None, description="Serve the console at /, and accept its operations; unset: yes, unless production is true."
    )

    @field_validator("cors_origins")
    @classmethod
    def _check_origins(cls, origins: list[str]) -> list[str]:
        for origin in origins:
            if origin != "*" and not ORIGIN.fullmatch(origin):
                raise ValueError(f"{origin!r} is not an origin: write scheme, host and port, such as https://desk.example.com, or *")
        return origins


class MediaSettings(BaseModel):
    """Signed links to media files."""

    model_config = ConfigDict(extra="forbid")

    secret: SecretStr = Field(
        default_factory=lambda: SecretStr(secrets.token_urlsafe(32)),
        description="The key that signs links; the same on all replicas. Unset: a new key at each start, which invalidates all links.",
    )
    link_lifetime: Duration = Field(default=timedelta(hours=1), description="How long a link is valid.")

    @field_validator("secret")
    @classmethod
    def _check_secret(cls, secret: SecretStr) -> SecretStr:
        if len(secret.get_secret_value()) < MIN_SECRET:
            raise ValueError(f"write at least {MIN_SECRET} characters, such as those of `openssl rand -base64 32`")
        return secret

    @property
    def configured_secret(self) -> SecretStr | None:
        """Return the configured secret, or None if this process has generated its own."""
        return self.secret if "secret" in self.model_fields_set else None


class GatewaySettings(BaseSettings):
    """The whole configuration. Environment variables such as TELEGRAPHQL_SERVER__PORT override the file."""

    model_config = SettingsConfigDict(env_prefix="TELEGRAPHQL_", env_nested_delimiter="__", extra="forbid", hide_input_in_errors=True)

    config_version: int = Field(default=CONFIG_VERSION, description="The version of the configuration's format.")
    server: ServerSettings = Field(default_factory=ServerSettings)
    media: MediaSettings = Field(default_factory=MediaSettings)
    network: NetworkSettings = Field(default_factory=NetworkSettings)
    limits: Limits = Field(default_factory=Limits)
    callers: CallersSettings = Field(default_factory=CallersSettings)
    execution: ExecutionSettings = Field(default_factory=ExecutionSettings)
    federation: FederationSettings = Field(default_factory=FederationSettings)
    subscriptions: SubscriptionSettings = Field(default_factory=SubscriptionSettings)
    statistics: StatisticsSettings = Field(default_factory=StatisticsSettings)
    persisted_queries: PersistedQuerySettings = Field(default_factory=PersistedQuerySettings)
    cache: CacheSettings = Field(default_factory=CacheSettings)
    cluster: ClusterSettings = Field(default_factory=ClusterSettings)
    metrics: MetricsSettings = Field(default_factory=MetricsSettings)
    tracing: TracingSettings = Field(default_factory=TracingSettings)
    logs: LogSettings = Field(default_factory=LogSettings)
    # Not in the repr: it contains secrets.
    providers: dict[str, dict[str, Any]] = Field(default_factory=dict, repr=False)

    @property
    def production(self) -> bool:
        """Return True in production mode: as configured, or if callers are configured."""
        if self.server.production is not None:
            return self.server.production
        return not self.callers.is_open

    @property
    def serves_graphiql(self) -> bool:
        """Return True if GraphiQL is served: as configured, or unless `server.production` is true."""
        return self.server.production is not True if self.server.graphiql is None else self.server.graphiql

    @property
    def serves_console(self) -> bool:
        """Return True if the console is served: as configured, or unless `server.production` is true."""
        return self.server.production is not True if self.server.console is None else self.server.console

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the sources by priority: the environment, then the file."""
        return env_settings, init_settings

    # Where the keys stand, for messages; and why an account cannot be used, by its name: the secret of one must not stop the others.
    _source: ConfigFile = PrivateAttr(default_factory=ConfigFile)
    _unusable: dict[str, str] = PrivateAttr(default_factory=dict)
    _warnings: tuple[str, ...] = PrivateAttr(default=())

    @property
    def source(self) -> ConfigFile:
        """Return the file that the settings were read from."""
        return self._source

    @property
    def unusable(self) -> Mapping[str, str]:
        """Return the providers whose secrets cannot be read, with the reason."""
        return self._unusable

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return what works, and should be changed."""
        return self._warnings

    @field_validator("config_version")
    @classmethod
    def _check_version(cls, version: int) -> int:
        if version != CONFIG_VERSION:
            raise ValueError(f"this gateway reads config_version = {CONFIG_VERSION}; see the changelog for what changed")
        return version


def read_config(path: Path | None) -> GatewaySettings:
    """Read the configuration from a file and the environment. The default is telegraphql.toml in the working directory.

    Raises:
        SettingsError: The file is missing or not TOML.
        ConfigError: The configuration is wrong.
    """
    path = path or DEFAULT_FILE
    if not path.exists():
        raise SettingsError(f"{path} does not exist; write one with `telegraphql init`, or try `telegraphql serve --sandbox`")
    try:
        text = path.read_text("utf-8")
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not TOML: {error}") from None
    except OSError as error:
        raise SettingsError(f"cannot read {path} ({error.strerror})") from None
    return build_config(values, path.parent, ConfigFile(path, key_lines(text)))


def build_config(values: Mapping[str, Any], folder: Path, source: ConfigFile = NO_FILE) -> GatewaySettings:
    """Build the configuration from parsed TOML and the environment. Relative paths are resolved against `folder`.

    Raises:
        ConfigError: The configuration is wrong. The tables of the providers are checked when they are opened, and with the other mistakes.
    """
    resolver = Resolver(folder)
    resolved = resolver.resolve(values)
    mistakes = [*resolver.mistakes, *unknown_variables(GatewaySettings.model_fields)]
    try:
        settings = GatewaySettings(**resolved)
    except ValidationError as error:
        mistakes += mistakes_of(error, GatewaySettings)
    except VariableError as error:
        mistakes.append(Mistake((), f"environment variables: {error}"))
    else:
        mistakes += table_mistakes(settings.providers)
        settings._source, settings._unusable = source, resolver.unusable
        settings._warnings = tuple(readable_secrets(values, source.path))
        if not mistakes:
            return settings
    tables = resolved.get("providers")
    raise ConfigError([*mistakes, *(provider_mistakes(tables, resolver.unusable) if isinstance(tables, dict) else ())], source) from None
