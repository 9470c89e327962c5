"""The settings of a PBX."""

from pydantic import Field, SecretStr, model_validator

from telegraphql.plugin import Settings

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
)


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

    @model_validator(mode="after")
    def _check_credentials(self) -> "PortsipSettings":
        has_login = self.username is not None or self.password is not None or self.domain is not None
        if self.token is not None and has_login:
            raise ValueError("set either `token`, or `username` and `password`")
        if self.token is None and (self.username is None or self.password is None):
            raise ValueError("set `username` and `password` (and `domain`, except for a system administrator), or `token`")
        return self
