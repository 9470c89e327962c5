"""Settings: how a VoIPstudio account is configured."""

from typing import Literal

from pydantic import Field, SecretStr, model_validator

from telegraphql.plugin import Settings

MOST_PAGE = 5000  # the vendor's own connector reads pages of this length; the true limit is not documented


class VoipstudioSettings(Settings):
    """Credentials are an API token, or an e-mail address with its password."""

    base_url: str = Field(default="https://l7api.com", description="Where the Level 7 API is.")
    version: Literal["v1.1", "v1.2"] = Field(
        default="v1.2", description="The version of the API; v1.1 tells less of what belongs together."
    )
    auth: Literal["token", "basic"] = Field(
        default="token", description="How the API token is sent: as X-Auth-Token, or Basic with user_id."
    )
    user_id: str | None = Field(default=None, description='The user the API token is of; needed with auth = "basic".')
    api_token: SecretStr | None = Field(default=None, description="An API token; what its user may see is what the gateway sees.")
    email: str | None = Field(default=None, description="The e-mail address to log in with, where there is no API token.")
    password: SecretStr | None = Field(default=None, description="The password to log in with, where there is no API token.")
    page_size: int = Field(
        default=1000, ge=1, le=MOST_PAGE, description="The most records per request. Make it smaller if the upstream refuses pages so long."
    )

    @model_validator(mode="after")
    def _one_way_in(self) -> "VoipstudioSettings":
        login = self.email is not None or self.password is not None
        if (self.api_token is None) is not login:
            raise ValueError("give either `api_token`, or `email` and `password`")
        if login and (self.email is None or self.password is None):
            raise ValueError("`email` and `password` go together")
        if self.auth == "basic" and (self.api_token is None or self.user_id is None):
            raise ValueError('`auth = "basic"` needs `user_id` and `api_token`')
        return self
