"""The settings of a PBX."""

from pydantic import Field, SecretStr, model_validator

from telegraphql.plugin import ResilienceSettings, Settings

FILTERABLE = (
    "caller",
    "callee",
    "started_at",
    "direction",
    "status_code",
    "duration",
    "answered_at",
    "session_id",
    "id",
    "status",
    "extension_number",
    "end_reason",
    "trunk",
    "did_cid",
    "outbound_caller_id",
)


class PortsipLimits(ResilienceSettings):
    """Rates within those of the REST API.

    It admits 1,000 requests a minute up to version 16.1, and 5,000 since 16.2, unless `access_limit` in system.ini differs.
    Source: the vendor's page "How to Adjust the REST API Rate Limit?".
    """

    requests_per_second: float = Field(
        default=16.0, gt=0, description="Requests per second, on average. With version 16.2 or later, 80 is safe."
    )
    burst: int | None = Field(default=100, ge=1, description="Requests that may be sent at once after a pause.")


class PortsipSettings(Settings):
    """The settings of a PBX."""

    base_url: str = Field(description="URL of the PBX's API, such as https://pbx.example.com:8887/api.")
    token: SecretStr | None = Field(default=None, description="Bearer token, instead of user and password. It is not renewed.")
    username: str | None = Field(
        default=None, description="User name, or on version 16 the extension number, of the login. It must have access to the whole tenant."
    )
    password: SecretStr | None = Field(default=None, description="Password of the login.")
    domain: str | None = Field(default=None, description="SIP domain of the tenant. Leave it out for a system administrator.")
    has_call_logs: bool = Field(
        default=True, description="Whether the PBX has /calllogs (since 22.1). Without it, each session is one call."
    )
    filterable: tuple[str, ...] = Field(
        default=FILTERABLE, description="Properties that this PBX filters by, besides times. Remove those that it refuses."
    )

    limits: PortsipLimits = Field(default_factory=PortsipLimits, description="How the upstream is protected, and we from it.")

    @model_validator(mode="after")
    def _check_credentials(self) -> "PortsipSettings":
        has_login = self.username is not None or self.password is not None or self.domain is not None
        if self.token is not None and has_login:
            raise ValueError("set either `token`, or `username` and `password`")
        if self.token is None and (self.username is None or self.password is None):
            raise ValueError("set `username` and `password` (and `domain`, except for a system administrator), or `token`")
        return self
