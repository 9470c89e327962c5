"""Routes of the simulated PBX's API."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from telegraphql.plugin import Row
from telegraphql.plugins.portsip.sandbox import fields
from telegraphql.plugins.portsip.sandbox.auth import SandboxUser, TokenStore
from telegraphql.plugins.portsip.sandbox.files import audio_body, report_body
from telegraphql.plugins.portsip.sandbox.queries import QueryError, parse_query
from telegraphql.plugins.portsip.sandbox.reports import ReportScheduler, invalid_field
from telegraphql.plugins.portsip.sandbox.rules import PbxRules
from telegraphql.plugins.portsip.sandbox.store import CdrTable

Handler = Callable[[Request], Awaitable[Response]]


def json_response(body: Any, status: int = 200) -> Response:
    """Return a JSON response."""
    return Response(msgspec.json.encode(body), status, media_type="application/json")


def error_response(status: int, code: str, message: str) -> Response:
    """Return an error in the PBX's format."""
    return json_response({"errors": [{"code": code, "message": message}]}, status)


def unauthorized(status: int = 401) -> Response:
    """Return the response to invalid or expired credentials. A failed login has the status 400."""
    return error_response(status, "UNAUTHORIZED", "unauthorized")


def not_found() -> Response:
    """Return the response to an unknown id."""
    return error_response(404, "UNKNOWN", "not found")


class LoginEndpoints:
    """Login and logout, in the ways of the PBX's versions."""

    def __init__(self, tokens: TokenStore) -> None:
        self._tokens = tokens

    def routes(self) -> list[Route]:
        """Return the routes that need no token."""
        handlers: dict[str, Handler] = {
            "/login/oauth/token": self._token,
            "/login/oauth/revoke": self._revoke,
            "/login": self._login,
            "/auth/sign_in": self._sign_in,
            "/auth/verify_otp": self._verify,
            "/auth/refresh_token": self._refresh,
            "/auth/sign_out": self._sign_out,
            "/tokens": self._create_token,
            "/tokens/by_extension": self._create_extension_token,
        }
        return [*(self._route(path, handler) for path, handler in handlers.items()), self._route("/auth/user", self._user, "GET")]

    def _route(self, path: str, handler: Handler, method: str = "POST") -> Route:
        async def handle_if_present(request: Request) -> Response:
            return await handler(request) if path in self._tokens.logins else not_found()

        return Route("/api" + path, handle_if_present, methods=[method])

    async def _token(self, request: Request) -> Response:
        response = self._tokens.grant(await read_form(request))
        return json_response(response) if response else unauthorized(400)

    async def _revoke(self, request: Request) -> Response:
        self._tokens.revoke((await read_form(request)).get("token", ""))
        return Response(status_code=200)

    async def _login(self, request: Request) -> Response:
        user = self._tokens.find_user(await read_json(request))
        return json_response(self._tokens.issue(user) | {"role": "Admin" if user.sees_all else "User"}) if user else unauthorized(400)

    async def _create_token(self, request: Request) -> Response:
        user = self._tokens.find_user(await read_json(request))
        return self._bare_token(None if user and user.two_factor else user)

    async def _create_extension_token(self, request: Request) -> Response:
        return self._bare_token(self._tokens.find_extension(await read_json(request)))

    def _bare_token(self, user: SandboxUser | None) -> Response:
        """Return a token without its lifetime, as live programs read it of version 16."""
        return json_response({"access_token": self._tokens.issue(user)["access_token"]}) if user else unauthorized()

    async def _sign_in(self, request: Request) -> Response:
        user = self._tokens.find_user(await read_json(request))
        if user is None:
            return unauthorized(400)
        return json_response(self._tokens.challenge(user) if user.two_factor else self._tokens.issue(user))

    async def _verify(self, request: Request) -> Response:
        body = await read_json(request)
        response = self._tokens.verify_code(body.get("token", ""), body.get("code", ""))
        return json_response(response) if response else unauthorized(400)

    async def _refresh(self, request: Request) -> Response:
        response = self._tokens.refresh((await read_json(request)).get("refresh_token", ""))
        return json_response(response) if response else unauthorized(400)

    async def _sign_out(self, request: Request) -> Response:
        self._tokens.revoke(request.headers.get("authorization", "").partition(" ")[2])
        return Response(status_code=204)

    async def _user(self, request: Request) -> Response:
        user = self._tokens.user(request.headers.get("authorization", ""))
        return (
            json_response({"name": user.name, "domain": user.domain, "role": "Admin" if user.sees_all else "User"})
            if user
            else unauthorized()
        )


