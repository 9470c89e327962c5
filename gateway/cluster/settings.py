"""Settings: where replicas meet, what they share there, and how long anybody waits for it."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

SCHEMES = {"redis": "redis", "rediss": "rediss", "unix": "unix", "valkey": "redis", "valkeys": "rediss"}
LEAST_SECRET = 16
# What may be said in an address beside where it is. All the rest has settings, or is not for them: times, retries, what comes of bytes.
QUERY = {"redis": {"db"}, "rediss": {"db", "ssl_certfile", "ssl_keyfile"}, "unix": {"db"}}


class SharedSettings(BaseModel):
    """A Redis or Valkey that replicas share. Without a `url` nothing is shared, and nothing is asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: SecretStr | None = Field(
        default=None,
        description="Where it is: redis://:PASSWORD@HOST:6379/0, rediss:// with TLS, or unix://PATH; valkey:// and valkeys:// do as well.",
    )
    secret: SecretStr | None = Field(
        default=None,
        description="What is kept there is encrypted with this; the same on all replicas, 16 characters or more. Unset: media.secret.",
    )
    prefix: str = Field(
        default="telegraphql",
        pattern=r"^[A-Za-z0-9._:-]{1,64}$",
        description="What all keys there begin with; gateways with other providers or callers need another one.",
    )
    ca_file: str | None = Field(default=None, description="A PEM file of more authorities that may vouch for it than the system's.")
    timeout: float = Field(default=0.1, gt=0, le=5, description="Seconds to wait for it; then it counts as away.")
    rest: float = Field(default=1.0, gt=0, description="Seconds between two looks whether it is back; meanwhile no request waits for it.")
    replicas: int = Field(
        default=1, ge=1, description="How many replicas there are: while it is away, each takes this part of every provider's rate."
    )
    answers: bool = Field(default=True, description="Whether kept answers of upstreams are shared, and forgotten together.")
    rates: bool = Field(default=True, description="Whether providers' rates and pauses are kept together.")
    revocations: bool = Field(default=True, description="Whether keys and tokens that are revoked with the command line are refused.")
    following: bool = Field(default=True, description="Whether one replica looks for new calls on behalf of all.")
    lease: timedelta = Field(
        default=timedelta(seconds=10),
        ge=timedelta(milliseconds=100),
        description="After how long without a sign of the replica that looks for new calls another one does.",
    )

    @field_validator("url")
    @classmethod
    def _an_address(cls, url: SecretStr | None) -> SecretStr | None:
        try:
            parts = urlsplit(url.get_secret_value()) if url else None
            wrong = parts is not None and (parts.scheme not in SCHEMES or not (parts.path if parts.scheme == "unix" else parts.hostname))
            _ = parts and parts.port
        except ValueError:
            wrong = True
        if wrong:
            raise ValueError("write redis://HOST:6379/0, rediss://HOST:6379/0 with TLS, or unix://PATH")
        if parts and {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)} - QUERY[SCHEMES[parts.scheme]]:
            raise ValueError("after the ? only db may stand, and with rediss:// ssl_certfile and ssl_keyfile")
        return url

    @field_validator("secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and len(secret.get_secret_value()) < LEAST_SECRET:
            raise ValueError(f"give it {LEAST_SECRET} characters or more, such as `openssl rand -base64 32` prints")
        return secret
