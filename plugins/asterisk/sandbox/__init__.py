"""Sandbox: an Asterisk's files over made-up calls - Master.csv, an older one, MixMonitor's folder, the queue log and the mailboxes."""

import shutil
import wave
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

from telegraphql.plugin import LocalSandbox, RecordTruth, Row
from telegraphql.plugins.asterisk.sandbox import mailboxes, queue_log
from telegraphql.plugins.asterisk.sandbox.call_records import COLUMNS, ZONE, ConversationGenerator, append, known, line, moment, sound_name
from telegraphql.plugins.asterisk.sandbox.channel_events import transfer_before

__all__ = ["COLUMNS", "ZONE", "AsteriskSandbox", "append", "known", "line", "record"]

SPREAD = timedelta(days=20)


class AsteriskSandbox(LocalSandbox):
    """Conversations of one to three legs; every fourth begins in the second of the one before."""

    plugin = "asterisk"
    port_offset = 5
    truths: ClassVar = {
        "Call": RecordTruth(rows="calls", native_id="{native_id}", time="start", time_zone=ZONE, refs={"session": "{linkedid}"}),
        "Recording": RecordTruth(rows="recordings", native_id=""),
        "QueueVisit": RecordTruth(rows="queueVisits", native_id="{native_id}", time="entered", refs={"queue": "{queue}"}),
        "Voicemessage": RecordTruth(rows="voicemessages", native_id="{native_id}", time="origtime", refs={"call": "{call}"}),
    }

    def generate(self) -> None:
        """Fill the records."""
        self._folder: Path | None = None
        self._conversations = ConversationGenerator(self.random)
        rows: list[Row] = []
        at = self.past(SPREAD)
        while len(rows) < self.count:
            at = at if len(rows) % 4 == 3 else self.past(SPREAD)
            legs = self.random.randint(1, 3)
            rows += self._conversations.make(at, legs, len(rows))[: self.count - len(rows)]
        self.records["calls"] = sorted(rows, key=lambda row: (row["end"], row["sequence"]))
        self.records["recordings"] = [{"file": sound_name(row)} for row in rows[::5]]
        for number, row in enumerate(rows):
            self.records["queueVisits"] += queue_log.visits_of(row, number // 2)
            self.records["voicemessages"] += mailboxes.messages_of(row, number // 2)
        self.records["transfers"] = [transfer for before, row in pairwise(rows) for transfer in transfer_before(before, row)]

    def add(self, kind: str, given: Row) -> Row:
        """Append a call that started a minute ago."""
        if kind != "calls":
            raise KeyError(kind)
        at = self.current_time().astimezone(ZONE).replace(microsecond=0)
        (row,) = self._conversations.make(at - timedelta(seconds=60), 1, len(self.records["calls"]))
        return self._append(known(row | {name: value for name, value in given.items() if name in row}))

    def make_call(self, end: datetime) -> None:
        """Append a random call that ended at this moment, with the visit to a queue or the message that belongs to it."""
        number = len(self.records["calls"])
        (row,) = self.ending_at(
            end.astimezone(ZONE).replace(microsecond=0),
            lambda start: self._conversations.make(start, 1, number),
            lambda legs: moment(legs[-1], "end"),
        )
        self._append(row)
        for visit in queue_log.visits_of(row, number):
            self.records["queueVisits"].append(visit)
            if self._folder is not None:
                queue_log.append(self._folder / "queue_log", [visit])
        for message in mailboxes.messages_of(row, number):
            self.records["voicemessages"].append(message)
            if self._folder is not None:
                mailboxes.store(self._folder / "voicemail", message)

    def _append(self, row: Row) -> Row:
        self.records["calls"].append(row)
        if self._folder is not None:
            append(self._folder / "cdr-csv/Master.csv", [row])
        return row

    def configuration(self, folder: Path) -> Row:
        """Write the files, an older third of the records as a rotated one, and name them."""
        folder /= self.plugin
        shutil.rmtree(folder, ignore_errors=True)
        cdrs, rows = folder / "cdr-csv", self.records["calls"]
        cdrs.mkdir(parents=True)
        append(cdrs / "Master.csv.1", rows[: len(rows) // 3])
        append(cdrs / "Master.csv", rows[len(rows) // 3 :])
        for row in self.records["recordings"]:
            record(folder / "monitor" / row["file"])
        queue_log.append(folder / "queue_log", self.records["queueVisits"])
        mailboxes.furnish(folder / "voicemail")
        for message in self.records["voicemessages"]:
            mailboxes.store(folder / "voicemail", message)
        self._folder = folder  # from now on new calls are written into it
        paths = {"cdr_folder": str(cdrs), "recordings_folder": str(folder / "monitor")}
        paths |= {"queue_log_file": str(folder / "queue_log"), "voicemail_folder": str(folder / "voicemail")}
        return {"plugin": self.plugin, **paths, "zone": str(ZONE), "trunks": ["uplink"], "region": "CH"}


def record(file: Path, seconds: float = 0.1) -> None:
    """Write a sound file with silence."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(int(16_000 * seconds)))
