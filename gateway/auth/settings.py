"""Settings of callers: who may call, with which keys or tokens, and what they may do and see."""

import re
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from telegraphql.gateway.auth.caller import Scope, Withheld

HASH = re.compile(r"sha256:[0-9a-f]{64}")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
# Only what is signed with a private key: whoever knows an HS* secret could make tokens, and the key set is public.
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
# The names of callers that no table configures.
RESERVED = frozenset({"local", "nobody", "anonymous"})


def _in_utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Moment = Annotated[datetime, AfterValidator(_in_utc)]


class KeySettings(BaseModel):
    """One caller with an API key."""

    model_config = ConfigDict(extra="forbid")

    hash: str = Field(repr=False, description="What `telegraphql key new` printed for the key: sha256:… in hexadecimal digits.")
    scopes: list[Scope] = Field(default=[Scope.READ], description="What the caller may do: read, media, write, admin.")
    providers: list[str] | None = Field(default=None, description="The providers that exist for the caller; absent means all.")
    withhold: list[Withheld] = Field(default=[], description="What the caller is not shown: native, personal.")
    expires: Moment | None = Field(
        default=None, description="When the key stops working, in UTC unless it says otherwise; absent means never."
    )

    @field_validator("hash")
    @classmethod
    def _a_hash(cls, text: str) -> str:
        if not HASH.fullmatch(text):
            raise ValueError("write sha256: and 64 hexadecimal digits, as `telegraphql key new` prints them; never the key itself")
        return text


class JwtSettings(BaseModel):
    """Callers with tokens of an identity provider."""

    model_config = ConfigDict(extra="forbid")

    issuer: str = Field(min_length=1, description="The `iss` that tokens must have.")
    audience: str = Field(min_length=1, description="The `aud` that tokens must have.")
    jwks_url: str | None = Field(default=None, description="Where the issuer publishes its keys; https, or http on loopback.")
    jwks_file: str | None = Field(default=None, description="A file with the issuer's keys, in place of jwks_url.")
    algorithms: list[str] = Field(
        default=["RS256", "ES256", "EdDSA"], min_length=1, description="The algorithms that tokens may be signed with; never HS* or none."
    )
    scopes_claim: str = Field(default="scope", description="The claim with the scopes, as words or a list; others than ours are ignored.")
    scopes: list[Scope] = Field(default=[Scope.READ], description="The scopes of tokens without that claim.")
    providers_claim: str | None = Field(
        default=None, description="The claim with a list of providers; a token without it sees none. Absent: the claim is not looked for."
    )
    providers: list[str] | None = Field(default=None, description="The most that any token may see; absent means all providers.")
    withhold: list[Withheld] = Field(default=[], description="What these callers are not shown: native, personal.")
    leeway: timedelta = Field(default=timedelta(seconds=30), ge=timedelta(0), description="How far clocks may differ.")
    refresh: timedelta = Field(
        default=timedelta(hours=1), gt=timedelta(0), description="After how long the issuer's keys are fetched again."
    )
    pause: timedelta = Field(
        default=timedelta(seconds=10), ge=timedelta(0), description="The least time between two fetches, whatever tokens ask for."
    )
    timeout: timedelta = Field(default=timedelta(seconds=5), gt=timedelta(0), description="How long one fetch of the keys may take.")

    @field_validator("algorithms")
    @classmethod
    def _asymmetric(cls, names: list[str]) -> list[str]:
        wrong = [name for name in names if name not in ALGORITHMS]
        if wrong:
            raise ValueError(f"{wrong[0]!r} is not allowed; allowed are {', '.join(sorted(ALGORITHMS))}")
        return names

    @model_validator(mode="after")
    def _one_source(self) -> "JwtSettings":
        if (self.jwks_url is None) is (self.jwks_file is None):
            raise ValueError("give jwks_url or jwks_file, one of them")
        parts = urlsplit(self.jwks_url or "https://file")
        if parts.scheme != "https" and (parts.scheme != "http" or not is_loopback(parts.hostname or "")):
            raise ValueError("jwks_url must begin with https://, or with http:// on loopback: who can change it can make tokens")
        return self


class CallersSettings(BaseModel):
    """Who may call. Without any of these the gateway is open, and then listens on loopback only."""

    model_config = ConfigDict(extra="forbid")

    keys: dict[str, KeySettings] = Field(default_factory=dict, description="Callers with API keys, by their names.")
    jwt: JwtSettings | None = Field(default=None, description="Callers with tokens of an identity provider.")
    anonymous: list[Scope] | None = Field(
        default=None, description="What callers without credentials may do; absent means nothing, once keys or jwt are configured."
    )

    @field_validator("keys")
    @classmethod
    def _told_apart(cls, keys: dict[str, KeySettings]) -> dict[str, KeySettings]:
        owners: dict[str, str] = {}
        for name, key in keys.items():
            if not NAME.fullmatch(name) or name in RESERVED:
                raise ValueError(
                    f"the name {name!r} may hold letters, digits, '.', '_' and '-' only, and not be {', '.join(sorted(RESERVED))}"
                )
            if key.hash in owners:
                raise ValueError(f"{owners[key.hash]} and {name} have the same key; give each caller its own")
            owners[key.hash] = name
        return keys

    @property
    def is_open(self) -> bool:
        """Whether nobody is asked who they are."""
        return not self.keys and self.jwt is None and self.anonymous is None


def is_loopback(host: str) -> bool:
    """Whether an address or name can only be reached from this machine."""
    return host == "localhost" or _is_loopback_address(host)


def _is_loopback_address(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
