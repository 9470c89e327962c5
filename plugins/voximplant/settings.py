"""The settings of a Voximplant account."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import Field, SecretStr, field_validator, model_validator

from telegraphql.plugin import Duration, ResilienceSettings, Settings
from telegraphql.plugins.voximplant.auth import ServiceAccount

# Seen on live accounts: storage-gw-us-01 and storage-gw-ru-02.
STORAGE_HOSTS = "https://storage-gw-*-*.voximplant.com"


class VoximplantLimits(ResilienceSettings):
    """Gentle rates, since no number is published.

    An account that asks too often gets error 340, one that asks too much at once errors 314 and 515.
    Source: the error codes of the vendor's Management API reference.
    """

    requests_per_second: float = Field(default=20.0, gt=0, description="Requests per second, on average.")
    burst: int | None = Field(default=40, ge=1, description="Requests that may be sent at once after a pause.")
    max_concurrency: int = Field(default=8, ge=1, description="Requests under way at the same time.")


class VoximplantSettings(Settings):
    """The settings of a Voximplant account: a service account's key file, or an account id with an API key, which the vendor deprecates."""

    base_url: str = Field(default="https://api.voximplant.com/platform_api", description="URL of the Management API.")
    credentials_file: str | None = Field(
        default=None,
        description="Key file of a service account: the JSON file from the control panel, with account_id, key_id and private_key.",
    )
    account_id: str | None = Field(
        default=None,
        coerce_numbers_to_str=True,
        description="Account id. With a key file, only needed to act on a child account.",
    )
    api_key: SecretStr | None = Field(
        default=None, description="API key of the account. It cannot fetch files in secure storage: use a key file for them."
    )
    child_account_id: tuple[int, ...] | Literal["all"] = Field(
        default=(), description='Child accounts whose sessions and transactions are included: a list of ids, or "all".'
    )
    children_only: bool = Field(default=False, description="Read only the child accounts' sessions and transactions.")
    application_id: int | None = Field(
        default=None, description="Id of the application whose smart queues are listed. Default: the older ACD queues."
    )
    history_start: datetime = Field(
        default=datetime(2012, 1, 1, tzinfo=UTC), description="Start of the history: lists are read back to this date or time."
    )
    page_size: int = Field(default=1000, ge=1, le=1000, description="Maximum rows per request.")
    session_span: Duration = Field(
        default=timedelta(hours=4), description="Longest time from a session's start to the start of its last call."
    )
    file_hosts: tuple[str, ...] = Field(
        default=(),
        validate_default=True,
        description="Other hosts from which files may be fetched, beside those of Voximplant's own storage.",
    )
    secure_file_hosts: tuple[str, ...] = Field(
        default=(),
        validate_default=True,
        description="Hosts of `file_hosts` that receive this account's token, as Voximplant's own storage does.",
    )

    limits: VoximplantLimits = Field(default_factory=VoximplantLimits, description="How the upstream is protected, and we from it.")

    @field_validator("history_start")
    @classmethod
    def _to_utc(cls, start: datetime) -> datetime:
        return start if start.tzinfo else start.replace(tzinfo=UTC)

    @field_validator("file_hosts", "secure_file_hosts")
    @classmethod
    def _with_storage(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        return (*hosts, STORAGE_HOSTS)

    @model_validator(mode="after")
    def _check_combination(self) -> "VoximplantSettings":
        if (self.credentials_file is None) == (self.api_key is None):
            raise ValueError("set either `credentials_file`, or `account_id` and `api_key`")
        if self.api_key is not None and not self.account_id:
            raise ValueError("`api_key` also needs `account_id`")
        if self.children_only and not self.child_account_id:
            raise ValueError("`children_only` also needs `child_account_id`")
        if set(self.secure_file_hosts) - set(self.file_hosts):
            raise ValueError("`secure_file_hosts` has a host that is missing in `file_hosts`")
        if self.credentials_file is not None:
            ServiceAccount.read(self.credentials_file)
        return self
