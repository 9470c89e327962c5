"""The settings of a Twilio account."""

import re
from typing import Literal

from pydantic import Field, SecretStr, field_validator, model_validator

from telegraphql.plugin import ResilienceSettings, Settings

# Where the vendor says that the files of messages are, with and without HTTP authentication of media.
MEDIA_HOSTS = ("https://mms.twiliocdn.com", "https://s3-external-1.amazonaws.com")
ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")
LOGIN = re.compile(r"(?:AC|SK)[0-9a-fA-F]{32}")


class TwilioLimits(ResilienceSettings):
    """Few requests at the same time, since their number is limited rather than their rate.

    No number is published. A refusal is HTTP 429 with error 20429.
    Source: the vendor's page of error 20429.
    The response header Twilio-Concurrent-Requests tells how many are under way.
    """

    max_concurrency: int = Field(
        default=16, ge=1, description="Requests under way at the same time, of all replicas and programs of the account."
    )


class TwilioSettings(Settings):
    """The settings of a Twilio account: an API key with its secret, or the account's own SID with its auth token."""

    base_url: str = Field(
        default="https://api.twilio.com", description="URL of the API. That of another region is such as https://api.dublin.ie1.twilio.com."
    )
    username: str = Field(description="SID of an API key (SK...), or of the account (AC...).")
    password: SecretStr = Field(description="Secret of the API key, or auth token of the account.")
    account_sid: str | None = Field(
        default=None,
        description="SID of the account to read, such as a subaccount of `username`. Required with an API key.",
    )
    recording_format: Literal["mp3", "wav"] = Field(default="mp3", description="Format in which recordings are fetched.")
    bare_numbers: bool = Field(
        default=False,
        description="True if telephone numbers never stand in SIP or WhatsApp addresses. The filters `from` and `to` are then sent to "
        "Twilio, which compares whole addresses.",
    )
    page_size: int = Field(default=1000, ge=1, le=1000, description="Maximum rows per request.")
    file_hosts: tuple[str, ...] = Field(
        default=(), validate_default=True, description="Other hosts from which files may be fetched, beside those of Twilio's own storage."
    )

    limits: TwilioLimits = Field(default_factory=TwilioLimits, description="How the upstream is protected, and we from it.")

    @field_validator("file_hosts")
    @classmethod
    def _with_storage(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        return (*hosts, *MEDIA_HOSTS)

    @model_validator(mode="after")
    def _check_account(self) -> "TwilioSettings":
        if not LOGIN.fullmatch(self.username):
            raise ValueError("`username` must be the SID of an API key (SK...) or of an account (AC...), with 32 hexadecimal digits")
        if self.account_sid is None and not ACCOUNT.fullmatch(self.username):
            raise ValueError("an API key as `username` also needs `account_sid`")
        if not ACCOUNT.fullmatch(self.account):
            raise ValueError("`account_sid` must be AC and 32 hexadecimal digits")
        return self

    @property
    def account(self) -> str:
        """Return the SID of the account to read."""
        return self.account_sid or self.username
