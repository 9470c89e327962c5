"""The settings of a tenant at Boxis.net."""

from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from telegraphql.plugin import ResilienceSettings, Settings


class BoxisLimits(ResilienceSettings):
    """Gentle rates, since nothing is published. The API answers from the tenant's own PBX.

    Source: none; the vendor's document names no limit.
    """

    requests_per_second: float = Field(default=5.0, gt=0, description="Requests per second, on average.")
    burst: int | None = Field(default=20, ge=1, description="Requests that may be sent at once after a pause.")
    max_concurrency: int = Field(default=4, ge=1, description="Requests under way at the same time.")


class BoxisSettings(Settings):
    """The settings of a tenant at Boxis.net."""

    base_url: str = Field(default="https://api.boxis.net", description="URL of the API.")
    username: str = Field(description="The e-mail address of the API user.")
    user_key: SecretStr = Field(description="The API key of that user; only a hash of it is sent.")
    tenant: str = Field(description="The tenant whose calls are read, such as VOICE-12001-1.")
    return_type: Literal["json", "xml"] = Field(default="json", description="The response format to request.")
    timezone: str = Field(default="Europe/Zurich", description="IANA name of the time zone of the upstream's local times.")
    region: str | None = Field(default="CH", description="ISO 3166 country of numbers without a country code.")
    history_start: datetime = Field(
        default=datetime(2000, 1, 1, tzinfo=UTC), description="Start of the call history: lists are read back to this date or time."
    )

    limits: BoxisLimits = Field(default_factory=BoxisLimits, description="How the upstream is protected, and we from it.")

    @field_validator("timezone")
    @classmethod
    def _check_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError("timezone is not an IANA name such as Europe/Zurich") from None
        return name

    @field_validator("history_start")
    @classmethod
    def _to_utc(cls, start: datetime, info: ValidationInfo) -> datetime:
        local = start if start.tzinfo else start.replace(tzinfo=ZoneInfo(info.data.get("timezone", "UTC")))
        return local.astimezone(UTC)
