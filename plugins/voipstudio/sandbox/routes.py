"""The HTTP endpoints of the API, v1.1 and v1.2."""

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any, Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from telegraphql.plugin import Row
from telegraphql.plugins.voipstudio.sandbox import examples, files
from telegraphql.plugins.voipstudio.sandbox.auth import USER_ID, AccountLogins
from telegraphql.plugins.voipstudio.sandbox.fields import FIELDS_OF_V1_2, RESOURCES, CollectionFields
from telegraphql.plugins.voipstudio.sandbox.queries import InvalidParameter, ListParameters, ResourceTable
from telegraphql.plugins.voipstudio.sandbox.rules import ListRules
from telegraphql.plugins.voipstudio.sandbox.sample_values import CUSTOMER_ID, LOGIN, USERS

Handler = Callable[[Request], Awaitable[Response]]
FOREIGN_IDS = range(900, 1000)  # records of another customer
PREFIX = "/{version}/voipstudio"
VERSIONS = ("v1.1", "v1.2")
WITH_SINGLE_GET = {"calls", "queues", "recordings", "voicemessages", "chats", "transactions", "mediaSessions"}
CHANGEABLE_FIELDS = {"calls": frozenset({"info", "labels", "metadata"}), "voicemessages": frozenset({"folder"})}
DELETE_ALL_STATUS = {"calls": 204, "recordings": 202, "voicemessages": 202, "chatMessages": 204, "statements": 204}
UNLISTED_PATHS = {"chatMessages": "/chatmsgs", "statements": "/statements"}
DICTIONARIES: dict[str, Callable[[], list[Row]]] = {
    "/cdrs": lambda: [row for row in examples.cdrs() if row["id"] == examples.DICTIONARY_CDR],
    "/msdrs": lambda: [row for row in examples.msdrs() if row["id"] == examples.DICTIONARY_MSDR],
    "/sms": examples.sms,
    "/mediasessions": examples.live_sessions,
}


class SimulatedAccount(Protocol):
    """The account that the endpoints serve."""

    logins: AccountLogins
    rules: ListRules
    tables: dict[str, ResourceTable]
    records: dict[str, list[Row]]

    def remove(self, kind: str, keys: Iterable[int | str] | None) -> None:
        """Delete the records with these ids, or all of a kind."""


