"""Routes: the wire protocol of the simulated API, v1.1 and v1.2."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from telegraphql.plugins.voipstudio.sandbox import media, seed
from telegraphql.plugins.voipstudio.sandbox.auth import USER_ID
from telegraphql.plugins.voipstudio.sandbox.company import CUSTOMER_ID, LOGIN, USERS
from telegraphql.plugins.voipstudio.sandbox.fields import NEWER, RESOURCES, CollectionFields
from telegraphql.plugins.voipstudio.sandbox.queries import ListParameters, Row, Wrong

if TYPE_CHECKING:
    from telegraphql.plugins.voipstudio.sandbox import VoipstudioSandbox

Handler = Callable[[Request], Awaitable[Response]]
FOREIGN = range(900, 1000)  # ids of another customer's records
PREFIX = "/{version}/voipstudio"
VERSIONS = ("v1.1", "v1.2")
SINGLES = {"calls", "queues", "recordings", "voicemessages", "chats", "transactions", "mediaSessions"}
CHANGEABLE = {"calls": frozenset({"info", "labels", "metadata"}), "voicemessages": frozenset({"folder"})}
EMPTIED = {"calls": 204, "recordings": 202, "voicemessages": 202, "chatMessages": 204, "statements": 204}
UNLISTED = {"chatMessages": "/chatmsgs", "statements": "/statements"}
DICTIONARIES: dict[str, Callable[[], list[Row]]] = {
    "/cdrs": lambda: [row for row in seed.cdrs() if row["id"] == seed.DICTIONARY_CDR],
    "/msdrs": lambda: [row for row in seed.msdrs() if row["id"] == seed.DICTIONARY_MSDR],
    "/sms": seed.sms,
    "/mediasessions": seed.live_sessions,
}


class StatusReply(Exception):
    """An answer other than success."""

    def __init__(self, status: int, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.status, self.field = status, field


def answer(content: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(msgspec.json.encode(content), status, media_type="application/json")


def refusal(status: int, message: str, field: str | None = None) -> Response:
    """An answer in the upstream's words for errors; 401 has another shape than the rest."""
    if status == 401:
        return answer({"message": message}, status)
    error = {"message": message, "code": f"SF0{status}"} | ({"field": field} if field else {})
    return answer({"errors": [error]}, status)


def routes(sandbox: "VoipstudioSandbox") -> list[Route]:
    """All routes; files before the resources whose paths theirs look like."""
    api = Api(sandbox)
    found = [
        _route("POST", "/login", api.log_in),
        _route("POST", "/login2fa", api.log_in_with_code),
        *(_route("GET", f"{path}/dictionaries", partial(api.dictionary, make)) for path, make in DICTIONARIES.items()),
    ]
    for method, path, handler in api.guarded_routes():
        found.append(_route(method, path, partial(api.guarded, handler)))
    return found


def _route(method: str, path: str, handler: Handler) -> Route:
    return Route(PREFIX + path, partial(_in_version, handler), methods=[method])


async def _in_version(handler: Handler, request: Request) -> Response:
    if request.path_params["version"] not in VERSIONS:
        return refusal(404, "Not found")
    try:
        return await handler(request)
    except StatusReply as refused:
        return refusal(refused.status, str(refused), refused.field)
    except Wrong as wrong:
        return refusal(400, str(wrong), wrong.name)


