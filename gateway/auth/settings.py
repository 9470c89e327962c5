"""The `[callers]` settings: API keys, JWTs, anonymous access."""

import re
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from telegraphql.gateway.auth.caller import SHARED_NAMES, Redaction, Scope
from telegraphql.gateway.duration import Duration

HASH = re.compile(r"sha256:[0-9a-f]{64}")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
# Asymmetric algorithms only: the key set is public, and with HS* whoever can verify a token can also forge one.
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})


def _in_utc(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)


Timestamp = Annotated[datetime, AfterValidator(_in_utc)]


class KeySettings(BaseModel):
    """One caller with an API key."""

    model_config = ConfigDict(extra="forbid")

    hash: str = Field(repr=False, description="The key's hash as printed by `telegraphql key new`: sha256: and 64 hexadecimal digits.")
    scopes: list[Scope] = Field(default=[Scope.READ], description="The caller's scopes: read, media, write, admin.")
    providers: list[str] | None = Field(default=None, description="The only providers that the caller can see; unset: all.")
    redact: list[Redaction] = Field(default=[], description="Data hidden from the caller: native, personal, recordings.")
    expires_at: Timestamp | None = Field(default=None, description="When the key expires, in UTC unless it has an offset; unset: never.")

    @field_validator("hash")
    @classmethod
    def _check_hash(cls, text: str) -> str:
        if not HASH.fullmatch(text):
            raise ValueError("write sha256: and 64 hexadecimal digits, as printed by `telegraphql key new`; never the key itself")
        return text


class ConsoleSignInSettings(BaseModel):
    """The console as a public client of the issuer, which signs people in with an authorization code and PKCE (RFC 7636)."""

    model_config = ConfigDict(extra="forbid")

    client_id: str = Field(min_length=1, description="The console's client id at the issuer.")
    scope: str = Field(default="openid", description="The requested scopes. `offline_access` at many issuers renews a token in time.")
    parameters: dict[str, str] = Field(
        default_factory=dict, description='More parameters of the requests, such as `audience` or `resource`: { audience = "telegraphql" }.'
    )
    token_origins: list[str] = Field(
        default=[], description="The origin of the issuer's token endpoint, if it is not the issuer's own: https://tokens.example.com."
    )

    @field_validator("token_origins")
    @classmethod
    def _check_origins(cls, origins: list[str]) -> list[str]:
        if wrong := [each for each in origins if origin_of(each) != each]:
            raise ValueError(f"{wrong[0]!r} is no origin: write https://, a host and nothing more")
        return origins


class JwtSettings(BaseModel):
    """Callers with JWTs of an identity provider."""

    model_config = ConfigDict(extra="forbid")

    issuer: str = Field(min_length=1, description="The required `iss` claim.")
    audience: str = Field(min_length=1, description="The required `aud` claim.")
    jwks_url: str | None = Field(default=None, description="The URL of the issuer's key set: https, or http on loopback.")
    jwks_file: str | None = Field(default=None, description="A file with the issuer's key set, instead of jwks_url.")
    algorithms: list[str] = Field(
        default=["RS256", "ES256", "EdDSA"], min_length=1, description="The accepted signature algorithms; HS* and none are refused."
    )
    scopes_claim: str = Field(
        default="scope", description="The claim with the scopes: a space-separated text or a list. Unknown scopes are ignored."
    )
    default_scopes: list[Scope] = Field(default=[Scope.READ], description="The scopes of a token without scopes_claim.")
    providers_claim: str | None = Field(
        default=None, description="The claim with a list of providers; a token without the claim sees none. Unset: no claim is read."
    )
    providers: list[str] | None = Field(default=None, description="The only providers that tokens can see; unset: all.")
    redact: list[Redaction] = Field(default=[], description="Data hidden from these callers: native, personal, recordings.")
    leeway: Duration = Field(default=timedelta(seconds=30), ge=timedelta(0), description="The accepted difference between clocks.")
    jwks_refresh_interval: Duration = Field(
        default=timedelta(hours=1), gt=timedelta(0), description="The time between two fetches of the key set."
    )
    jwks_cooldown: Duration = Field(
        default=timedelta(seconds=10), ge=timedelta(0), description="The least time between two fetches that unknown key ids cause."
    )
    jwks_timeout: Duration = Field(default=timedelta(seconds=5), gt=timedelta(0), description="The timeout of one fetch of the key set.")
    console: ConsoleSignInSettings | None = Field(default=None, description="How the console signs people in; unset: with API keys.")

    @field_validator("algorithms")
    @classmethod
    def _check_algorithms(cls, names: list[str]) -> list[str]:
        wrong = [name for name in names if name not in ALGORITHMS]
        if wrong:
            raise ValueError(f"{wrong[0]!r} is not allowed; allowed are {', '.join(sorted(ALGORITHMS))}")
        return names

    @model_validator(mode="after")
    def _check_key_source(self) -> "JwtSettings":
        if (self.jwks_url is None) is (self.jwks_file is None):
            raise ValueError("set either jwks_url or jwks_file")
        if not origin_of(self.jwks_url or "https://file"):
            raise ValueError(
                "jwks_url must begin with https://, or with http:// on loopback: whoever can change the answer can forge tokens"
            )
        return self

    @model_validator(mode="after")
    def _check_issuer_of_console(self) -> "JwtSettings":
        if self.console is not None and not origin_of(self.issuer):
            raise ValueError("the console signs in at an issuer that is a URL: https://, or http:// on loopback")
        return self

    @property
    def console_origins(self) -> list[str]:
        """Return the origins that the console asks when it signs somebody in."""
        return [] if self.console is None else sorted({origin_of(self.issuer), *self.console.token_origins})


class CallersSettings(BaseModel):
    """API keys, JWTs and anonymous access. If none is configured, the gateway is open and listens on loopback only."""

    model_config = ConfigDict(extra="forbid")

    keys: dict[str, KeySettings] = Field(default_factory=dict, description="Callers with API keys, by name.")
    jwt: JwtSettings | None = Field(default=None, description="Callers with JWTs of an identity provider.")
    anonymous: list[Scope] | None = Field(
        default=None, description="The scopes of callers without credentials; unset: none, if keys or jwt are configured."
    )

    @field_validator("keys")
    @classmethod
    def _check_keys(cls, keys: dict[str, KeySettings]) -> dict[str, KeySettings]:
        owners: dict[str, str] = {}
        for name, key in keys.items():
            if not NAME.fullmatch(name) or name in SHARED_NAMES:
                raise ValueError(
                    f"the name {name!r} must consist of letters, digits, '.', '_' and '-', and not be {', '.join(sorted(SHARED_NAMES))}"
                )
            if key.hash in owners:
                raise ValueError(f"{owners[key.hash]} and {name} have the same key; create a key for each caller")
            owners[key.hash] = name
        return keys

    @property
    def is_open(self) -> bool:
        """Return True if no caller is configured, so that every request is allowed everything."""
        return not self.keys and self.jwt is None and self.anonymous is None


def origin_of(url: str) -> str:
    """Return the origin of an https URL, or of an http URL on loopback, which nobody else can change on the way. "" for others."""
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    return f"{parts.scheme}://{parts.netloc}" if is_safe and parts.hostname and "@" not in parts.netloc else ""


def is_loopback(host: str) -> bool:
    """Return True if an IP address or host name is reachable from this machine only."""
    return host == "localhost" or _is_loopback_address(host)


def _is_loopback_address(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