class ErrorStatus(Exception):
    """A request that is answered with an error status."""

    def __init__(self, status: int, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.status, self.field = status, field


def json_response(content: Any, status: int = 200) -> Response:
    """Return a JSON response."""
    return Response(msgspec.json.encode(content), status, media_type="application/json")


def error_response(status: int, message: str, field: str | None = None) -> Response:
    """Return an error response. Status 401 has another format than the others."""
    if status == 401:
        return json_response({"message": message}, status)
    error = {"message": message, "code": f"SF0{status}"} | ({"field": field} if field else {})
    return json_response({"errors": [error]}, status)


def routes(sandbox: SimulatedAccount) -> list[Route]:
    """Return all routes. Files come before the resources whose paths match theirs."""
    api = Handlers(sandbox)
    routes_found = [
        _route("POST", "/login", api.log_in),
        _route("POST", "/login2fa", api.log_in_with_code),
        *(_route("GET", f"{path}/dictionaries", partial(api.dictionary, make)) for path, make in DICTIONARIES.items()),
    ]
    for method, path, handler in api.protected_routes():
        routes_found.append(_route(method, path, partial(api.authenticated, handler)))
    return routes_found


def _route(method: str, path: str, handler: Handler) -> Route:
    return Route(PREFIX + path, partial(_check_version, handler), methods=[method])


async def _check_version(handler: Handler, request: Request) -> Response:
    if request.path_params["version"] not in VERSIONS:
        return error_response(404, "Not found")
    try:
        return await handler(request)
    except ErrorStatus as error:
        return error_response(error.status, str(error), error.field)
    except InvalidParameter as error:
        return error_response(400, str(error), error.name)


class Handlers:
    """The handlers of all routes."""

    def __init__(self, sandbox: SimulatedAccount) -> None:
        self.sandbox = sandbox

    def protected_routes(self) -> list[tuple[str, str, Handler]]:
        """Return method, path and handler of all routes that need credentials."""
        handlers: list[tuple[str, str, Handler]] = [
            ("GET", "/me", self.me),
            ("GET", "/ping", self.ping),
            ("GET", "/cdrs/{id:int}/notes", self.notes),
            ("GET", "/users/{id:int}/cdrs.csv", self.export),
        ]
        for kind in ("calls", "mediaSessions"):
            handlers.append(("GET", f"{RESOURCES[kind].path}/{{id:int}}.trace", partial(self.trace, kind)))
            handlers.append(("GET", f"{RESOURCES[kind].path}/{{id:int}}.pcap", partial(self.capture, kind)))
        for kind in ("recordings", "voicemessages"):
            handlers.append(("GET", f"{RESOURCES[kind].path}/{{id:int}}.mp3", partial(self.audio, kind)))
        for kind, resource in RESOURCES.items():
            handlers.append(("GET", resource.path, partial(self.list_page, resource)))
            if kind in WITH_SINGLE_GET:
                handlers.append(("GET", f"{resource.path}/{{id:int}}", partial(self.get_one, kind)))
            if kind in CHANGEABLE_FIELDS:
                handlers.append(("PATCH", resource.path, partial(self.update, kind)))
        for kind, status in DELETE_ALL_STATUS.items():
            path = UNLISTED_PATHS.get(kind) or RESOURCES[kind].path
            handlers.append(("DELETE", path, partial(self.delete_all, kind, status)))
            if kind not in ("calls", "statements"):
                handlers.append(("DELETE", f"{path}/{{ids}}", partial(self.delete, kind)))
        return handlers

    async def authenticated(self, handler: Handler, request: Request) -> Response:
        """Return the handler's response if the credentials are valid."""
        if not self.sandbox.logins.is_authorized(request.headers):
            raise ErrorStatus(401, "Unauthorized")
        return await handler(request)

    async def log_in(self, request: Request) -> Response:
        """Handle the first step of a login."""
        status, content = self.sandbox.logins.log_in(await _body(request))
        return json_response(content, status)

    async def log_in_with_code(self, request: Request) -> Response:
        """Handle the second step of a login."""
        status, content = self.sandbox.logins.log_in_with_code(await _body(request))
        return json_response(content, status)

    async def me(self, request: Request) -> Response:
        """Return the user of the credentials."""
        _, _, name = USERS[0]
        return json_response({"data": {"id": int(USER_ID), "email": LOGIN, "name": name, "customer_id": CUSTOMER_ID}, "links": {}})

    async def ping(self, request: Request) -> Response:
        """Return a sign of life."""
        return json_response({"data": {"response": "Pong"}})

    async def dictionary(self, make: Callable[[], list[Row]], request: Request) -> Response:
        """Return a dictionary as the reference shows it: the collection's example. It needs no credentials."""
        return json_response({"data": make(), "total": 59})

    async def list_page(self, resource: CollectionFields, request: Request) -> Response:
        """Return a page of a collection."""
        is_v1_1 = request.path_params["version"] == "v1.1"
        types = {name: kind for name, kind in resource.types.items() if not (is_v1_1 and name in FIELDS_OF_V1_2)}
        parameters = ListParameters.parse(request.query_params, types, self.sandbox.rules)
        rows, total = self.sandbox.tables[resource.kind].query(parameters, types)
        return json_response({"data": [_without_new_fields(row) for row in rows] if is_v1_1 else rows, "total": total})

    async def get_one(self, kind: str, request: Request) -> Response:
        """Return one record."""
        row = self._row(kind, request)
        return json_response({"data": _without_new_fields(row) if request.path_params["version"] == "v1.1" else row, "links": {}})

    async def notes(self, request: Request) -> Response:
        """Return the notes on a call: a list, or an object if there is one; for the reference's example what the reference shows."""
        call = self._row("calls", request)
        notes = [note for note in self.sandbox.records["notes"] if note["cdr_id"] == call["id"]]
        if call["id"] == examples.NOTES_CDR:
            return json_response({"data": _without_new_fields(call), "links": {}})
        return json_response({"data": notes[0] if len(notes) == 1 else notes, "links": {}})

    async def trace(self, kind: str, request: Request) -> Response:
        """Return a SIP trace: as text, or as the reference shows it."""
        if self.sandbox.rules.traces_as_json:
            return json_response({"data": self._row(kind, request), "links": {}})
        return Response(files.trace(self._row(kind, request)), media_type="text/plain")

    async def capture(self, kind: str, request: Request) -> Response:
        """Return a packet capture."""
        return Response(files.pcap(self._row(kind, request)), media_type="application/vnd.tcpdump.pcap")

    async def audio(self, kind: str, request: Request) -> Response:
        """Return an MP3, always as a whole."""
        row = self._row(kind, request)
        return Response(files.mp3(row.get("size") or files.mp3_size(row["duration"])), media_type="audio/mpeg")

    async def export(self, request: Request) -> Response:
        """Return a user's calls as CSV."""
        user = request.path_params["id"]
        return Response(files.to_csv(row for row in self.sandbox.records["calls"] if row["user_id"] == user), media_type="text/csv")

    async def update(self, kind: str, request: Request) -> Response:
        """Update several records, all or none. Empty lists among the entries, as in the reference's example, are skipped."""
        entries: Any = await _body(request)
        changes: list[Any] = [entry for entry in entries if entry != []] if isinstance(entries, list) else [None]
        if not changes or not all(isinstance(entry, dict) and isinstance(entry.get("id"), int) for entry in changes):
            raise ErrorStatus(400, "Validation error", "id")
        for entry in changes:
            for name in sorted(set(entry) - {"id"} - CHANGEABLE_FIELDS[kind]):
                raise ErrorStatus(400, "Validation error", name)
        rows = [self._find(kind, entry["id"]) for entry in changes]
        for row, entry in zip(rows, changes, strict=True):
            row |= entry
        updated = [_without_new_fields(row) if request.path_params["version"] == "v1.1" else row for row in rows]
        return json_response({"data": updated[0] if len(updated) == 1 else updated, "links": {}})

    async def delete(self, kind: str, request: Request) -> Response:
        """Delete several records, all or none."""
        texts = request.path_params["ids"].split(",")
        if not all(text.isascii() and text.isdigit() for text in texts):
            raise ErrorStatus(404, "Not found")
        self.sandbox.remove(kind, [self._find(kind, int(text))["id"] for text in texts])
        return Response(status_code=204)

    async def delete_all(self, kind: str, status: int, request: Request) -> Response:
        """Delete all records. Status 202 means that the deletion is scheduled; here it is done at once."""
        self.sandbox.remove(kind, None)
        return Response(status_code=status)

    def _row(self, kind: str, request: Request) -> Row:
        return self._find(kind, request.path_params["id"])

    def _find(self, kind: str, key: int) -> Row:
        if key in FOREIGN_IDS:
            raise ErrorStatus(403, "Access denied")
        table = self.sandbox.tables.get(kind)
        row = table.get(key) if table else next((each for each in self.sandbox.records[kind] if each["id"] == key), None)
        if row is None:
            raise ErrorStatus(404, "Resource not found")
        return row


def _without_new_fields(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in FIELDS_OF_V1_2}


async def _body(request: Request) -> Any:
    try:
        return msgspec.json.decode(await request.body())
    except msgspec.DecodeError:
        raise ErrorStatus(400, "Body is not valid JSON") from None
