"""The simulated Boxis: a tenant's legs behind getCDR."""

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
from telegraphql.plugins.boxis.sandbox.data import legs
from telegraphql.plugins.boxis.sandbox.legs import ZONE, Switchboard, Times
from telegraphql.plugins.boxis.sandbox.routes import ResultZero, as_json, get_cdr, refusal
from telegraphql.plugins.boxis.sandbox.seed import BLANK

SHOWN = ("datefrom", "dateto", "returntype", "tenant")


class BoxisSandbox(Sandbox):
    """Boxis over generated legs. `clock_offset` is by how many seconds its clock is ahead of ours."""

    plugin = "boxis"
    port_offset = 4
    username = "api@example.com"
    user_key = "BX0sandbox0key0of0no0value0at0all"
    tenant = "VOICE-12001-1"
    clock_offset = 0

    def generate(self) -> None:
        """Fill the calls, in order of wall time, as the upstream's database compares it."""
        self.board = Switchboard(self.random)
        self.records["calls"] = sorted(legs(self.board, self.count, self.now), key=_position)
        self.starts = [row["start"] for row in self.records["calls"]]

    def routes(self) -> Sequence[Route]:
        """The one address."""
        return [Route("/", get_cdr(self), methods=["POST"])]

    def operation(self, request: Request, body: bytes) -> str:
        """The form's action."""
        return _form(body).get("action", "")

    def parameters(self, request: Request, body: bytes) -> Mapping[str, str]:
        """The form without credentials."""
        return {name: value for name, value in _form(body).items() if name in SHOWN}

    def between(self, datefrom: str, dateto: str) -> list[Row]:
        """The rows that began between two wall times, both included; an empty one is no bound."""
        first = bisect_left(self.starts, datefrom) if datefrom else 0
        last = bisect_right(self.starts, dateto) if dateto else None
        return self.records["calls"][first:last]

    def expire(self) -> bool:
        """Set the clock an hour ahead, and back again."""
        self.clock_offset = 0 if self.clock_offset else 3600
        return True

    def clock(self) -> int:
        """The seconds since the epoch on the upstream's clock."""
        return int(time.time()) + self.clock_offset

    def add(self, kind: str, given: Row) -> Row:
        """Add a leg that began and ended now, or at the given start."""
        if kind != "calls":
            raise KeyError("only calls")
        if unknown := set(given) - set(BLANK):
            raise ValueError(f"no such field: {', '.join(sorted(unknown))}")
        row = self.board.exact(Times(self._begun(given), 0.0, 0.0)) | {"disposition": "ANSWERED"} | given
        row["linkedid"] = given.get("linkedid", row["uniqueid"])
        place = bisect_right(self.starts, row["start"])
        self.starts.insert(place, row["start"])
        self.records["calls"].insert(place, row)
        return row

    def _begun(self, given: Row) -> int:
        if "start" not in given:
            return int(self.current_time().timestamp())
        return int(datetime.fromisoformat(str(given["start"])).replace(tzinfo=ZONE).timestamp())

    def configuration(self, folder: Path) -> Row:
        """The settings that reach this sandbox."""
        return {
            "plugin": self.plugin,
            "base_url": self.base_url,
            "username": self.username,
            "user_key": self.user_key,
            "tenant": self.tenant,
            "currency": "CHF",
        }

    def refuse(self, mode: str) -> Response:
        """Wrong credentials in the function's words; a limit, which it does not document, in those of a web server."""
        if mode == "unauthorized":
            return as_json(refusal(self.clock(), ResultZero("authentication failed")))
        answer = as_json(refusal(self.clock(), ResultZero("too many requests")), status=429)
        answer.headers["Retry-After"] = "1"
        return answer


def _position(row: Row) -> tuple[str, int]:
    return row["start"], crc32(f"{row['uniqueid']}/{row['sequence']}".encode())


def _form(body: bytes) -> dict[str, str]:
    return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
