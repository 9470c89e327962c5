"""Sources: where the call records of an Asterisk are, as its settings say."""

from pathlib import Path
from zoneinfo import ZoneInfo

from telegraphql.plugin import SettingsError
from telegraphql.plugins.asterisk.lookup import Records
from telegraphql.plugins.asterisk.master import Master
from telegraphql.plugins.asterisk.settings import AsteriskSettings


def records_of(settings: AsteriskSettings, zone: ZoneInfo) -> Records:
    """Return the call records.

    Raises:
        SettingsError: They are in a database, and what reads it is not installed.
    """
    if settings.cdr_folder:
        return Master(Path(settings.cdr_folder), zone)
    try:
        from telegraphql.plugins.asterisk.database import Database
        from telegraphql.plugins.asterisk.engines import server_engine, sqlite_engine

        engine = sqlite_engine(Path(settings.database_file)) if settings.database_file else server_engine(settings)
    except ModuleNotFoundError as error:
        raise SettingsError(f"to read a database, install {error.name}: pip install 'telegraphql[asterisk]'") from None
    return Database(engine, settings.cdr_table, zone)
