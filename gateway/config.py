"""The configuration: telegraphql.toml and environment variables. Unknown keys are errors."""

import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as VariableError

from telegraphql.gateway.auth.settings import CallersSettings
from telegraphql.gateway.cluster.settings import ClusterSettings
from telegraphql.gateway.duration import Duration, Seconds
from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.federation.settings import FederationSettings
from telegraphql.gateway.graphql.compiler.settings import ExecutionSettings
from telegraphql.gateway.graphql.validation.limits import Limits
from telegraphql.gateway.graphql.validation.persisted import PersistedQuerySettings
from telegraphql.gateway.plugin.settings import NAME
from telegraphql.gateway.statistics.settings import StatisticsSettings
from telegraphql.gateway.subscriptions.settings import SubscriptionSettings
from telegraphql.gateway.telemetry.settings import LogSettings, MetricsSettings, TracingSettings
from telegraphql.gateway.upstream.cache import CacheSettings
from telegraphql.gateway.upstream.settings import NetworkSettings

DEFAULT_FILE = Path("telegraphql.toml")
ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#@\s]+")


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
        default=timedelta(hours=12),
        gt=timedelta(0),
        description="Send one request to a provider that has answered nothing for so long. It keeps tokens alive that end without use.",
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

    @property
    def configured_secret(self) -> SecretStr | None:
        """Return the configured secret, or None if this process has generated its own."""
        return self.secret if "secret" in self.model_fields_set else None


class GatewaySettings(BaseSettings):
    """The whole configuration. Environment variables such as TELEGRAPHQL_SERVER__PORT override the file."""

    model_config = SettingsConfigDict(env_prefix="TELEGRAPHQL_", env_nested_delimiter="__", extra="forbid", hide_input_in_errors=True)

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

    @field_validator("providers")
    @classmethod
    def _check_providers(cls, providers: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        owners: dict[str, str] = {}
        for name, table in providers.items():
            if not NAME.fullmatch(name):
                raise ValueError(f"the provider name {name!r} must consist of letters, digits, '.', '_' and '-'")
            if not isinstance(table.get("plugin"), str):
                raise ValueError(f'providers.{name} needs plugin = "..."')
            id = str(table.get("id", name))
            if id in owners:
                raise ValueError(f"providers.{owners[id]} and providers.{name} have the id {id!r}: write another id into one of them")
            owners[id] = name
        return providers


def read_config(path: Path | None) -> GatewaySettings:
    """Read the configuration from a file and the environment. The default is telegraphql.toml in the working directory.

    Raises:
        SettingsError: The file is missing, or the configuration is wrong.
    """
    path = path or DEFAULT_FILE
    if not path.exists():
        raise SettingsError(f"{path} does not exist; write it (see the README), or try `telegraphql serve --sandbox`")
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not TOML: {error}") from None
    except OSError as error:
        raise SettingsError(f"cannot read {path} ({error.strerror})") from None
    return build_config(values, path.parent)


def build_config(values: Mapping[str, Any], folder: Path) -> GatewaySettings:
    """Build the configuration from parsed TOML and the environment. Relative paths are resolved against `folder`.

    Raises:
        SettingsError: The configuration is wrong.
    """
    try:
        return GatewaySettings(**_resolve(dict(values), folder, ""))
    except ValidationError as error:
        raise SettingsError(format_errors(error, "")) from None
    except VariableError as error:
        raise SettingsError(f"environment variables: {error}") from None


def format_errors(error: ValidationError, prefix: str) -> str:
    """Return the errors of settings by key, without their values, which may be secret."""
    lines = []
    for each in error.errors(include_url=False, include_context=False, include_input=False):
        key = ".".join([*([prefix] if prefix else []), *(str(part) for part in each["loc"])])
        text = "unknown key" if each["type"] == "extra_forbidden" else each["msg"].removeprefix("Value error, ")
        lines.append(f"{key}: {text}" if key else text)
    return "; ".join(lines)


def _resolve(value: Any, folder: Path, key: str) -> Any:
    """Replace tables {env = "NAME"} and {file = "PATH"} by what they refer to, and make paths under *_file and *_folder keys absolute."""
    if not isinstance(value, dict):
        return value
    if set(value) == {"env"}:
        name = str(value["env"])
        if name not in os.environ:
            raise SettingsError(f"{key}: the environment variable {name} is not set")
        return os.environ[name]
    if set(value) == {"file"}:
        try:
            return (folder / str(value["file"])).read_text("utf-8").strip()
        except OSError as error:
            raise SettingsError(f"{key}: cannot read {value['file']} ({error.strerror})") from None
        except UnicodeDecodeError:
            raise SettingsError(f"{key}: {value['file']} is not UTF-8 text") from None
    return {name: _absolute(name, _resolve(each, folder, f"{key}.{name}" if key else name), folder) for name, each in value.items()}


def _absolute(name: str, value: Any, folder: Path) -> Any:
    return str(folder.absolute() / value) if name.endswith(("_file", "_folder")) and isinstance(value, str) else value
