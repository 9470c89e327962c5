"""The log: one line per event on standard error, as JSON or text, with the request that it belongs to."""

import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any

import orjson

from telegraphql.gateway.telemetry.request_context import CURRENT_REQUEST
from telegraphql.gateway.telemetry.settings import LogSettings
from telegraphql.gateway.telemetry.unexpected_errors import describe_error

# Any library may log a URL. Its query and its user information may be secret.
URL_WITH_SECRETS = re.compile(r"(https?://)(?:[^\s/?#'\"@]*@)?([^\s?#'\"]*)[?#][^\s'\"]*", re.IGNORECASE)
CONTROL_CHARACTERS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160), 0x2028, 0x2029)}


class StderrHandler(logging.Handler):
    """Writes to the current standard error, not to that of the time when the log was configured."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line. A failure to write is handled as logging's other errors are."""
        try:
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()
        except (OSError, ValueError):
            self.handleError(record)


def configure_logging(settings: LogSettings) -> None:
    """Configure the log of this process. Other libraries are logged from WARNING on."""
    root = logging.getLogger()
    for handler in [each for each in root.handlers if isinstance(each, StderrHandler)]:
        root.removeHandler(handler)
    handler = StderrHandler()
    is_text = settings.format == "text" or (settings.format == "auto" and sys.stderr.isatty())
    handler.setFormatter(TextFormatter() if is_text else JsonFormatter())
    root.addHandler(handler)
    logging.getLogger("telegraphql").setLevel(settings.level)
    # The audit log is written whatever the level is.
    logging.getLogger("telegraphql.audit").setLevel(logging.INFO)


def log_event(record: logging.LogRecord) -> dict[str, Any]:
    """Return the fields of a log line. An exception is described by its types and places, never by its text."""
    request = CURRENT_REQUEST.get()
    event: dict[str, Any] = {"time": _time(record.created), "level": record.levelname, "logger": record.name, "event": _message(record)}
    if request is not None:
        event["request_id"] = request.id
        if request.caller:
            event["caller"] = request.caller
        if request.trace_id:
            event["trace_id"] = request.trace_id
    fields = getattr(record, "fields", None)
    if fields:
        event |= fields
    if record.exc_info and record.exc_info[1] is not None:
        event["error"] = describe_error(record.exc_info[1])
    return event


def _message(record: logging.LogRecord) -> str:
    # After the first line, asyncio logs the repr of a task, which contains its exception's text.
    text = record.getMessage() if record.name != "asyncio" else str(record.msg).split("\n", 1)[0]
    return URL_WITH_SECRETS.sub(r"\1\2", text) if "://" in text else text


def _time(created: float) -> str:
    return datetime.fromtimestamp(created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class JsonFormatter(logging.Formatter):
    """Formats an event as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return orjson.dumps(log_event(record), default=str, option=orjson.OPT_NON_STR_KEYS).decode()


class TextFormatter(logging.Formatter):
    """Formats an event as text: time, level, event, and the other fields as key=value; the frames of an exception on lines below."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and those of the exception's frames."""
        event = log_event(record)
        time, level, _, message, errors = (event.pop(name, None) for name in ("time", "level", "logger", "event", "error"))
        fields = [f"{name}={_printable(value)}" for name, value in event.items() if value not in (None, "")]
        lines = [" ".join([str(time), f"{level:<7}", _printable(message), *fields])]
        for each in errors if isinstance(errors, list) else ():
            lines += [f"  {each['type']}", *(f"    {frame}" for frame in each["frames"])]
        return "\n".join(lines)


def _printable(value: object) -> str:
    """Return a value as text without control characters: on one line, and harmless to a terminal."""
    text = value if isinstance(value, str) else orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    return text.translate(CONTROL_CHARACTERS)
