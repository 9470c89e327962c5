"""Settings: where an Asterisk keeps its records, and how its dialplan is set up."""

from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from telegraphql.plugin import LocalSettings


class AsteriskSettings(LocalSettings):
    """An Asterisk's own files."""

    cdr_folder: str = Field(description="The folder with Master.csv and what it is rotated to, such as /var/log/asterisk/cdr-csv.")
    database: str | None = Field(
        default=None, description="A SQLite file in that folder, such as master.db, whose table cdr is read in place of Master.csv."
    )
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

    @field_validator("database")
    @classmethod
    def _is_a_name(cls, name: str | None) -> str | None:
        if name is not None and ("/" in name or name in ("", ".", "..")):
            raise ValueError("database is a file's name in `cdr_folder`, such as master.db, not a path")
        return name
