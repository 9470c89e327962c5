"""Generated recordings, voicemails, queues and reports, and the files behind their URLs."""

from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import cycle, product
from random import Random
from zlib import crc32

from telegraphql.plugin import Row, wav, wav_size
from telegraphql.plugins.portsip.sandbox import examples
from telegraphql.plugins.portsip.sandbox.data import (
    EXTENSIONS,
    HISTORY_DAYS,
    NAMES,
    QUEUES,
    SECOND,
    CallGenerator,
    format_micros,
    to_micros,
)
from telegraphql.plugins.portsip.sandbox.queries import parse_micros
from telegraphql.plugins.portsip.sandbox.sample_values import FILTER_VALUES, FORMATS, RANGES, STATUSES, STRATEGIES, TYPES

QUEUE_NAMES = ("Support", "Sales", "Billing", "Returns", "Emergency", "French desk", "Night desk")
# The time zone of the PBX of the live sample, which file names use.
UTC_OFFSET = timedelta(hours=8)
ZERO_SIZE_EVERY = 9


def blob_id(kind: str, key: str) -> str:
    """Return the id of a file, which is hard to guess."""
    return urlsafe_b64encode(sha256(f"{kind} {key}".encode()).digest()).decode()[:39]


class FileRecordGenerator:
    """Generates the records that have files, and queues."""

    def __init__(self, random: Random, calls: CallGenerator, now: datetime) -> None:
        self._random = random
        self._calls = calls
        self._now = to_micros(now)

    def recordings(self, legs: Iterable[Row]) -> Iterator[Row]:
        """Yield the recordings of some of the answered legs. They start just after the answer and end just before the leg's end."""
        yield {**examples.RECORDING, "file_url": f"/api/blobs/{blob_id('recording', examples.RECORDING['id'])}"}
        for index, leg in enumerate(leg for leg in legs if leg["answered_at"] and leg["session_id"].isdigit()):
            if self._random.random() < 0.4 and leg["id"] != examples.ANSWERED_LEG["id"]:
                yield self.recording(leg, zero_size=index % ZERO_SIZE_EVERY == 0)

    def recording(self, leg: Row, zero_size: bool = False) -> Row:
        """Return the recording of a leg. With `zero_size` its summary has the size 0, as on some PBXs."""
        started = parse_micros(leg["answered_at"]) + self._random.randrange(200_000)
        ended = max(started, parse_micros(leg["ended_at"]) - self._random.randrange(100_000))
        key, seconds = self._calls.snowflake(ended), round((ended - started) / SECOND)
        local_start = datetime.fromisoformat(leg["started_at"]) + UTC_OFFSET
        extension = leg["callee"] if leg["direction"] == "INBOUND_CALL" else leg["caller"]
        name = f"{examples.TENANT}_{leg['session_id']}_{extension}_{self._random.randint(40_000, 59_999)}_{local_start:%m%d%Y_%H%M%S}.wav"
        # Some recordings of a queue's calls name the queue instead of the agent.
        names_queue = leg["service_number"] and int(leg["id"]) % 2
        return {
            "id": key,
            "caller": leg["caller"],
            "caller_display_name": leg["caller_display_name"],
            "callee": leg["service_number"] if names_queue else leg["callee"],
            "callee_display_name": "" if names_queue else leg["callee_display_name"],
            "started_at": format_micros(started)[:-4] + "Z",
            "ended_at": format_micros(ended)[:-4] + "Z",
            "duration": seconds,
            "file_name": name,
            "file_size": 0 if zero_size else wav_size(seconds),
            "file_url": f"/api/blobs/{blob_id('recording', key)}",
            # Not shown by the PBX. For tests.
            "calllog_id": leg["id"],
        }

    def voicemails(self, count: int) -> Iterator[Row]:
        """Yield read and unread voicemails, a third of them as PBXs before 22.6 send them."""
        for index in range(count):
            created = self._now - self._random.randint(60, HISTORY_DAYS * 86_400) * SECOND + self._random.randrange(SECOND)
            number, seconds = f"+4161{self._random.randint(2_000_000, 6_999_999)}", self._random.randint(2, 90)
            yield self.voicemail(created, number, seconds, new_format=index % 3 > 0, is_read=index % 2 == 0)

    def voicemail(self, created: int, number: str, seconds: int, *, new_format: bool = True, is_read: bool = False) -> Row:
        """Return one voicemail. `new_format` is the format since 22.6."""
        key = self._calls.snowflake(created)
        sender_fields = {"sender_name": self._random.choice(NAMES), "sender_number": number, "transcription_text": ""} if new_format else {}
        return {
            "id": key,
            "sender": number,
            **sender_fields,
            "created_at": format_micros(created),
            "duration": seconds,
            "status": "READ" if is_read else "UNREAD",
            "file_name": f"{number}_{key}.wav",
            "file_size": wav_size(seconds),
            "file_url": f"/api/blobs/{blob_id('voicemail', key)}",
        }

    def queues(self) -> Iterator[Row]:
        """Yield one queue for each polling strategy."""
        for index, (number, name, strategy) in enumerate(zip(QUEUES, QUEUE_NAMES, STRATEGIES, strict=True)):
            agents = [
                {"extension_number": each, "display_name": NAMES[int(each) % len(NAMES)]}
                for each in EXTENSIONS[index : index + index % 4 + 1]
            ]
            yield {
                "id": self._calls.snowflake(self._now - (index + 400) * 86_400 * SECOND),
                "name": name,
                "extension_number": number,
                "ring_time": 15 + 5 * index,
                "polling_strategy": strategy,
                "max_callers": 20,
                "max_waiting_time": 300 + 60 * index,
                "sla_time": 0 if index == 3 else 20 + 10 * (index % 2),
                "language": "en-US",
                "enable_callback": index % 2 == 0,
                "agents": agents,
            }

    def reports(self, count: int) -> Iterator[Row]:
        """Yield finished reports of every type in both formats."""
        yield dict(examples.REPORT)
        combinations = cycle(product(FORMATS, TYPES))
        for _ in range(count):
            file_format, kind = next(combinations)
            completed = self._now - self._random.randint(60, HISTORY_DAYS * 86_400) * SECOND + self._random.randrange(SECOND)
            yield self.report(f"{kind.replace('_', ' ').capitalize()} report", kind, file_format, completed)

    def report(self, name: str, kind: str, file_format: str, completed: int) -> Row:
        """Return one finished report."""
        key = self._calls.snowflake(completed)
        row = {"id": key, "name": name, "type": kind, "format": file_format, "completed_at": format_micros(completed)}
        body = report_body(row)
        file_url = f"/api/blobs/{blob_id('report', key)}"
        return {**row, "file_name": f"{kind.lower()}_{key}.{file_format.lower()}", "file_size": len(body), "file_url": file_url}

    def schedules(self) -> Iterator[Row]:
        """Yield report schedules of every type, range and status."""
        yield dict(examples.SCHEDULE)
        for index, (kind, date_range, status) in enumerate(zip(TYPES, cycle(RANGES), cycle(STATUSES))):
            is_custom = date_range == "CUSTOM"
            yield {
                "id": self._calls.snowflake(self._now - (index + 1) * 3600 * SECOND),
                "name": f"Weekly {kind.replace('_', ' ').lower()}",
                "type": kind,
                "email": "reports@example.com",
                "format": FORMATS[index % 2],
                "range": date_range,
                "started_at": "2026-01-01T00:00:00Z" if is_custom else "",
                "ended_at": "2026-02-01T00:00:00Z" if is_custom else "",
                "cron_expr": "" if status == "ABORTED" else "0 7 * * 1",
                "filter": dict.fromkeys(FILTER_VALUES, "ANY") if kind == "NORMAL" else {},
                "status": status,
            }


def report_body(row: Row) -> bytes:
    """Return the file of a report: a table of numbers made from its id."""
    lines = [("Extension", "Calls", "Talk time")] + [
        (each, str(crc32((row["id"] + each).encode()) % 90), "00:10:00") for each in EXTENSIONS
    ]
    if row["format"] == "HTML":
        cells = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in line) + "</tr>\n" for line in lines)
        return f"<!doctype html>\n<title>{row['type']}</title>\n<table>\n{cells}</table>\n".encode()
    return "".join(",".join(line) + "\r\n" for line in lines).encode()


def audio_body(row: Row) -> bytes:
    """Return the file of a recording or voicemail: a tone of its length. Its frequency depends on the id."""
    return wav(row["duration"], 300 + crc32(row["id"].encode()) % 500)
