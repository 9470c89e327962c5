"""The settings of a VoIPstudio account."""

from typing import Literal

from pydantic import Field, SecretStr, model_validator

from telegraphql.plugin import ResilienceSettings, Settings

MAX_PAGE = 5000  # used by the vendor's own connector; the limit is not documented


class VoipstudioLimits(ResilienceSettings):
    """Gentle rates, since no number is published.

    The vendor's command-line client sends one request at a time.
    Source: the vendor's connector and command-line client.
    """

    requests_per_second: float = Field(default=10.0, gt=0, description="Requests per second, on average.")
    burst: int | None = Field(default=20, ge=1, description="Requests that may be sent at once after a pause.")
    max_concurrency: int = Field(default=8, ge=1, description="Requests under way at the same time.")


class VoipstudioSettings(Settings):
    """The settings of a VoIPstudio account: an API token, or an e-mail address with its password."""

    base_url: str = Field(default="https://l7api.com", description="URL of the Level 7 API.")
    version: Literal["v1.1", "v1.2"] = Field(default="v1.2", description="API version. v1.1 has fewer references between records.")
    auth: Literal["token", "basic"] = Field(
        default="token", description="How to send the API token: as X-Auth-Token, or as Basic with `user_id`."
    )
    user_id: str | None = Field(default=None, description='User id of the API token. Required with auth = "basic".')
    api_token: SecretStr | None = Field(default=None, description="API token. The gateway sees what its user may see.")
    email: str | None = Field(default=None, description="E-mail address of the login, if there is no API token.")
    password: SecretStr | None = Field(default=None, description="Password of the login, if there is no API token.")
    page_size: int = Field(
        default=1000, ge=1, le=MAX_PAGE, description="Maximum records per request. Reduce it if the upstream refuses long pages."
    )

    limits: VoipstudioLimits = Field(default_factory=VoipstudioLimits, description="How the upstream is protected, and we from it.")

    @model_validator(mode="after")
    def _check_credentials(self) -> "VoipstudioSettings":
        login = self.email is not None or self.password is not None
        if (self.api_token is None) is not login:
            raise ValueError("set either `api_token`, or `email` and `password`")
        if login and (self.email is None or self.password is None):
            raise ValueError("set both `email` and `password`")
        if self.auth == "basic" and (self.api_token is None or self.user_id is None):
            raise ValueError('`auth = "basic"` needs `user_id` and `api_token`')
        return self
