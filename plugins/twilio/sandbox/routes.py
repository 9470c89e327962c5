"""The endpoints of the API: lists whose pages name the next one, single rows, files, and the deletion of a recording."""

import binascii
from base64 import b64decode
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol, TypeAlias
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from telegraphql.plugin import Row, mp3, wav
from telegraphql.plugins.twilio.sandbox.data import ACCOUNT, SUBACCOUNT

ROOT = "/2010-04-01/Accounts"
Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]
# A list's name in paths, the kind of its rows, and their name in answers.
LISTS = {"Calls": ("calls", "calls"), "Recordings": ("recordings", "recordings"), "Messages": ("messages", "messages")}
LISTS |= {"Queues": ("queues", "queues"), "Usage/Records/Daily": ("usage", "usage_records")}
EXACT = {"To": "to", "From": "from", "Status": "status", "ParentCallSid": "parent_call_sid", "CallSid": "call_sid", "Category": "category"}
# Filters by time: the field of a row, and the one that stands for it while it is null.
TIMES = {"StartTime": "start_time", "EndTime": "end_time", "DateCreated": "date_created", "DateSent": "date_sent"}
DEFAULT_SIZE, LARGEST_SIZE = 50, 1000
DAY_LENGTH = len("2026-11-01")
# A PNG of one pixel.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


class Account(Protocol):
    """The account that the endpoints serve."""

    records: dict[str, list[Row]]
    account_sid: str
    auth_token: str
    api_key: str
    api_key_secret: str


