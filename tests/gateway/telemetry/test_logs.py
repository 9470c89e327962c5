"""The log: one line an event, machine-readable, and without anything that somebody else wrote into an exception."""

import asyncio
import logging
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import orjson
import pytest

from telegraphql.gateway.telemetry.logs import JsonFormatter, StderrHandler, TextFormatter, configure_logging
from telegraphql.gateway.telemetry.request_context import CURRENT_REQUEST, RequestInfo
from telegraphql.gateway.telemetry.settings import LogSettings

URL = "https://user:s3cr3t@upstream.example/api?api_key=s3cr3t"


def record(
    message: str, *arguments: Any, name: str = "telegraphql", error: BaseException | None = None, **fields: Any
) -> logging.LogRecord:
    made = logging.LogRecord(
        name, logging.WARNING, __file__, 1, message, arguments, (type(error), error, error.__traceback__) if error else None
    )
    made.created = 1_700_000_000.25
    if fields:
        made.__dict__["fields"] = fields
    return made


@pytest.fixture
def mine() -> Iterator[None]:
    token = CURRENT_REQUEST.set(RequestInfo(id="mine", caller="web"))
    yield
    CURRENT_REQUEST.reset(token)


@pytest.mark.usefixtures("mine")
def test_a_line_is_one_json_object_with_the_request_it_belongs_to() -> None:
    line = JsonFormatter().format(record("the breaker of %s is OPEN", "a", provider="a"))
    assert orjson.loads(line) == {
        "time": "2023-11-14T22:13:20.250Z",
        "level": "WARNING",
        "logger": "telegraphql",
        "event": "the breaker of a is OPEN",
        "request_id": "mine",
        "caller": "web",
        "provider": "a",
    }


@pytest.mark.usefixtures("mine")
def test_people_read_it_as_text() -> None:
    line = TextFormatter().format(record("request", path="/graphql", ms=1.5, operation=""))
    assert line == "2023-11-14T22:13:20.250Z WARNING request request_id=mine caller=web path=/graphql ms=1.5"


def test_a_line_stays_one_line_and_obeys_no_escape() -> None:
    given = record("request", path="/a\nb\x1b[2J\u2028c\x9b")
    assert TextFormatter().format(given).endswith("path=/a\\x0ab\\x1b[2J\\x2028c\\x9b")
    assert "\n" not in JsonFormatter().format(given)


def raised() -> BaseException:
    try:
        try:
            httpx.Response(500, request=httpx.Request("GET", URL)).raise_for_status()
        except httpx.HTTPError as error:
            raise KeyError(URL) from error
    except KeyError as error:
        return error


@pytest.mark.parametrize("formatter", [JsonFormatter(), TextFormatter()])
def test_an_exception_tells_its_types_and_places_and_nothing_else(formatter: logging.Formatter) -> None:
    line = formatter.format(record("it failed", error=raised()))
    assert "s3cr3t" not in line
    assert all(part in line for part in ("builtins.KeyError", "httpx.HTTPStatusError", "telemetry/test_logs.py:", "raised"))


@pytest.mark.parametrize("formatter", [JsonFormatter(), TextFormatter()])
def test_what_follows_an_address_is_cut_off_whoever_wrote_it(formatter: logging.Formatter) -> None:
    line = formatter.format(record("GET %s failed, see https://example.org/help", URL, name="any.library"))
    assert "GET https://upstream.example/api failed, see https://example.org/help" in line


async def test_asyncios_word_on_a_lost_task_is_cut_before_its_exception(caplog: pytest.LogCaptureFixture) -> None:
    loop = asyncio.get_running_loop()
    lost = loop.create_future()
    lost.set_exception(KeyError("s3cr3t"))
    loop.call_exception_handler({"message": "Task exception was never retrieved", "future": lost, "exception": lost.exception()})
    (given,) = caplog.records
    assert "s3cr3t" in given.getMessage()
    line = JsonFormatter().format(given)
    assert ("Task exception was never retrieved" in line, "s3cr3t" in line) == (True, False)


@pytest.fixture
def unchanged() -> Iterator[None]:
    level = logging.getLogger("telegraphql").level
    yield
    logging.getLogger("telegraphql").setLevel(level)
    logging.getLogger("telegraphql.audit").setLevel(logging.NOTSET)
    root = logging.getLogger()
    for handler in [each for each in root.handlers if isinstance(each, StderrHandler)]:
        root.removeHandler(handler)


@pytest.mark.usefixtures("unchanged")
def test_the_log_goes_to_standard_error_once_from_its_level_on(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        configure_logging(LogSettings(format="json", level="WARNING"))
    logging.getLogger("telegraphql").info("quiet")
    logging.getLogger("telegraphql.audit").info("loud", extra={"fields": {"command": "delete"}})
    logging.getLogger("any.library").info("quiet")
    told = capsys.readouterr()
    assert told.out == ""
    assert [(line["event"], line["command"]) for line in map(orjson.loads, told.err.splitlines())] == [("loud", "delete")]


@pytest.mark.usefixtures("unchanged")
def test_a_terminal_gets_text_and_everything_else_json(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    for terminal in (True, False):
        monkeypatch.setattr(sys.stderr, "isatty", lambda found=terminal: found)
        configure_logging(LogSettings())
        logging.getLogger("telegraphql").info("hello")
        told.append(capsys.readouterr().err)
    assert (told[0].endswith(" INFO    hello\n"), orjson.loads(told[1])["event"]) == (True, "hello")
