"""Sources: where the records of an Asterisk are, as its settings say."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from telegraphql.plugin import Folder, SettingsError
from telegraphql.plugins.asterisk.lookup import Records
from telegraphql.plugins.asterisk.master import Master
from telegraphql.plugins.asterisk.queue_log_file import QueueLogFile
from telegraphql.plugins.asterisk.queue_visits import QueueLog
from telegraphql.plugins.asterisk.recordings import Recordings
from telegraphql.plugins.asterisk.settings import AsteriskSettings
from telegraphql.plugins.asterisk.voicemail import Mailboxes

if TYPE_CHECKING:
    from telegraphql.plugins.asterisk.channel_events import ChannelEvents


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources that are configured; None for the others."""

    records: Records
    sounds: Recordings | None
    voicemail: Mailboxes | None
    queue_log: QueueLog | None
    channel_events: "ChannelEvents | None"

    @property
    def checks(self) -> dict[str, Callable[[], None]]:
        """Return what reads a little of each, by its name."""
        named = {
            "records": self.records,
            "recordings": self.sounds,
            "voicemail": self.voicemail,
            "queue log": self.queue_log,
            "channel events": self.channel_events,
        }
        return {name: source.check for name, source in named.items() if source is not None}


def sources_of(settings: AsteriskSettings, zone: ZoneInfo) -> Sources:
    """Return the sources.

    Raises:
        SettingsError: They are in a database, and what reads it is not installed.
    """
    queue_log: QueueLog | None = QueueLogFile(Path(settings.queue_log_file)) if settings.queue_log_file else None
    sounds = Recordings(Folder(settings.recordings_folder), zone) if settings.recordings_folder else None
    voicemail = Mailboxes(Folder(settings.voicemail_folder)) if settings.voicemail_folder else None
    if settings.cdr_folder:
        return Sources(Master(Path(settings.cdr_folder), zone), sounds, voicemail, queue_log, None)
    try:
        from telegraphql.plugins.asterisk.channel_events import ChannelEvents
        from telegraphql.plugins.asterisk.database import Database
        from telegraphql.plugins.asterisk.engines import server_engine, sqlite_engine
        from telegraphql.plugins.asterisk.queue_log_table import QueueLogTable
        from telegraphql.plugins.asterisk.table_walk import Connections

        engine = sqlite_engine(Path(settings.database_file)) if settings.database_file else server_engine(settings)
    except ModuleNotFoundError as error:
        raise SettingsError(f"to read a database, install {error.name}: pip install 'telegraphql[asterisk]'") from None
    connections = Connections(engine)
    events = ChannelEvents(connections, settings.cel_table, zone) if settings.cel_table else None
    if settings.queue_log_table:
        queue_log = QueueLogTable(connections, settings.queue_log_table, zone)
    return Sources(Database(connections, settings.cdr_table, zone), sounds, voicemail, queue_log, events)