class ResourceEndpoints:
    """The resources of the API."""

    def __init__(
        self, tokens: TokenStore, tables: Mapping[str, CdrTable], scheduler: ReportScheduler, rules: PbxRules, key: Callable[[], str]
    ) -> None:
        self._tokens = tokens
        self._tables = tables
        self._scheduler = scheduler
        self._rules = rules
        self._key = key

    def routes(self) -> list[Route]:
        """Return the routes. All need a token except files."""
        return [*self._histories(), *self._queues(), *self._reports(), Route("/api/blobs/{digest}", self._blob)]

    def _histories(self) -> list[Route]:
        calls, cdrs = self._tables["calls"], self._tables["sessions"]
        recordings, voicemails = self._tables["recordings"], self._tables["voicemessages"]
        return [
            self._route("/cdrs", self._list_handler(cdrs, fields.CDR)),
            self._route("/cdrs/{id}", self._legs),
            self._route("/calllogs", self._list_handler(calls, fields.CALL_LOG)),
            self._route("/calllogs/{id}", self._detail_handler(calls, fields.CALL_LOG_DETAIL)),
            self._route("/recordings", self._list_handler(recordings, fields.RECORDING)),
            self._route("/recordings/{id}", self._recording),
            self._route("/recordings/{id}/destroy", self._delete_handler(recordings), "POST"),
            self._route("/voicemails", self._list_handler(voicemails, fields.VOICEMAIL)),
            self._route("/voicemails/{id}", self._detail_handler(voicemails, fields.VOICEMAIL)),
        ]

    def _queues(self) -> list[Route]:
        queues = self._tables["queues"]
        return [
            self._route("/call_queues", self._list_handler(queues, fields.QUEUE)),
            self._route("/call_queues/{id}", self._detail_handler(queues, fields.QUEUE_DETAIL)),
            self._route("/call_queues/{id}/status", self._queue_handler(lambda row: {"status": "ONLINE"})),
            self._route("/call_queues/{id}/agents", self._queue_handler(lambda row: {"items": row["agents"]})),
            self._route("/call_queues/{id}/waiting", self._queue_handler(lambda row: {"items": []})),
        ]

    def _reports(self) -> list[Route]:
        reports, schedules = self._scheduler.reports, self._scheduler.schedules
        return [
            self._route("/call_reports", self._list_handler(schedules, fields.CALL_REPORT)),
            self._route("/call_reports", self._create, "POST"),
            self._route("/call_reports/{id}", self._detail_handler(schedules, fields.CALL_REPORT_DETAIL)),
            self._route("/call_reports/{id}", self._change, "POST"),
            self._route("/call_reports/{id}/destroy", self._delete_handler(schedules), "POST"),
            self._route("/completed_call_reports", self._list_handler(reports, fields.COMPLETED_REPORT)),
            self._route("/completed_call_reports/{id}", self._detail_handler(reports, fields.COMPLETED_REPORT)),
            self._route("/completed_call_reports/{id}/destroy", self._delete_handler(reports), "POST"),
        ]

    def _route(self, path: str, handler: Handler, method: str = "GET") -> Route:
        async def authorized(request: Request) -> Response:
            user = self._tokens.user(request.headers.get("authorization", ""))
            if user is None:
                return unauthorized()
            if not user.sees_all:
                return error_response(403, "UNKNOWN", "forbidden")
            if failure := self._rules.error_codes.get(f"{method} {path}"):
                return error_response(*failure, "refused")
            self._scheduler.finish_due_reports()
            return await handler(request)

        return Route("/api" + path, authorized, methods=[method])

    def _list_handler(self, table: CdrTable, names: Sequence[str]) -> Handler:
        async def handle(request: Request) -> Response:
            try:
                self._rules.check(request.query_params.get("filter", ""), request.query_params.get("orderby", ""))
                query = parse_query(request.query_params, table.properties)
                if self._rules.refuses_order:
                    # In the order of some property that is not a time.
                    query.order.append((names[1], False))
            except QueryError as error:
                return error_response(400, "VALIDATE_FAILED", str(error))
            rows, total = table.select(query)
            items = [fields.select_fields(row, names) for row in rows]
            return json_response({"count": total, "items": items} if query.count else {"items": items})

        return handle

    def _detail_handler(self, table: CdrTable, names: Sequence[str]) -> Handler:
        async def handle(request: Request) -> Response:
            row = table.find(request.path_params["id"])
            return json_response(fields.select_fields(row, names)) if row else not_found()

        return handle

    def _delete_handler(self, table: CdrTable) -> Handler:
        async def handle(request: Request) -> Response:
            return Response(status_code=204) if table.remove(request.path_params["id"]) else not_found()

        return handle

    def _queue_handler(self, part: Callable[[Row], Row]) -> Handler:
        async def handle(request: Request) -> Response:
            row = self._tables["queues"].find(request.path_params["id"])
            return json_response(part(row)) if row else not_found()

        return handle

    async def _legs(self, request: Request) -> Response:
        """Return a session's detail: its legs, without their ids."""
        legs = self._tables["calls"].of_session(request.path_params["id"])
        return json_response({"items": [fields.select_fields(leg, fields.LEG_DETAIL) for leg in legs]}) if legs else not_found()

    async def _recording(self, request: Request) -> Response:
        row = self._tables["recordings"].find(request.path_params["id"])
        return json_response({"items": [fields.select_fields(row, fields.RECORDING_DETAIL)]}) if row else not_found()

    async def _create(self, request: Request) -> Response:
        body = await read_json(request)
        field = invalid_field(body)
        if field:
            return error_response(400, "VALIDATE_FAILED", f"field {field} validation failed")
        return json_response({"id": self._scheduler.create(self._key(), body)["id"]}, 201)

    async def _change(self, request: Request) -> Response:
        row = self._scheduler.schedules.find(request.path_params["id"])
        if row is None:
            return not_found()
        body = await read_json(request)
        field = invalid_field(body, row)
        if field:
            return error_response(400, "VALIDATE_FAILED", f"field {field} validation failed")
        self._scheduler.change(row, body)
        return Response(status_code=200)

    async def _blob(self, request: Request) -> Response:
        """Return a whole file. Ranges are ignored, as by the PBX."""
        for table, body in (
            (self._tables["recordings"], audio_body),
            (self._tables["voicemessages"], audio_body),
            (self._scheduler.reports, report_body),
        ):
            row = table.file(request.url.path)
            if row:
                headers = {"content-disposition": f'attachment; filename="{row["file_name"]}"'}
                return Response(body(row), media_type="application/octet-stream", headers=headers)
        return not_found()


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of a form body."""
    return dict(parse_qsl((await request.body()).decode()))


async def read_json(request: Request) -> Any:
    """Return the JSON of a body, or an empty object if it is not JSON."""
    try:
        return json.loads(await request.body())
    except ValueError:
        return {}
