"""Call records of the sandbox: made-up conversations as rows of cdr_csv, and how they are written."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from telegraphql.plugin import Row
from telegraphql.plugins.asterisk.local_time import FORMAT
from telegraphql.plugins.asterisk.wire import FIXED, NEWER, UNIQUEID, USERFIELD

COLUMNS = [*FIXED, UNIQUEID, USERFIELD, *NEWER]
NUMBERS = frozenset({"duration", "billsec", "sequence"})
DATES = frozenset({"start", "answer", "end"})
ZONE = ZoneInfo("Europe/Zurich")
ENDS = ("ANSWERED", "ANSWERED", "NO ANSWER", "BUSY", "FAILED", "CONGESTION")
WAYS = (
    ("from-trunk", "PJSIP/uplink", "PJSIP/10{}"),
    ("from-internal", "PJSIP/10{}", "PJSIP/uplink"),
    ("from-internal", "PJSIP/10{}", "PJSIP/20"),
)
NAMES = ('"Ada ""the count"" L."', '"Müller, Söhne"', "", '"+41616925879"')
APPS = (("Dial", "PJSIP/100,30"), ("Queue", "support-{},t,,,60"), ("VoiceMail", "104@default,u"))


class ConversationGenerator:
    """Makes conversations of one to three legs."""

    def __init__(self, source: random.Random) -> None:
        self._random = source
        self._channels = 0

    def make(self, at: datetime, legs: int, number: int) -> list[Row]:
        """Return the legs of a conversation that begins at a moment; `number` counts the legs before it."""
        linked = self._uniqueid(at)
        context, one, two = self._random.choice(WAYS)
        found: list[Row] = []
        for leg in range(legs):
            # The first two legs are of one channel, as after a transfer.
            uniqueid = linked if leg < 2 else self._uniqueid(at)
            length = self._random.randint(2, 400)
            talk = self._random.randint(1, length - 1)
            end = ENDS[(number + leg) % len(ENDS)]
            row = self._row(at, length, talk if end == "ANSWERED" else 0)
            first = found[0]["channel"] if leg == 1 else f"{one.format(number % 9)}-{number + leg:08x}"
            row |= {"channel": first, "dstchannel": f"{two.format(leg)}-{number + leg + 1:08x}", "dcontext": context, "disposition": end}
            row |= {"uniqueid": uniqueid, "linkedid": linked, "sequence": number + leg + 1}
            found.append(known(row | self._parties(number, leg)))
            at += timedelta(seconds=length)
        return found

    def _parties(self, number: int, leg: int) -> Row:
        outside = f"+4144{self._random.randint(5000000, 5999999)}"
        name = NAMES[number % len(NAMES)]
        app, data = APPS[number % 3]
        clid = f"{name} <{outside}>".strip()
        return {"src": outside, "dst": f"10{leg}", "clid": clid, "lastapp": app, "lastdata": data.format(number % 2)}

    def _row(self, at: datetime, length: int, talk: int) -> Row:
        ended = at + timedelta(seconds=length)
        times = {"start": wall(at), "answer": wall(ended - timedelta(seconds=talk)) if talk else "", "end": wall(ended)}
        return {**dict.fromkeys(COLUMNS, ""), **times, "duration": length, "billsec": talk, "amaflags": "DOCUMENTATION", "accountcode": "4"}

    def _uniqueid(self, at: datetime) -> str:
        self._channels += 1
        return f"{int(at.timestamp())}.{self._channels}"


def sound_name(row: Row) -> str:
    """Return the path of a call's recording, as FreePBX names it."""
    at = datetime.strptime(row["start"], FORMAT)
    return f"{at:%Y/%m/%d}/{row['lastapp'].lower()}-{row['dst']}-{row['sequence']}-{at:%Y%m%d-%H%M%S}-{row['uniqueid']}.wav"


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


def wall(at: datetime) -> str:
    """Return a moment as Asterisk writes it."""
    return at.astimezone(ZONE).strftime(FORMAT)


def moment(row: Row, name: str = "start") -> datetime:
    """Return the moment of a wall time, which the channel's id tells in the hour that runs twice."""
    local = datetime.strptime(row[name], FORMAT).replace(tzinfo=ZONE)
    begun = int(row["uniqueid"].partition(".")[0])
    return min((local, local.replace(fold=1)), key=lambda each: (each.timestamp() < begun - 1, each.timestamp()))


def _column(name: str, value: Any) -> str:
    if name in NUMBERS or (name in DATES and not value):
        return str(value)
    return '"' + str(value).replace('"', '""') + '"'
