"""Settings: telegraphql.toml and the environment, checked to the last key before anything starts."""

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
from pydantic_settings import SettingsError as UnreadableVariable

from telegraphql.gateway.auth.settings import CallersSettings
from telegraphql.gateway.cluster.settings import ClusterSettings
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

DEFAULT_FILE = Path("telegraphql.toml")
ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#@\s]+")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")


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
        """The configured secret, or None if this process has drawn its own."""
        return self.secret if "secret" in self.model_fields_set else None


class GatewaySettings(BaseSettings):
    """The whole configuration. Environment variables such as TELEGRAPHQL_SERVER__PORT win over the file."""

    model_config = SettingsConfigDict(env_prefix="TELEGRAPHQL_", env_nested_delimiter="__", extra="forbid", hide_input_in_errors=True)

    server: ServerSettings = Field(default_factory=ServerSettings)
    media: MediaSettings = Field(default_factory=MediaSettings)
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
    # Not shown: what stood in the environment or in files for its secrets stands here now.
    providers: dict[str, dict[str, Any]] = Field(default_factory=dict, repr=False)

    @property
    def production(self) -> bool:
        """Whether strangers may reach the server."""
        if self.server.production is not None:
            return self.server.production
        return not self.callers.is_open

    @property
    def shows_graphiql(self) -> bool:
        """Whether there is a page for people."""
        return self.server.production is not True if self.server.graphiql is None else self.server.graphiql

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment first, then the file."""
        return env_settings, init_settings

    @field_validator("providers")
    @classmethod
    def _named(cls, providers: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        for name, table in providers.items():
            if not NAME.fullmatch(name):
                raise ValueError(f"the provider name {name!r} may hold letters, digits, '.', '_' and '-' only")
            if not isinstance(table.get("plugin"), str):
                raise ValueError(f'providers.{name} needs plugin = "..."')
        return providers


def read_config(path: Path | None) -> GatewaySettings:
    """The settings from a file (telegraphql.toml here, unless told otherwise) and the environment."""
    chosen = path or DEFAULT_FILE
    if not chosen.exists():
        raise SettingsError(f"there is no {chosen}; write one (see the README) or try `telegraphql serve --sandbox`")
    try:
        given = tomllib.loads(chosen.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{chosen} is not TOML: {error}") from None
    except OSError as error:
        raise SettingsError(f"cannot read {chosen} ({error.strerror})") from None
    return build_config(given, chosen.parent)


def build_config(given: Mapping[str, Any], folder: Path) -> GatewaySettings:
    """The settings from a parsed file; secrets and key files are looked up from its folder."""
    try:
        return GatewaySettings(**_resolved(dict(given), folder, ""))
    except ValidationError as error:
        raise SettingsError(format_errors(error, "")) from None
    except UnreadableVariable as error:
        raise SettingsError(f"the environment: {error}") from None


def format_errors(error: ValidationError, where: str) -> str:
    """What is wrong with settings, key by key, without their values."""
    lines = []
    for each in error.errors(include_url=False, include_context=False, include_input=False):
        key = ".".join([*([where] if where else []), *(str(part) for part in each["loc"])])
        text = "unknown key" if each["type"] == "extra_forbidden" else each["msg"].removeprefix("Value error, ")
        lines.append(f"{key}: {text}" if key else text)
    return "; ".join(lines)


def _resolved(value: Any, folder: Path, where: str) -> Any:
    """Tables {env = "NAME"} and {file = "PATH"} replaced by what they name; paths under *_file and *_folder keys made absolute."""
    if not isinstance(value, dict):
        return value
    if set(value) == {"env"}:
        name = str(value["env"])
        if name not in os.environ:
            raise SettingsError(f"{where}: the environment variable {name} is not set")
        return os.environ[name]
    if set(value) == {"file"}:
        try:
            return (folder / str(value["file"])).read_text("utf-8").strip()
        except OSError as error:
            raise SettingsError(f"{where}: cannot read {value['file']} ({error.strerror})") from None
        except UnicodeDecodeError:
            raise SettingsError(f"{where}: {value['file']} is not text") from None
    return {key: _path(key, _resolved(each, folder, f"{where}.{key}" if where else key), folder) for key, each in value.items()}


def _path(key: str, value: Any, folder: Path) -> Any:
    return str(folder.absolute() / value) if key.endswith(("_file", "_folder")) and isinstance(value, str) else value