class Api:
    """The handlers."""

    def __init__(self, sandbox: "VoipstudioSandbox") -> None:
        self.sandbox = sandbox

    def guarded_routes(self) -> list[tuple[str, str, Handler]]:
        """Method, path and handler of everything that needs credentials."""
        found: list[tuple[str, str, Handler]] = [
            ("GET", "/me", self.me),
            ("GET", "/ping", self.ping),
            ("GET", "/cdrs/{id:int}/notes", self.notes),
            ("GET", "/users/{id:int}/cdrs.csv", self.export),
        ]
        for kind in ("calls", "mediaSessions"):
            found.append(("GET", f"{RESOURCES[kind].path}/{{id:int}}.trace", partial(self.trace, kind)))
            found.append(("GET", f"{RESOURCES[kind].path}/{{id:int}}.pcap", partial(self.capture, kind)))
        for kind in ("recordings", "voicemessages"):
            found.append(("GET", f"{RESOURCES[kind].path}/{{id:int}}.mp3", partial(self.sound, kind)))
        for kind, resource in RESOURCES.items():
            found.append(("GET", resource.path, partial(self.listed, resource)))
            if kind in SINGLES:
                found.append(("GET", f"{resource.path}/{{id:int}}", partial(self.single, kind)))
            if kind in CHANGEABLE:
                found.append(("PATCH", resource.path, partial(self.change, kind)))
        for kind, status in EMPTIED.items():
            path = UNLISTED.get(kind) or RESOURCES[kind].path
            found.append(("DELETE", path, partial(self.empty, kind, status)))
            if kind not in ("calls", "statements"):
                found.append(("DELETE", f"{path}/{{ids}}", partial(self.delete, kind)))
        return found

    async def guarded(self, handler: Handler, request: Request) -> Response:
        """The handler's answer, to those who may ask."""
        if not self.sandbox.doors.opens(request.headers):
            raise StatusReply(401, "Unauthorized")
        return await handler(request)

    async def log_in(self, request: Request) -> Response:
        """First step of a login."""
        status, content = self.sandbox.doors.log_in(await _body(request))
        return answer(content, status)

    async def log_in_with_code(self, request: Request) -> Response:
        """Second step of a login."""
        status, content = self.sandbox.doors.log_in_with_code(await _body(request))
        return answer(content, status)

    async def me(self, request: Request) -> Response:
        """The user of the credentials."""
        _, _, name = USERS[0]
        return answer({"data": {"id": int(USER_ID), "email": LOGIN, "name": name, "customer_id": CUSTOMER_ID}, "links": {}})

    async def ping(self, request: Request) -> Response:
        """A sign of life."""
        return answer({"data": {"response": "Pong"}})

    async def dictionary(self, make: Callable[[], list[Row]], request: Request) -> Response:
        """A dictionary as the reference shows it: the collection's example. It is open to all."""
        return answer({"data": make(), "total": 59})

    async def listed(self, resource: CollectionFields, request: Request) -> Response:
        """A page of a collection."""
        old = request.path_params["version"] == "v1.1"
        types = {name: kind for name, kind in resource.types.items() if not (old and name in NEWER)}
        rows, total = self.sandbox.tables[resource.kind].find(ListParameters.read(request.query_params, types), types)
        return answer({"data": [_old(row) for row in rows] if old else rows, "total": total})

    async def single(self, kind: str, request: Request) -> Response:
        """A resource."""
        row = self._row(kind, request)
        return answer({"data": _old(row) if request.path_params["version"] == "v1.1" else row, "links": {}})

    async def notes(self, request: Request) -> Response:
        """The notes on a leg: a list, one alone as an object, and for the example of the reference what it shows there."""
        call = self._row("calls", request)
        notes = [note for note in self.sandbox.records["notes"] if note["cdr_id"] == call["id"]]
        if call["id"] == seed.NOTES_CDR:
            return answer({"data": _old(call), "links": {}})
        return answer({"data": notes[0] if len(notes) == 1 else notes, "links": {}})

    async def trace(self, kind: str, request: Request) -> Response:
        """A SIP trace."""
        return Response(media.trace(self._row(kind, request)), media_type="text/plain")

    async def capture(self, kind: str, request: Request) -> Response:
        """A packet capture."""
        return Response(media.pcap(self._row(kind, request)), media_type="application/vnd.tcpdump.pcap")

    async def sound(self, kind: str, request: Request) -> Response:
        """An MP3; the whole one, whatever range is asked for."""
        row = self._row(kind, request)
        return Response(media.mp3(row.get("size") or media.mp3_size(row["duration"])), media_type="audio/mpeg")

    async def export(self, request: Request) -> Response:
        """A user's legs as CSV."""
        user = request.path_params["id"]
        return Response(media.table(row for row in self.sandbox.records["calls"] if row["user_id"] == user), media_type="text/csv")

    async def change(self, kind: str, request: Request) -> Response:
        """A bulk change: all or nothing. Entries that are empty lists, as in the reference's example, are passed over."""
        entries: Any = await _body(request)
        wanted: list[Any] = [entry for entry in entries if entry != []] if isinstance(entries, list) else [None]
        if not wanted or not all(isinstance(entry, dict) and isinstance(entry.get("id"), int) for entry in wanted):
            raise StatusReply(400, "Validation error", "id")
        for entry in wanted:
            for name in sorted(set(entry) - {"id"} - CHANGEABLE[kind]):
                raise StatusReply(400, "Validation error", name)
        rows = [self._known(kind, entry["id"]) for entry in wanted]
        for row, entry in zip(rows, wanted, strict=True):
            row |= entry
        shown = [_old(row) if request.path_params["version"] == "v1.1" else row for row in rows]
        return answer({"data": shown[0] if len(shown) == 1 else shown, "links": {}})

    async def delete(self, kind: str, request: Request) -> Response:
        """Delete some: all or none."""
        texts = request.path_params["ids"].split(",")
        if not all(text.isascii() and text.isdigit() for text in texts):
            raise StatusReply(404, "Not found")
        self.sandbox.remove(kind, [self._known(kind, int(text))["id"] for text in texts])
        return Response(status_code=204)

    async def empty(self, kind: str, status: int, request: Request) -> Response:
        """Delete all; 202 says that it will be done, which here is at once."""
        self.sandbox.remove(kind, None)
        return Response(status_code=status)

    def _row(self, kind: str, request: Request) -> Row:
        return self._known(kind, request.path_params["id"])

    def _known(self, kind: str, key: int) -> Row:
        if key in FOREIGN:
            raise StatusReply(403, "Access denied")
        table = self.sandbox.tables.get(kind)
        row = table.get(key) if table else next((each for each in self.sandbox.records[kind] if each["id"] == key), None)
        if row is None:
            raise StatusReply(404, "CollectionFields not found")
        return row


def _old(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in NEWER}


async def _body(request: Request) -> Any:
    try:
        return msgspec.json.decode(await request.body())
    except msgspec.DecodeError:
        raise StatusReply(400, "Body is not valid JSON") from None
