"""Settings: where an Asterisk keeps its records, and how its dialplan is set up."""

from typing import Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator, model_validator

from telegraphql.plugin import LocalSettings

SCHEMES = ("postgresql", "mysql", "mariadb")
SOURCES = ("cdr_folder", "database_file", "database_url")


class AsteriskSettings(LocalSettings):
    """An Asterisk's own files."""

    cdr_folder: str | None = Field(
        default=None, description="The folder with Master.csv and what it is rotated to, such as /var/log/asterisk/cdr-csv."
    )
    database_file: str | None = Field(default=None, description="A SQLite file with the call records, such as /var/log/asterisk/master.db.")
    database_url: str | None = Field(
        default=None,
        description="URL of a PostgreSQL, MySQL or MariaDB database with the call records, without the password, such as "
        "mariadb://telegraphql@pbx.example.com/asteriskcdrdb.",
    )
    database_password: SecretStr | None = Field(default=None, description="The password of the user in `database_url`.")
    cdr_table: str = Field(default="cdr", description="The table with the call records.")
    recordings_folder: str | None = Field(
        default=None, description="The folder below which MixMonitor writes; unset: recordings are not told."
    )
    zone: str = Field(default="UTC", description="IANA name of the zone whose wall times Asterisk writes; UTC with usegmtime=yes.")
    inbound_contexts: tuple[str, ...] = Field(
        default=("from-trunk", "from-pstn", "from-did-direct"), description="Contexts of the dialplan in which calls from outside begin."
    )
    outbound_contexts: tuple[str, ...] = Field(default=(), description="Contexts in which only calls to outside begin.")
    internal_contexts: tuple[str, ...] = Field(
        default=("from-internal", "default"), description="Contexts in which the company's phones begin; by a trunk they go outside."
    )
    trunks: tuple[str, ...] = Field(default=(), description="The peers that lead outside, such as provider in PJSIP/provider-0000001a.")

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError("zone is not an IANA name such as Europe/Zurich") from None
        return name

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in SCHEMES or not parts.path.strip("/"):
            raise ValueError(f"database_url is not a URL such as {' or '.join(f'{each}://user@host/name' for each in SCHEMES)}")
        if parts.password is not None:
            raise ValueError("database_url holds a password; put it into `database_password`, which can be read from the environment")
        return url

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        given = [name for name in SOURCES if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"set one of {', '.join(SOURCES)}: where the call records are")
        return self
