"""The Boxis sandbox: a tenant's call legs behind the getCDR function."""

import time
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qsl
from zlib import crc32

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from telegraphql.plugin import Row, Sandbox
from telegraphql.plugins.boxis.sandbox.answer_shapes import ANSWER_SHAPES
from telegraphql.plugins.boxis.sandbox.data import generate_legs
from telegraphql.plugins.boxis.sandbox.examples import EMPTY_ROW
from telegraphql.plugins.boxis.sandbox.pbx import TIME_ZONE, LegTimes, Pbx
from telegraphql.plugins.boxis.sandbox.routes import CdrRefused, get_cdr, json_response, refusal_body
from telegraphql.plugins.boxis.sandbox.truths import TRUTHS

LONGEST_NEW_CALL = 400  # seconds
LOGGED_PARAMETERS = ("datefrom", "dateto", "returntype", "tenant")


class BoxisSandbox(Sandbox):
    """The sandbox of Boxis.

    Attributes:
        clock_offset: how far its clock is ahead of the real one, in seconds.
        has_numeric_result: True if `result` comes as a number, False for text as in the documentation. Both were seen.
    """

    plugin = "boxis"
    port_offset = 4
    answer_shapes = ANSWER_SHAPES
    truths = TRUTHS
    username = "api@example.com"
    user_key = "BX0sandbox0key0of0no0value0at0all"
    tenant = "VOICE-12001-1"
    clock_offset = 0
    has_numeric_result = False

    def generate(self) -> None:
        """Fill the calls, sorted by local time as the upstream's database compares it."""
        self.pbx = Pbx(self.random)
        self.records["calls"] = sorted(generate_legs(self.pbx, self.count, self.now), key=_sort_key)
        self.starts = [row["start"] for row in self.records["calls"]]

    def routes(self) -> Sequence[Route]:
        """Return the single endpoint."""
        return [Route("/", get_cdr(self), methods=["POST"])]

    def operation(self, request: Request, body: bytes) -> str:
        """Return the form's `action`."""
        return _parse_form(body).get("action", "")

    def parameters(self, request: Request, body: bytes) -> Mapping[str, str]:
        """Return the form without credentials."""
        return {name: value for name, value in _parse_form(body).items() if name in LOGGED_PARAMETERS}

    def between(self, datefrom: str, dateto: str) -> list[Row]:
        """Return the rows whose start is within two inclusive local times. An empty time is no bound."""
        first = bisect_left(self.starts, datefrom) if datefrom else 0
        last = bisect_right(self.starts, dateto) if dateto else None
        return self.records["calls"][first:last]

    def expire(self) -> bool:
        """Set the clock an hour ahead, or back again."""
        self.clock_offset = 0 if self.clock_offset else 3600
        return True

    def clock(self) -> int:
        """Return the time of the upstream's clock, in seconds since 1970."""
        return int(time.time()) + self.clock_offset

    def add(self, kind: str, fields: Row) -> Row:
        """Add a leg that started and ended now, or at the given start."""
        if kind != "calls":
            raise KeyError("only calls can be added")
        if unknown := set(fields) - set(EMPTY_ROW):
            raise ValueError(f"no such field: {', '.join(sorted(unknown))}")
        row = self.pbx.exact(LegTimes(self._start_time(fields), 0.0, 0.0)) | {"disposition": "ANSWERED"} | fields
        row["linkedid"] = fields.get("linkedid", row["uniqueid"])
        self._insert(row)
        return row

    def make_call(self, end: datetime) -> None:
        """Add the legs of a random conversation of at most some minutes."""
        for row in self.ending_at(end.replace(microsecond=0), self._conversation, _last_end):
            self._insert(row)

    def _conversation(self, start: datetime) -> list[Row]:
        return self.pbx.conversation(int(start.timestamp()), self.random.randint(15, LONGEST_NEW_CALL))

    def _insert(self, row: Row) -> None:
        index = bisect_right(self.starts, row["start"])
        self.starts.insert(index, row["start"])
        self.records["calls"].insert(index, row)

    def _start_time(self, fields: Row) -> int:
        if "start" not in fields:
            return int(self.current_time().timestamp())
        return int(datetime.fromisoformat(str(fields["start"])).replace(tzinfo=TIME_ZONE).timestamp())

    def configuration(self, folder: Path) -> Row:
        """Return the settings that reach this sandbox."""
        return {
            "plugin": self.plugin,
            "base_url": self.base_url,
            "username": self.username,
            "user_key": self.user_key,
            "tenant": self.tenant,
            "currency": "CHF",
        }

    def refuse(self, mode: str) -> Response:
        """Return the API's refusal of wrong credentials, or a web server's response to too many requests: the API documents none."""
        if mode == "unauthorized":
            return json_response(refusal_body(self, CdrRefused("authentication failed")))
        answer = json_response(refusal_body(self, CdrRefused("too many requests")), status=429)
        answer.headers["Retry-After"] = "1"
        return answer


def _last_end(legs: Sequence[Row]) -> datetime:
    return max(datetime.fromisoformat(str(row["end"])) for row in legs).replace(tzinfo=TIME_ZONE)


def _sort_key(row: Row) -> tuple[str, int]:
    return row["start"], crc32(f"{row['uniqueid']}/{row['sequence']}".encode())


def _parse_form(body: bytes) -> dict[str, str]:
    return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
