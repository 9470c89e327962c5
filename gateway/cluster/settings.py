"""The `[cluster]` settings: the Redis or Valkey server that replicas share."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from telegraphql.gateway.duration import Duration, Seconds

SCHEMES = {"redis": "redis", "rediss": "rediss", "unix": "unix", "valkey": "redis", "valkeys": "rediss"}
MIN_SECRET_LENGTH = 16
# Allowed query parameters of the URL. Timeouts, retries and decoding are not among them: this file or the code sets those.
QUERY = {"redis": {"db"}, "rediss": {"db", "ssl_certfile", "ssl_keyfile"}, "unix": {"db"}}


class ClusterSettings(BaseModel):
    """State shared by replicas through Redis or Valkey. Without `redis_url`, each replica works alone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    redis_url: SecretStr | None = Field(
        default=None,
        description="redis://:PASSWORD@HOST:6379/0, rediss:// for TLS, or unix://PATH; valkey:// and valkeys:// are accepted too.",
    )
    secret: SecretStr | None = Field(
        default=None,
        description="Encrypts stored values; the same on all replicas, at least 16 characters. Unset: media.secret.",
    )
    key_prefix: str = Field(
        default="telegraphql",
        pattern=r"^[A-Za-z0-9._:-]{1,64}$",
        description="The prefix of all keys. Gateways with different providers or callers need different prefixes.",
    )
    ca_file: str | None = Field(default=None, description="A PEM file of certificate authorities that are trusted besides the system's.")
    timeout: Seconds = Field(default=0.1, gt=0, le=5, description="The timeout of one command; after it, the server counts as down.")
    reconnect_delay: Seconds = Field(
        default=1.0, gt=0, description="The time between two connection attempts. Requests do not wait for the server while it is down."
    )
    replicas: int = Field(
        default=1, ge=1, description="The number of replicas. While the server is down, each uses 1/replicas of a provider's rate limit."
    )
    share_cache: bool = Field(default=True, description="Share the response cache, including its invalidation.")
    share_rate_limits: bool = Field(default=True, description="Share the rate limits and pauses of providers.")
    check_revocations: bool = Field(
        default=True, description="Refuse keys and tokens revoked with `telegraphql key revoke` or `token revoke`."
    )
    share_polling: bool = Field(default=True, description="Let one elected replica poll each provider for all replicas.")
    leader_lease: Duration = Field(
        default=timedelta(seconds=10),
        ge=timedelta(milliseconds=100),
        description="How long a polling replica may be silent before another replica takes over.",
    )

    @field_validator("redis_url")
    @classmethod
    def _check_url(cls, url: SecretStr | None) -> SecretStr | None:
        try:
            parts = urlsplit(url.get_secret_value()) if url else None
            wrong = parts is not None and (parts.scheme not in SCHEMES or not (parts.path if parts.scheme == "unix" else parts.hostname))
            _ = parts and parts.port
        except ValueError:
            wrong = True
        if wrong:
            raise ValueError("write redis://HOST:6379/0, rediss://HOST:6379/0 with TLS, or unix://PATH")
        if parts and {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)} - QUERY[SCHEMES[parts.scheme]]:
            raise ValueError("the only allowed query parameters are db and, with rediss://, ssl_certfile and ssl_keyfile")
        return url

    @field_validator("secret")
    @classmethod
    def _check_length(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and len(secret.get_secret_value()) < MIN_SECRET_LENGTH:
            raise ValueError(f"use at least {MIN_SECRET_LENGTH} characters, for example the output of `openssl rand -base64 32`")
        return secret
