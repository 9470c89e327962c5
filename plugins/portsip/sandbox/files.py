"""FileRows: the generated truth of recordings, voicemails, queues and reports, and the bytes behind their addresses."""

from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import cycle, product
from random import Random
from zlib import crc32

from telegraphql.plugin import Row
from telegraphql.plugins.portsip.sandbox import examples, sound
from telegraphql.plugins.portsip.sandbox.data import DAYS, EXTENSIONS, NAMES, QUEUES, SECOND, Calls, micros_of, written
from telegraphql.plugins.portsip.sandbox.queries import micros
from telegraphql.plugins.portsip.sandbox.words import FILTER_WORDS, FORMATS, RANGES, STATUSES, STRATEGIES, TYPES

QUEUE_NAMES = ("Support", "Sales", "Billing", "Returns", "Emergency", "French desk", "Night desk")
# The PBX of the live sample stands eight hours east.
LOCAL = timedelta(hours=8)
ZEROES = 9


def digest(kind: str, key: str) -> str:
    """The secret part of a file's address."""
    return urlsafe_b64encode(sha256(f"{kind} {key}".encode()).digest()).decode()[:39]


class FileRows:
    """Makes the rows that belong to the calls, and those that stand alone."""

    def __init__(self, random: Random, calls: Calls, now: datetime) -> None:
        self._random = random
        self._calls = calls
        self._now = micros_of(now)

    def recordings(self, legs: Iterable[Row]) -> Iterator[Row]:
        """Of a part of the answered legs: from just after the answer until just before the end, to the millisecond."""
        yield {**examples.RECORDING, "file_url": f"/api/blobs/{digest('recording', examples.RECORDING['id'])}"}
        for at, leg in enumerate(leg for leg in legs if leg["answered_at"] and leg["session_id"].isdigit()):
            if self._random.random() < 0.4 and leg["id"] != examples.ANSWERED_LEG["id"]:
                yield self.recording(leg, zero=at % ZEROES == 0)

    def recording(self, leg: Row, zero: bool = False) -> Row:
        """The recording of a leg; some of its kind say that their size is 0."""
        begun = micros(leg["answered_at"]) + self._random.randrange(200_000)
        ended = max(begun, micros(leg["ended_at"]) - self._random.randrange(100_000))
        key, seconds = self._calls.snowflake(ended), round((ended - begun) / SECOND)
        started = datetime.fromisoformat(leg["started_at"]) + LOCAL
        name = f"{examples.TENANT}_{leg['session_id']}_{leg['caller']}_{self._random.randint(40_000, 59_999)}_{started:%m%d%Y_%H%M%S}.wav"
        return {
            "id": key,
            "caller": leg["caller"],
            "callee": leg["callee"],
            "started_at": written(begun)[:-4] + "Z",
            "ended_at": written(ended)[:-4] + "Z",
            "duration": seconds,
            "file_name": name,
            "file_size": 0 if zero else sound.size(seconds),
            "file_url": f"/api/blobs/{digest('recording', key)}",
            # Not shown by the PBX: the truth for whoever compares.
            "calllog_id": leg["id"],
        }

    def voicemails(self, count: int) -> Iterator[Row]:
        """Read and unread ones; a third as PBXs before 22.6 send them."""
        for at in range(count):
            moment = self._now - self._random.randint(60, DAYS * 86_400) * SECOND + self._random.randrange(SECOND)
            number, seconds = f"+4161{self._random.randint(2_000_000, 6_999_999)}", self._random.randint(2, 90)
            yield self.voicemail(moment, number, seconds, new=at % 3 > 0, read=at % 2 == 0)

    def voicemail(self, moment: int, number: str, seconds: int, *, new: bool = True, read: bool = False) -> Row:
        """One voicemail."""
        key = self._calls.snowflake(moment)
        named = {"sender_name": self._random.choice(NAMES), "sender_number": number, "transcription_text": ""} if new else {}
        return {
            "id": key,
            "sender": number,
            **named,
            "created_at": written(moment),
            "duration": seconds,
            "status": "READ" if read else "UNREAD",
            "file_name": f"{number}_{key}.wav",
            "file_size": sound.size(seconds),
            "file_url": f"/api/blobs/{digest('voicemail', key)}",
        }

    def queues(self) -> Iterator[Row]:
        """One queue for each way to choose an agent."""
        for at, (number, name, strategy) in enumerate(zip(QUEUES, QUEUE_NAMES, STRATEGIES, strict=True)):
            agents = [
                {"extension_number": each, "display_name": NAMES[int(each) % len(NAMES)]} for each in EXTENSIONS[at : at + at % 4 + 1]
            ]
            yield {
                "id": self._calls.snowflake(self._now - (at + 400) * 86_400 * SECOND),
                "name": name,
                "extension_number": number,
                "ring_time": 15 + 5 * at,
                "polling_strategy": strategy,
                "max_callers": 20,
                "max_waiting_time": 300 + 60 * at,
                "sla_time": 0 if at == 3 else 20 + 10 * (at % 2),
                "language": "en-US",
                "enable_callback": at % 2 == 0,
                "agents": agents,
            }

    def reports(self, count: int) -> Iterator[Row]:
        """Finished reports of every type in both formats."""
        yield dict(examples.REPORT)
        kinds = cycle(product(FORMATS, TYPES))
        for _ in range(count):
            form, kind = next(kinds)
            moment = self._now - self._random.randint(60, DAYS * 86_400) * SECOND + self._random.randrange(SECOND)
            yield self.report(f"{kind.replace('_', ' ').capitalize()} report", kind, form, moment)

    def report(self, name: str, kind: str, form: str, moment: int) -> Row:
        """One finished report."""
        key = self._calls.snowflake(moment)
        row = {"id": key, "name": name, "type": kind, "format": form, "completed_at": written(moment)}
        body = report_body(row)
        file_url = f"/api/blobs/{digest('report', key)}"
        return {**row, "file_name": f"{kind.lower()}_{key}.{form.lower()}", "file_size": len(body), "file_url": file_url}

    def schedules(self) -> Iterator[Row]:
        """Orders of every type, range and state."""
        yield dict(examples.SCHEDULE)
        for at, (kind, days, status) in enumerate(zip(TYPES, cycle(RANGES), cycle(STATUSES))):
            custom = days == "CUSTOM"
            yield {
                "id": self._calls.snowflake(self._now - (at + 1) * 3600 * SECOND),
                "name": f"Weekly {kind.replace('_', ' ').lower()}",
                "type": kind,
                "email": "reports@example.com",
                "format": FORMATS[at % 2],
                "range": days,
                "started_at": "2026-01-01T00:00:00Z" if custom else "",
                "ended_at": "2026-02-01T00:00:00Z" if custom else "",
                "cron_expr": "" if status == "ABORTED" else "0 7 * * 1",
                "filter": dict.fromkeys(FILTER_WORDS, "ANY") if kind == "NORMAL" else {},
                "status": status,
            }


def report_body(row: Row) -> bytes:
    """The file of a report: a table of numbers made from its id."""
    lines = [("Extension", "Calls", "Talk time")] + [
        (each, str(crc32((row["id"] + each).encode()) % 90), "00:10:00") for each in EXTENSIONS
    ]
    if row["format"] == "HTML":
        cells = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in line) + "</tr>\n" for line in lines)
        return f"<!doctype html>\n<title>{row['type']}</title>\n<table>\n{cells}</table>\n".encode()
    return "".join(",".join(line) + "\r\n" for line in lines).encode()


def sound_body(row: Row) -> bytes:
    """The file of a recording or voicemail: a tone of its length, pitched by its id."""
    return sound.wav(row["duration"], 300 + crc32(row["id"].encode()) % 500)
