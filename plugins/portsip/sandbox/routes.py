"""Routes: the wire protocol of the simulated PBX."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from telegraphql.plugin import Row
from telegraphql.plugins.portsip.sandbox import shapes
from telegraphql.plugins.portsip.sandbox.access import TokenStore
from telegraphql.plugins.portsip.sandbox.files import report_body, sound_body
from telegraphql.plugins.portsip.sandbox.queries import QueryError, read
from telegraphql.plugins.portsip.sandbox.reports import Orders, complaint
from telegraphql.plugins.portsip.sandbox.tables import CdrTable

Handler = Callable[[Request], Awaitable[Response]]


def answer(body: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(msgspec.json.encode(body), status, media_type="application/json")


def refused(status: int, code: str, message: str) -> Response:
    """An error in the PBX's form."""
    return answer({"errors": [{"code": code, "message": message}]}, status)


def unauthorized(status: int = 401) -> Response:
    """The answer to bad or expired credentials; a failed login has status 400."""
    return refused(status, "UNAUTHORIZED", "unauthorized")


def missing() -> Response:
    """The answer to an id that nothing has."""
    return refused(404, "UNKNOWN", "not found")


class SignIn:
    """Signing in and out, in the ways that versions of the PBX know."""

    def __init__(self, access: TokenStore) -> None:
        self._access = access

    def routes(self) -> list[Route]:
        """Return the endpoints that need no token; those that this version of the PBX does not have are missing."""
        handlers: dict[str, Handler] = {
            "/login/oauth/token": self._token,
            "/login/oauth/revoke": self._revoke,
            "/login": self._login,
            "/auth/sign_in": self._sign_in,
            "/auth/verify_otp": self._verify,
            "/auth/refresh_token": self._refresh,
            "/auth/sign_out": self._sign_out,
            "/tokens": self._create_token,
            "/tokens/by_extension": self._create_token_of_extension,
        }
        return [*(self._route(path, handler) for path, handler in handlers.items()), self._route("/auth/user", self._user, "GET")]

    def _route(self, path: str, handler: Handler, method: str = "POST") -> Route:
        async def of_this_version(request: Request) -> Response:
            return await handler(request) if path in self._access.sign_ins else missing()

        return Route("/api" + path, of_this_version, methods=[method])

    async def _token(self, request: Request) -> Response:
        granted = self._access.granted(await form(request))
        return answer(granted) if granted else unauthorized(400)

    async def _revoke(self, request: Request) -> Response:
        self._access.revoke((await form(request)).get("token", ""))
        return Response(status_code=200)

    async def _login(self, request: Request) -> Response:
        user = self._access.known(await fields(request))
        return answer(self._access.issue(user) | {"role": "Admin" if user.sees_all else "User"}) if user else unauthorized(400)

    async def _create_token(self, request: Request) -> Response:
        user = self._access.known(await fields(request))
        return answer({"access_token": self._access.issue(user)["access_token"]}) if user and not user.two_factor else unauthorized()

    async def _create_token_of_extension(self, request: Request) -> Response:
        user = self._access.known_extension(await fields(request))
        return answer({"access_token": self._access.issue(user)["access_token"]}) if user else unauthorized()

    async def _sign_in(self, request: Request) -> Response:
        user = self._access.known(await fields(request))
        if user is None:
            return unauthorized(400)
        return answer(self._access.challenge(user) if user.two_factor else self._access.issue(user))

    async def _verify(self, request: Request) -> Response:
        given = await fields(request)
        granted = self._access.verified(given.get("token", ""), given.get("code", ""))
        return answer(granted) if granted else unauthorized(400)

    async def _refresh(self, request: Request) -> Response:
        granted = self._access.refreshed((await fields(request)).get("refresh_token", ""))
        return answer(granted) if granted else unauthorized(400)

    async def _sign_out(self, request: Request) -> Response:
        self._access.revoke(request.headers.get("authorization", "").partition(" ")[2])
        return Response(status_code=204)

    async def _user(self, request: Request) -> Response:
        user = self._access.user(request.headers.get("authorization", ""))
        return answer({"name": user.name, "domain": user.domain, "role": "Admin" if user.sees_all else "User"}) if user else unauthorized()


