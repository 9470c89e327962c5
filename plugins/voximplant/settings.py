"""Settings: what a Voximplant account is configured with."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import Field, SecretStr, field_validator, model_validator

from telegraphql.plugin import Duration, Settings
from telegraphql.plugins.voximplant.auth import ServiceAccount

# Seen on live accounts: storage-gw-us-01 and storage-gw-ru-02.
STORAGE_HOSTS = "https://storage-gw-*-*.voximplant.com"


class VoximplantSettings(Settings):
    """A service account's key file, or an account id with an API key (which the vendor calls deprecated)."""

    base_url: str = Field(default="https://api.voximplant.com/platform_api", description="Where the Management API is.")
    credentials_file: str | None = Field(
        default=None, description="A service account's key: the JSON file with account_id, key_id and private_key from the control panel."
    )
    account_id: str | None = Field(
        default=None,
        coerce_numbers_to_str=True,
        description="The account. With a key file only for a child account that the parent's key is to act on.",
    )
    api_key: SecretStr | None = Field(
        default=None, description="The account's API key. With it, files in secure storage cannot be fetched; use a key file for them."
    )
    child_account_id: tuple[int, ...] | Literal["all"] = Field(
        default=(), description='Child accounts whose sessions and transactions are read too: a list of ids, or "all".'
    )
    children_only: bool = Field(default=False, description="Read the child accounts' sessions and transactions only.")
    application_id: int | None = Field(
        default=None, description="The application whose smart queues are the queues. Without it they are the older ACD queues."
    )
    history_start: datetime = Field(
        default=datetime(2012, 1, 1, tzinfo=UTC), description="Nothing before this date or moment is looked for; where lists end."
    )
    page_size: int = Field(default=1000, ge=1, le=1000, description="The most sessions or other rows per request.")
    session_span: Duration = Field(
        default=timedelta(hours=4), description="The longest time from a session's start to its last leg's start."
    )
    file_hosts: tuple[str, ...] = Field(
        default=(),
        validate_default=True,
        description="Other hosts from which files may be fetched, beside those of Voximplant's own storage.",
    )
    secure_file_hosts: tuple[str, ...] = Field(
        default=(),
        validate_default=True,
        description="Those of file_hosts that are sent this account's token, as Voximplant's own storage is.",
    )

    @field_validator("history_start")
    @classmethod
    def _in_utc(cls, start: datetime) -> datetime:
        return start if start.tzinfo else start.replace(tzinfo=UTC)

    @field_validator("file_hosts", "secure_file_hosts")
    @classmethod
    def _with_storage(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        return (*hosts, STORAGE_HOSTS)

    @model_validator(mode="after")
    def _complete(self) -> "VoximplantSettings":
        if (self.credentials_file is None) == (self.api_key is None):
            raise ValueError("give either `credentials_file`, or `account_id` and `api_key`")
        if self.api_key is not None and not self.account_id:
            raise ValueError("`api_key` needs `account_id` beside it")
        if self.children_only and not self.child_account_id:
            raise ValueError("`children_only` needs `child_account_id` beside it")
        if set(self.secure_file_hosts) - set(self.file_hosts):
            raise ValueError("`secure_file_hosts` holds a host that `file_hosts` does not")
        if self.credentials_file is not None:
            ServiceAccount.read(self.credentials_file)
        return self
