"""Logs: one line for each event on standard error, as JSON or as text, with the request it belongs to."""

import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any

import orjson

from telegraphql.gateway.telemetry.request_context import current_request
from telegraphql.gateway.telemetry.settings import LogSettings
from telegraphql.gateway.telemetry.unexpected_errors import describe_error

# Whatever library writes an address: what follows its "?", and whoever stands before its "@", may be secret.
QUERY = re.compile(r"(https?://)(?:[^\s/?#'\"@]*@)?([^\s?#'\"]*)[?#][^\s'\"]*", re.IGNORECASE)
CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160), 0x2028, 0x2029)}


class StderrHandler(logging.Handler):
    """Writes where standard error is now, not where it was when the log was set up."""

    def emit(self, record: logging.LogRecord) -> None:
        """One line; a log that cannot be written is no reason to fail."""
        try:
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()
        except (OSError, ValueError):
            self.handleError(record)


def configure_logging(settings: LogSettings) -> None:
    """Write the log of this process as the settings want it; what others log is written from WARNING on."""
    root = logging.getLogger()
    for handler in [each for each in root.handlers if isinstance(each, StderrHandler)]:
        root.removeHandler(handler)
    handler = StderrHandler()
    plain = settings.format == "text" or (settings.format == "auto" and sys.stderr.isatty())
    handler.setFormatter(TextFormatter() if plain else JsonFormatter())
    root.addHandler(handler)
    logging.getLogger("telegraphql").setLevel(settings.level)
    # Who changed what is never too little to be told.
    logging.getLogger("telegraphql.audit").setLevel(logging.INFO)


def log_event(record: logging.LogRecord) -> dict[str, Any]:
    """What a record says, by name. Exceptions give their types and places, never their texts."""
    running = current_request()
    made: dict[str, Any] = {"time": _time(record.created), "level": record.levelname, "logger": record.name, "event": _said(record)}
    if running is not None:
        made["request_id"] = running.id
        if running.caller:
            made["caller"] = running.caller
        if running.trace:
            made["trace_id"] = running.trace
    fields = getattr(record, "fields", None)
    if fields:
        made |= fields
    if record.exc_info and record.exc_info[1] is not None:
        made["error"] = describe_error(record.exc_info[1])
    return made


def _said(record: logging.LogRecord) -> str:
    # Below its first line asyncio shows the whole task, the text of its exception included.
    text = record.getMessage() if record.name != "asyncio" else str(record.msg).split("\n", 1)[0]
    return QUERY.sub(r"\1\2", text) if "://" in text else text


def _time(created: float) -> str:
    return datetime.fromtimestamp(created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return orjson.dumps(log_event(record), default=str, option=orjson.OPT_NON_STR_KEYS).decode()


class TextFormatter(logging.Formatter):
    """One line for people: the time, the level, the event, and the rest as key=value; an exception's frames below."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        made = log_event(record)
        time, level, _, said, errors = (made.pop(name, None) for name in ("time", "level", "logger", "event", "error"))
        rest = [f"{name}={_plain(value)}" for name, value in made.items() if value not in (None, "")]
        lines = [" ".join([str(time), f"{level:<7}", _plain(said), *rest])]
        for each in errors if isinstance(errors, list) else ():
            lines += [f"  {each['type']}", *(f"    {frame}" for frame in each["frames"])]
        return "\n".join(lines)


def _plain(value: object) -> str:
    """On one line, and without anything that a terminal obeys."""
    text = value if isinstance(value, str) else orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    return text.translate(CONTROLS)