class Resources:
    """Everything that needs a token."""

    def __init__(self, access: TokenStore, tables: Mapping[str, CdrTable], orders: Orders, key: Callable[[], str]) -> None:
        self._access = access
        self._tables = tables
        self._orders = orders
        self._key = key

    def routes(self) -> list[Route]:
        """The endpoints, and the files that anybody may fetch who knows their address."""
        return [*self._histories(), *self._queues(), *self._reports(), Route("/api/blobs/{digest}", self._blob)]

    def _histories(self) -> list[Route]:
        calls, cdrs = self._tables["calls"], self._tables["sessions"]
        recordings, voicemails = self._tables["recordings"], self._tables["voicemessages"]
        return [
            self._route("/cdrs", self._lister(cdrs, shapes.CDR)),
            self._route("/cdrs/{id}", self._legs),
            self._route("/calllogs", self._lister(calls, shapes.CALL_LOG)),
            self._route("/calllogs/{id}", self._detailer(calls, shapes.CALL_LOG_DETAIL)),
            self._route("/recordings", self._lister(recordings, shapes.RECORDING)),
            self._route("/recordings/{id}", self._recording),
            self._route("/recordings/{id}/destroy", self._destroyer(recordings), "POST"),
            self._route("/voicemails", self._lister(voicemails, shapes.VOICEMAIL)),
            self._route("/voicemails/{id}", self._detailer(voicemails, shapes.VOICEMAIL)),
        ]

    def _queues(self) -> list[Route]:
        queues = self._tables["queues"]
        return [
            self._route("/call_queues", self._lister(queues, shapes.QUEUE)),
            self._route("/call_queues/{id}", self._detailer(queues, shapes.QUEUE_DETAIL)),
            self._route("/call_queues/{id}/status", self._queue_part(lambda row: {"status": "ONLINE"})),
            self._route("/call_queues/{id}/agents", self._queue_part(lambda row: {"items": row["agents"]})),
            self._route("/call_queues/{id}/waiting", self._queue_part(lambda row: {"items": []})),
        ]

    def _reports(self) -> list[Route]:
        reports, schedules = self._orders.reports, self._orders.schedules
        return [
            self._route("/call_reports", self._lister(schedules, shapes.CALL_REPORT)),
            self._route("/call_reports", self._create, "POST"),
            self._route("/call_reports/{id}", self._detailer(schedules, shapes.CALL_REPORT_DETAIL)),
            self._route("/call_reports/{id}", self._change, "POST"),
            self._route("/call_reports/{id}/destroy", self._destroyer(schedules), "POST"),
            self._route("/completed_call_reports", self._lister(reports, shapes.COMPLETED_REPORT)),
            self._route("/completed_call_reports/{id}", self._detailer(reports, shapes.COMPLETED_REPORT)),
            self._route("/completed_call_reports/{id}/destroy", self._destroyer(reports), "POST"),
        ]

    def _route(self, path: str, handler: Handler, method: str = "GET") -> Route:
        async def guarded(request: Request) -> Response:
            user = self._access.user(request.headers.get("authorization", ""))
            if user is None:
                return unauthorized()
            if not user.sees_all:
                return refused(403, "UNKNOWN", "forbidden")
            self._orders.deliver()
            return await handler(request)

        return Route("/api" + path, guarded, methods=[method])

    def _lister(self, table: CdrTable, names: Sequence[str]) -> Handler:
        async def listed(request: Request) -> Response:
            try:
                query = read(request.query_params, table.properties)
            except QueryError as error:
                return refused(400, "VALIDATE_FAILED", str(error))
            rows, total = table.select(query)
            items = [shapes.shown(row, names) for row in rows]
            return answer({"count": total, "items": items} if query.count else {"items": items})

        return listed

    def _detailer(self, table: CdrTable, names: Sequence[str]) -> Handler:
        async def detailed(request: Request) -> Response:
            row = table.find(request.path_params["id"])
            return answer(shapes.shown(row, names)) if row else missing()

        return detailed

    def _destroyer(self, table: CdrTable) -> Handler:
        async def destroyed(request: Request) -> Response:
            return Response(status_code=204) if table.remove(request.path_params["id"]) else missing()

        return destroyed

    def _queue_part(self, part: Callable[[Row], Row]) -> Handler:
        async def shown(request: Request) -> Response:
            row = self._tables["queues"].find(request.path_params["id"])
            return answer(part(row)) if row else missing()

        return shown

    async def _legs(self, request: Request) -> Response:
        """A session's detail is its legs, without their ids."""
        legs = self._tables["calls"].of_session(request.path_params["id"])
        return answer({"items": [shapes.shown(leg, shapes.LEG_DETAIL) for leg in legs]}) if legs else missing()

    async def _recording(self, request: Request) -> Response:
        row = self._tables["recordings"].find(request.path_params["id"])
        return answer({"items": [shapes.shown(row, shapes.RECORDING_DETAIL)]}) if row else missing()

    async def _create(self, request: Request) -> Response:
        given = await fields(request)
        wrong = complaint(given)
        if wrong:
            return refused(400, "VALIDATE_FAILED", f"field {wrong} validation failed")
        return answer({"id": self._orders.create(self._key(), given)["id"]}, 201)

    async def _change(self, request: Request) -> Response:
        row = self._orders.schedules.find(request.path_params["id"])
        if row is None:
            return missing()
        given = await fields(request)
        wrong = complaint(given, row)
        if wrong:
            return refused(400, "VALIDATE_FAILED", f"field {wrong} validation failed")
        self._orders.change(row, given)
        return Response(status_code=200)

    async def _blob(self, request: Request) -> Response:
        """A whole file, whatever range was asked for."""
        for table, body in (
            (self._tables["recordings"], sound_body),
            (self._tables["voicemessages"], sound_body),
            (self._orders.reports, report_body),
        ):
            row = table.file(request.url.path)
            if row:
                named = {"content-disposition": f'attachment; filename="{row["file_name"]}"'}
                return Response(body(row), media_type="application/octet-stream", headers=named)
        return missing()


async def form(request: Request) -> dict[str, str]:
    """The fields of a form post."""
    return dict(parse_qsl((await request.body()).decode()))


async def fields(request: Request) -> Any:
    """The JSON of a post; nothing where it is none."""
    try:
        return json.loads(await request.body())
    except ValueError:
        return {}
