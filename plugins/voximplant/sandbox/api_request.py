"""The parameters of one request, validated as strictly as the API reference says."""

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.requests import Request

from telegraphql.plugins.voximplant.sandbox.auth import ActingAccount
from telegraphql.plugins.voximplant.sandbox.errors import (
    INVALID_DATE_FORMAT,
    INVALID_DATE_RANGE,
    INVALID_PARAMETER,
    OUTPUT_FORMAT,
    REQUIRED_IS_EMPTY,
    ErrorReply,
)

MAX_ROWS = 1000
MAX_OFFSET = 10_000
MAX_IDS = 1000
MONTH = timedelta(days=30)
TIME_FORMAT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
FLAGS = {"true": True, "1": True, "false": False, "0": False}
GMT = "Etc/GMT"


def parameters(request: Request, body: bytes) -> dict[str, str]:
    """Return all parameters: of the query, and of a form in either encoding."""
    values = dict(request.query_params)
    content_type = request.headers.get("content-type", "")
    if content_type.startswith("application/x-www-form-urlencoded"):
        values |= dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    elif content_type.startswith("multipart/form-data"):
        values |= _multipart(content_type, body)
    return values


def method_of(request: Request, values: dict[str, str]) -> str:
    """Return the requested method: the last part of the path, or `cmd`."""
    last = request.url.path.rstrip("/").rpartition("/")[2]
    return values.get("cmd", "") if last == "platform_api" else last


class ApiRequest:
    """The caller and the parameters of one request."""

    def __init__(self, caller: ActingAccount, values: dict[str, str], now: datetime) -> None:
        self.caller = caller
        self.values = values
        self.now = now

    def text(self, name: str, default: str = "") -> str:
        """Return a text."""
        return self.values.get(name, default)

    def required_text(self, name: str) -> str:
        """Return a text that must not be empty."""
        if not self.values.get(name):
            raise ErrorReply(REQUIRED_IS_EMPTY, f"'{name}' is required.")
        return self.values[name]

    def flag(self, name: str, default: bool = False) -> bool:
        """Return a boolean, written in any case."""
        value = self.values.get(name)
        if not value:
            return default
        if value.lower() not in FLAGS:
            raise ErrorReply(INVALID_PARAMETER, f"The '{name}' parameter is invalid.")
        return FLAGS[value.lower()]

    def optional_flag(self, name: str) -> bool | None:
        """Return a boolean, or None if it is absent."""
        return self.flag(name) if self.values.get(name) else None

    def number(self, name: str, default: int, limit: int | None = None) -> int:
        """Return a whole number up to the limit."""
        value = self.values.get(name) or str(default)
        if not value.isdigit() or (limit is not None and int(value) > limit):
            raise ErrorReply(INVALID_PARAMETER, f"The '{name}' parameter is invalid.")
        return int(value)

    def words(self, name: str) -> list[str] | None:
        """Return a list of texts, or None if it is absent."""
        value = self.values.get(name)
        return value.split(";") if value else None

    def ids(self, name: str, code: int) -> list[int] | None:
        """Return a list of up to a thousand ids, or None if it is absent."""
        words = self.words(name)
        if words is None:
            return None
        if len(words) > MAX_IDS or not all(word.isascii() and word.isdigit() for word in words):
            raise ErrorReply(code, f"The '{name}' parameter is invalid.")
        return [int(word) for word in words]

    def slice(self, default: int = 20) -> tuple[int, int]:
        """Return the number of rows and the offset."""
        return self.number("count", default, MAX_ROWS), self.number("offset", 0, MAX_OFFSET)

    def zone(self) -> ZoneInfo | None:
        """Return the time zone of times, or None for UTC."""
        name = self.text("timezone", GMT)
        name = self.caller.account.zone if name == "auto" else name
        try:
            return None if name in (GMT, "UTC") else ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ErrorReply(INVALID_PARAMETER, "The 'timezone' parameter is invalid.") from None

    def zone_name(self) -> str:
        """Return the name of the time zone, for the response."""
        zone = self.zone()
        return GMT if zone is None else zone.key

    def window(self, start_name: str = "from_date", end_name: str = "to_date", zone: ZoneInfo | None = None) -> tuple[str, str]:
        """Return the start and end in UTC; the last month by default."""
        since, until = self._time(start_name, zone), self._time(end_name, zone)
        until = until or self.now + timedelta(seconds=1)
        since = since or until - MONTH
        if since > until:
            raise ErrorReply(INVALID_DATE_RANGE, "The date range is invalid.")
        return format_time(since), format_time(until)

    def csv(self, is_async: bool = False) -> bool:
        """Return True if the output is CSV, which it is by default in the asynchronous mode."""
        output = self.text("output", "csv" if is_async or self.flag("is_async") else "json")
        if output not in ("json", "csv") or (output == "json" and self.flag("is_async")):
            raise ErrorReply(OUTPUT_FORMAT, "The output format is invalid.")
        return output == "csv"

    def _time(self, name: str, zone: ZoneInfo | None) -> datetime | None:
        value = self.values.get(name)
        if not value:
            return None
        try:
            if not TIME_FORMAT.fullmatch(value):
                raise ValueError
            return datetime.fromisoformat(value).replace(tzinfo=zone or UTC).astimezone(UTC)
        except (ValueError, OverflowError):
            raise ErrorReply(INVALID_DATE_FORMAT, f"The '{name}' parameter is invalid.") from None


def format_time(time: datetime) -> str:
    """Return a time as rows contain it."""
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _multipart(content_type: str, body: bytes) -> dict[str, str]:
    message = message_from_bytes(b"Content-Type: " + content_type.encode("latin-1") + b"\r\n\r\n" + body)
    values = {}
    for part in message.walk():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            values[name] = content.decode("utf-8", "replace")
    return values
