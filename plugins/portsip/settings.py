"""Settings: how to reach a PBX and sign in, and what it can do."""

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
    """How to reach a PBX."""

    base_url: str = Field(description="The PBX's API, such as https://pbx.example.com:8887/api.")
    token: SecretStr | None = Field(default=None, description="A bearer token, instead of a user and password. It is not renewed.")
    username: str | None = Field(
        default=None, description="The user, or the number of the extension, that signs in. It must be allowed to see the whole tenant."
    )
    password: SecretStr | None = Field(default=None, description="The user's password.")
    domain: str | None = Field(default=None, description="The tenant's SIP domain. Leave it out for a system administrator.")
    has_call_logs: bool = Field(
        default=True, description="True if the PBX has /calllogs (since 22.1). Without it, each conversation is one call."
    )
    filterable: tuple[str, ...] = Field(
        default=FILTERABLE, description="The properties that this PBX filters by, besides times. Remove those that it refuses."
    )

    @model_validator(mode="after")
    def _one_sign_in(self) -> "PortsipSettings":
        signs_in = self.username is not None or self.password is not None or self.domain is not None
        if self.token is not None and signs_in:
            raise ValueError("give `token` or `username` and `password`, not both")
        if self.token is None and (self.username is None or self.password is None):
            raise ValueError("give `username` and `password` (and `domain`, except for a system administrator), or `token`")
        return self
