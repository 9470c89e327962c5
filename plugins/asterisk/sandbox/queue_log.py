"""Queue log of the sandbox: the events of the visits that calls made, as app_queue writes them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from telegraphql.plugin import Row
from telegraphql.plugins.asterisk.sandbox.call_records import moment
from telegraphql.plugins.asterisk.wire import digest

# What stands in the log between the visits.
OTHERS = (
    ("NONE", "NONE", "NONE", "QUEUESTART", ""),
    ("REALTIME", "support-0", "PJSIP/101", "ADDMEMBER", ""),
    ("NONE", "support-0", "PJSIP/101", "PAUSE", "Lunch"),
)
Event = tuple[datetime, str, str, str, str, str]


def visits_of(row: Row, number: int) -> list[Row]:
    """Return the visits of a call to a queue: one, or two where the caller came back."""
    if row["lastapp"] != "Queue":
        return []
    queue, at = row["lastdata"].partition(",")[0], moment(row)
    made = [_visit(row, queue, at, number)]
    if number % 4 == 0:
        made.append(_visit(row, queue, at + timedelta(seconds=60), number + 1))
    return made


def _visit(row: Row, queue: str, at: datetime, number: int) -> Row:
    wait, talk = 3 + number % 40, 5 + number % 11
    events: list[Event] = [(at, row["uniqueid"], queue, "NONE", "ENTERQUEUE", f"|{row['src']}|1")]
    for seconds, agent, word, data in _story(number, wait, talk):
        events.append((at + timedelta(seconds=seconds), row["uniqueid"], queue, agent, word, data))
    native_id = f"{int(at.timestamp()) * 1_000_000}/{row['uniqueid']}/{digest(queue)}"
    return {"native_id": native_id, "entered": at.isoformat(), "queue": queue, "log": events}


def _story(number: int, wait: int, talk: int) -> list[tuple[int, str, str, str]]:
    agent = f"PJSIP/10{number % 3}"
    ring = [(1, agent, "RINGNOANSWER", "1000")]
    connected = [*ring, (wait, agent, "CONNECT", f"{wait}|1763802900.{number}|2")]
    ends: list[list[tuple[int, str, str, str]]] = [
        [*connected, (wait + talk, agent, "COMPLETEAGENT", f"{wait}|{talk}|1")],
        [*connected, (wait + talk, agent, "COMPLETECALLER", f"{wait}|{talk}|1")],
        [*connected, (wait + talk, agent, "BLINDTRANSFER", f"200|from-internal|{wait}|{talk}|1")],
        [*connected, (wait + talk, agent, "ATTENDEDTRANSFER", f"BRIDGE|0f3a|{wait}|{talk}|1")],
        [*ring, (wait, "NONE", "ABANDON", f"1|1|{wait}")],
        [(wait, "NONE", "EXITWITHTIMEOUT", f"1|1|{wait}")],
        [(wait, "NONE", "EXITWITHKEY", f"1|1|1|{wait}")],
        [(wait, "NONE", "EXITEMPTY", f"1|1|{wait}")],
        # Nobody knows yet how it ends.
        [],
    ]
    return ends[number % len(ends)]


def events_of(visits: Sequence[Row]) -> list[Event]:
    """Return the events of visits in the order in which they were written, and others between them."""
    found: list[Event] = [event for visit in visits for event in visit["log"]]
    found += [(found[0][0] - timedelta(seconds=1), *other) for other in OTHERS] if found else []
    return sorted(found, key=lambda event: event[0])


def append(file: Path, visits: Sequence[Row]) -> None:
    """Write lines at the end of a log."""
    with file.open("a", encoding="utf-8", newline="") as out:
        out.writelines(f"{int(at.timestamp())}|{'|'.join(rest)}\n" for at, *rest in events_of(visits))


def columns(event: Event) -> dict[str, Any]:
    """Return an event as it stands in a table, with the data in five columns."""
    _, channel, queue, agent, word, data = event
    parts = [*data.split("|", 4), *[""] * 5][:5]
    return {"callid": channel, "queuename": queue, "agent": agent, "event": word} | {
        f"data{each}": part for each, part in enumerate(parts, 1)
    }