def error(status: int, code: int, message: str) -> Response:
    """Return an error as the API writes it."""
    body = {"code": code, "message": message, "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status}
    return JSONResponse(body, status)


def routes(sandbox: Account) -> Sequence[Route]:
    """Return the endpoints of an account."""
    api = Api(sandbox)
    account = f"{ROOT}/{{account}}"
    found = [Route(f"{account}/{name}.json", api.guarded(api.listed(name))) for name in LISTS]
    found += [Route(f"{account}/{name}/{{sid}}.json", api.guarded(api.single(name))) for name in ("Calls", "Messages", "Queues")]
    found += [
        Route(f"{account}/Calls/{{sid}}/{kind.title()}.json", api.guarded(api.of_call(kind))) for kind in ("notifications", "recordings")
    ]
    media = f"{account}/Messages/{{message}}/Media"
    return [
        *found,
        Route(f"{account}/Recordings/{{sid}}.json", api.guarded(api.recording), methods=["GET", "DELETE"]),
        Route(f"{account}/Recordings/{{sid}}.{{extension}}", api.guarded(api.sound)),
        Route(f"{media}.json", api.guarded(api.media_list)),
        Route(f"{media}/{{sid}}.json", api.guarded(api.media)),
        Route(f"{media}/{{sid}}", api.guarded(api.media_file)),
    ]


class Api:
    """The API of an account and its subaccount."""

    def __init__(self, sandbox: Account) -> None:
        self.sandbox = sandbox

    def guarded(self, endpoint: Endpoint) -> Endpoint:
        """Return an endpoint that checks the credentials and the account of a request first."""

        async def answer(request: Request) -> Response:
            sandbox = self.sandbox
            if _credentials(request) not in ((sandbox.account_sid, sandbox.auth_token), (sandbox.api_key, sandbox.api_key_secret)):
                return error(401, 20003, "Authenticate")
            if request.path_params["account"] not in (ACCOUNT, SUBACCOUNT):
                return _not_found(request)
            return await endpoint(request)

        return answer

    def listed(self, name: str) -> Endpoint:
        """Return the endpoint of a list."""
        kind, field = LISTS[name]

        async def answer(request: Request) -> Response:
            return page(self._rows(request, kind), field, request)

        return answer

    def single(self, name: str) -> Endpoint:
        """Return the endpoint of a row."""
        kind, _ = LISTS[name]

        async def answer(request: Request) -> Response:
            row = self._row(request, kind)
            return _not_found(request) if row is None else JSONResponse(row)

        return answer

    def of_call(self, kind: str) -> Endpoint:
        """Return the endpoint of what belongs to a call."""

        async def answer(request: Request) -> Response:
            call = request.path_params["sid"]
            return page([row for row in self._rows(request, kind) if row["call_sid"] == call], kind, request)

        return answer

    async def recording(self, request: Request) -> Response:
        """Return a recording, or delete it."""
        row = self._row(request, "recordings")
        if row is None:
            return _not_found(request)
        if request.method == "GET":
            return JSONResponse(row)
        self._rows(request, "recordings").remove(row)
        return Response(status_code=204)

    async def sound(self, request: Request) -> Response:
        """Return the audio of a recording."""
        row, extension = self._row(request, "recordings"), request.path_params["extension"]
        if row is None or row["status"] != "completed" or extension not in ("mp3", "wav"):
            return _not_found(request)
        length = int(row["duration"])
        return Response(mp3(length), media_type="audio/mpeg") if extension == "mp3" else Response(wav(length), media_type="audio/x-wav")

    async def media_list(self, request: Request) -> Response:
        """Return the files of a message."""
        message = request.path_params["message"]
        return page([row for row in self._rows(request, "media") if row["parent_sid"] == message], "media_list", request)

    async def media(self, request: Request) -> Response:
        """Return the row of a file."""
        row = self._row(request, "media")
        return _not_found(request) if row is None else JSONResponse(row)

    async def media_file(self, request: Request) -> Response:
        """Return a file."""
        row = self._row(request, "media")
        return _not_found(request) if row is None else Response(PIXEL, media_type=row["content_type"])

    def _rows(self, request: Request, kind: str) -> list[Row]:
        prefix = "" if request.path_params["account"] == ACCOUNT else "subaccount_"
        return self.sandbox.records[prefix + kind]

    def _row(self, request: Request, kind: str) -> Row | None:
        sid, message = request.path_params["sid"], request.path_params.get("message")
        rows = self._rows(request, kind)
        return next((row for row in rows if row["sid"] == sid and message in (None, row.get("parent_sid"))), None)


def page(rows: Sequence[Row], field: str, request: Request) -> Response:
    """Return a page of a list, newest first, or the error of a wrong parameter."""
    given = request.query_params
    try:
        size, index = int(given.get("PageSize", DEFAULT_SIZE)), int(given.get("Page", 0))
        found = [row for row in rows if passes(row, given)]
    except ValueError:
        return error(400, 20001, "Invalid parameter")
    if not 1 <= size <= LARGEST_SIZE:
        return error(400, 20001, "Page size must be between 1 and 1000")
    found.sort(key=_place, reverse=True)
    start = 0
    if token := given.get("PageToken"):
        # A token names the last row of the page before.
        start = next((number for number, row in enumerate(found, 1) if token == _token(row)), -1)
        if start < 0:
            return error(400, 20006, "Invalid page token")
    part = found[start : start + size]
    following = {"Page": str(index + 1), "PageToken": _token(part[-1])} if start + len(part) < len(found) else None
    answer = {
        field: part,
        "page": index,
        "page_size": size,
        "start": index * size,
        "end": index * size + max(0, len(part) - 1),
        "uri": _address(request, {}),
        "first_page_uri": _address(request, {"Page": "0"}),
        "previous_page_uri": None,
        "next_page_uri": _address(request, following) if following else None,
    }
    return JSONResponse(answer)


def passes(row: Row, given: Mapping[str, str]) -> bool:
    """Return True if a row passes the filters of a request.

    Raises:
        ValueError: a time cannot be read.
    """
    if any(row[field] != given[name] for name, field in EXACT.items() if name in given and field in row):
        return False
    if "start_date" in row and not given.get("StartDate", "") <= row["start_date"] <= given.get("EndDate", "9999"):
        return False
    return all(_is_within(row.get(field) or row["date_created"], name, given) for name, field in TIMES.items() if field in row)


def _is_within(value: str, name: str, given: Mapping[str, str]) -> bool:
    at = parsedate_to_datetime(value)
    if (day := given.get(name)) is not None and not _moment(day) <= at < _moment(day) + timedelta(days=1):
        return False
    since, until = given.get(f"{name}>"), given.get(f"{name}<")
    return (since is None or at >= _moment(since)) and (until is None or at <= _moment(until))


def _moment(text: str) -> datetime:
    """Return the moment of a bound. One without a time is midnight, in UTC."""
    found = datetime.fromisoformat(text)
    return found if len(text) > DAY_LENGTH else found.replace(tzinfo=UTC)


def _place(row: Row) -> tuple[datetime | str, str]:
    """Return the place of a row in the order of creation."""
    created = row.get("date_created")
    return (parsedate_to_datetime(created), row["sid"]) if created else (row["start_date"], row["category"])


def _token(row: Row) -> str:
    return f"PA{row.get('sid') or row['start_date']}"


def _address(request: Request, following: Mapping[str, str]) -> str:
    kept = {name: value for name, value in request.query_params.items() if name not in ("Page", "PageToken")}
    return f"{request.url.path}?{urlencode({**kept, **following})}"


def _credentials(request: Request) -> tuple[str, str] | None:
    scheme, _, pair = request.headers.get("authorization", "").partition(" ")
    try:
        user, _, password = b64decode(pair, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (user, password) if scheme == "Basic" else None


def _not_found(request: Request) -> Response:
    return error(404, 20404, f"The requested resource {request.url.path.removeprefix('/2010-04-01')} was not found")
