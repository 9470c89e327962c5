"""Sandbox: an Asterisk's files over made-up calls - Master.csv, an older one, and MixMonitor's folder."""

import shutil
import wave
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from telegraphql.plugin import LocalSandbox, RecordTruth, Row
from telegraphql.plugins.asterisk.local_time import FORMAT
from telegraphql.plugins.asterisk.wire import FIXED, NEWER, UNIQUEID, USERFIELD

COLUMNS = [*FIXED, UNIQUEID, USERFIELD, *NEWER]
NUMBERS = frozenset({"duration", "billsec", "sequence"})
DATES = frozenset({"start", "answer", "end"})
ZONE = ZoneInfo("Europe/Zurich")
SPREAD = timedelta(days=20)
ENDS = ("ANSWERED", "ANSWERED", "NO ANSWER", "BUSY", "FAILED", "CONGESTION")
WAYS = (
    ("from-trunk", "PJSIP/uplink", "PJSIP/10{}"),
    ("from-internal", "PJSIP/10{}", "PJSIP/uplink"),
    ("from-internal", "PJSIP/10{}", "PJSIP/20"),
)
NAMES = ('"Ada ""the count"" L."', '"Müller, Söhne"', "", '"+41616925879"')


class AsteriskSandbox(LocalSandbox):
    """Conversations of one to three legs; every fourth begins in the second of the one before."""

    plugin = "asterisk"
    port_offset = 5
    truths: ClassVar = {
        "Call": RecordTruth(rows="calls", native_id="{native_id}", time="start", time_zone=ZONE, refs={"session": "{linkedid}"}),
        "Recording": RecordTruth(rows="recordings", native_id=""),
    }

    def generate(self) -> None:
        """Fill the records."""
        self._folder: Path | None = None
        self._channels = 0
        rows: list[Row] = []
        at = self.past(SPREAD)
        while len(rows) < self.count:
            at = at if len(rows) % 4 == 3 else self.past(SPREAD)
            legs = self.random.randint(1, 3)
            rows += self._talk(at, legs, len(rows))[: self.count - len(rows)]
        self.records["calls"] = sorted(rows, key=lambda row: (row["end"], row["sequence"]))
        self.records["recordings"] = [{"file": self._sound(row)} for row in rows[::5]]

    def _talk(self, at: datetime, legs: int, number: int) -> list[Row]:
        linked = self._uniqueid(at)
        context, one, two = self.random.choice(WAYS)
        found = []
        for leg in range(legs):
            # The first two legs are of one channel, as after a transfer.
            uniqueid = linked if leg < 2 else self._uniqueid(at)
            length = self.random.randint(2, 400)
            talk = self.random.randint(1, length - 1)
            end = ENDS[(number + leg) % len(ENDS)]
            row = self._row(at, length, talk if end == "ANSWERED" else 0)
            channels = {"channel": f"{one.format(number % 9)}-{number:08x}", "dstchannel": f"{two.format(leg)}-{number + 1:08x}"}
            row |= {
                "dcontext": context,
                "disposition": end,
                "uniqueid": uniqueid,
                "linkedid": linked,
                "sequence": number + leg + 1,
                **channels,
            }
            found.append(known(row | self._parties(number, leg)))
            at += timedelta(seconds=length)
        return found

    def _parties(self, number: int, leg: int) -> Row:
        outside = f"+4144{self.random.randint(5000000, 5999999)}"
        name = NAMES[number % len(NAMES)]
        app, data = [("Dial", "PJSIP/100,30"), ("Queue", f"support-{number % 2},t,,,60"), ("VoiceMail", "104@default,u")][number % 3]
        return {"src": outside, "dst": f"10{leg}", "clid": f"{name} <{outside}>".strip(), "lastapp": app, "lastdata": data}

    def _row(self, at: datetime, length: int, talk: int) -> Row:
        ended = at + timedelta(seconds=length)
        times = {"start": _wall(at), "answer": _wall(ended - timedelta(seconds=talk)) if talk else "", "end": _wall(ended)}
        return {**dict.fromkeys(COLUMNS, ""), **times, "duration": length, "billsec": talk, "amaflags": "DOCUMENTATION", "accountcode": "4"}

    def _uniqueid(self, at: datetime) -> str:
        self._channels += 1
        return f"{int(at.timestamp())}.{self._channels}"

    def _sound(self, row: Row) -> str:
        at = datetime.strptime(row["start"], FORMAT)
        return f"{at:%Y/%m/%d}/{row['lastapp'].lower()}-{row['dst']}-{row['sequence']}-{at:%Y%m%d-%H%M%S}-{row['uniqueid']}.wav"

    def add(self, kind: str, given: Row) -> Row:
        """Append a call that started a minute ago."""
        if kind != "calls":
            raise KeyError(kind)
        at = self.current_time().astimezone(ZONE).replace(microsecond=0)
        (row,) = self._talk(at - timedelta(seconds=60), 1, len(self.records["calls"]))
        return self._append(known(row | {name: value for name, value in given.items() if name in row}))

    def make_call(self, end: datetime) -> None:
        """Append a random call that ended at this moment."""
        number = len(self.records["calls"])
        (row,) = self.ending_at(
            end.astimezone(ZONE).replace(microsecond=0),
            lambda start: self._talk(start, 1, number),
            lambda legs: datetime.strptime(legs[-1]["end"], FORMAT).replace(tzinfo=ZONE),
        )
        self._append(row)

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
        self._folder = folder  # from now on new calls are written into it
        paths = {"cdr_folder": str(cdrs), "recordings_folder": str(folder / "monitor")}
        return {"plugin": self.plugin, **paths, "zone": str(ZONE), "trunks": ["uplink"], "region": "CH"}


def known(row: Row) -> Row:
    """Return a row with the id that clients see, which is no column of Asterisk."""
    digits = "".join(filter(str.isdecimal, row["start"]))
    return row | {"native_id": f"{digits}/{row['uniqueid']}/{row['sequence']}"}


def line(row: Row, columns: Sequence[str] = COLUMNS) -> str:
    """Return a line as cdr_csv writes it: texts quoted, quotes doubled, numbers and absent times bare."""
    return ",".join(_column(name, row[name]) for name in columns) + "\n"


def append(file: Path, rows: Sequence[Row]) -> None:
    """Write lines at the end of a file."""
    with file.open("a", encoding="utf-8", newline="") as out:
        out.writelines(line(row) for row in rows)


def record(file: Path, seconds: float = 0.1) -> None:
    """Write a sound file with silence."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(int(16_000 * seconds)))


def _column(name: str, value: Any) -> str:
    if name in NUMBERS or (name in DATES and not value):
        return str(value)
    return '"' + str(value).replace('"', '""') + '"'


def _wall(at: datetime) -> str:
    return at.astimezone(ZONE).strftime(FORMAT)
