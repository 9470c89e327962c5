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
    voicemail_folder: str | None = Field(
        default=None, description="The folder with the mailboxes, such as /var/spool/asterisk/voicemail; unset: voicemessages are not told."
    )
    queue_log_file: str | None = Field(
        default=None, description="The log of the queues, such as /var/log/asterisk/queue_log; unset: visits to queues are not told."
    )
    queue_log_table: str | None = Field(
        default=None, description="The table of the same database with the log of the queues, such as queue_log, in the place of the file."
    )
    cel_table: str | None = Field(
        default=None,
        description="The table of the same database with the channel events (CEL), such as cel; unset: transfers are not told.",
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

    @model_validator(mode="after")
    def _has_the_database_of_its_tables(self) -> Self:
        tables = [name for name in ("queue_log_table", "cel_table") if getattr(self, name) is not None]
        if tables and self.cdr_folder is not None:
            raise ValueError(f"{tables[0]} needs database_file or database_url: it is a table in the database of the call records")
        if self.queue_log_file is not None and self.queue_log_table is not None:
            raise ValueError("set queue_log_file or queue_log_table: one of them has the log of the queues")
        return self
