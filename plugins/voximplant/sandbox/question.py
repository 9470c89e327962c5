"""Question: the parameters of one request, read as strictly as the reference says."""

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.requests import Request

from telegraphql.plugins.voximplant.sandbox.access import ActingAccount
from telegraphql.plugins.voximplant.sandbox.refused import (
    INVALID_DATE_FORMAT,
    INVALID_DATE_RANGE,
    INVALID_PARAMETER,
    OUTPUT_FORMAT,
    REQUIRED_IS_EMPTY,
    ErrorReply,
)

MOST_ROWS = 1000
MOST_OFFSET = 10_000
MOST_IDS = 1000
MONTH = timedelta(days=30)
MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
FLAGS = {"true": True, "1": True, "false": False, "0": False}
GMT = "Etc/GMT"


def parameters(request: Request, body: bytes) -> dict[str, str]:
    """All parameters: of the query, and of a form in either encoding."""
    given = dict(request.query_params)
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/x-www-form-urlencoded"):
        given |= dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    elif kind.startswith("multipart/form-data"):
        given |= _multipart(kind, body)
    return given


def method_of(request: Request, given: dict[str, str]) -> str:
    """The method asked for: in the path, or as `cmd`."""
    last = request.url.path.rstrip("/").rpartition("/")[2]
    return given.get("cmd", "") if last == "platform_api" else last


class Question:
    """One question to one method."""

    def __init__(self, caller: ActingAccount, given: dict[str, str], now: datetime) -> None:
        self.caller = caller
        self.given = given
        self.now = now

    def text(self, name: str, default: str = "") -> str:
        """A text."""
        return self.given.get(name, default)

    def needed(self, name: str) -> str:
        """A text that must be there."""
        if not self.given.get(name):
            raise ErrorReply(REQUIRED_IS_EMPTY, f"'{name}' is required.")
        return self.given[name]

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean in any case."""
        value = self.given.get(name)
        if not value:
            return default
        if value.lower() not in FLAGS:
            raise ErrorReply(INVALID_PARAMETER, f"The '{name}' parameter is invalid.")
        return FLAGS[value.lower()]

    def maybe_flag(self, name: str) -> bool | None:
        """A boolean that may be left out."""
        return self.flag(name) if self.given.get(name) else None

    def number(self, name: str, default: int, most: int | None = None) -> int:
        """A whole number within its limits."""
        value = self.given.get(name) or str(default)
        if not value.isdigit() or (most is not None and int(value) > most):
            raise ErrorReply(INVALID_PARAMETER, f"The '{name}' parameter is invalid.")
        return int(value)

    def words(self, name: str) -> list[str] | None:
        """A list; None where it is left out."""
        value = self.given.get(name)
        return value.split(";") if value else None

    def ids(self, name: str, code: int) -> list[int] | None:
        """A list of ids, at most a thousand."""
        words = self.words(name)
        if words is None:
            return None
        if len(words) > MOST_IDS or not all(word.isascii() and word.isdigit() for word in words):
            raise ErrorReply(code, f"The '{name}' parameter is invalid.")
        return [int(word) for word in words]

    def slice(self, default: int = 20) -> tuple[int, int]:
        """How many rows, after how many."""
        return self.number("count", default, MOST_ROWS), self.number("offset", 0, MOST_OFFSET)

    def zone(self) -> ZoneInfo | None:
        """The zone that times are in; None is UTC."""
        name = self.text("timezone", GMT)
        name = self.caller.account.zone if name == "auto" else name
        try:
            return None if name in (GMT, "UTC") else ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ErrorReply(INVALID_PARAMETER, "The 'timezone' parameter is invalid.") from None

    def zone_name(self) -> str:
        """The name of that zone, for the answer."""
        zone = self.zone()
        return GMT if zone is None else zone.key

    def window(self, first: str = "from_date", last: str = "to_date", zone: ZoneInfo | None = None) -> tuple[str, str]:
        """From and to in UTC; a month where neither is given."""
        since, until = self._moment(first, zone), self._moment(last, zone)
        until = until or self.now + timedelta(seconds=1)
        since = since or until - MONTH
        if since > until:
            raise ErrorReply(INVALID_DATE_RANGE, "The date range is invalid.")
        return written(since), written(until)

    def csv(self) -> bool:
        """Whether the output is to be CSV."""
        output = self.text("output", "json")
        if output not in ("json", "csv") or (output == "json" and self.flag("is_async")):
            raise ErrorReply(OUTPUT_FORMAT, "The output format is invalid.")
        return output == "csv"

    def _moment(self, name: str, zone: ZoneInfo | None) -> datetime | None:
        value = self.given.get(name)
        if not value:
            return None
        try:
            if not MOMENT.fullmatch(value):
                raise ValueError
            return datetime.fromisoformat(value).replace(tzinfo=zone or UTC).astimezone(UTC)
        except (ValueError, OverflowError):
            raise ErrorReply(INVALID_DATE_FORMAT, f"The '{name}' parameter is invalid.") from None


def written(moment: datetime) -> str:
    """A moment as rows have it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _multipart(kind: str, body: bytes) -> dict[str, str]:
    message = message_from_bytes(b"Content-Type: " + kind.encode("latin-1") + b"\r\n\r\n" + body)
    found = {}
    for part in message.walk():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            found[name] = content.decode("utf-8", "replace")
    return found
