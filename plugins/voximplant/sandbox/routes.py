"""The HTTP endpoints: methods by path or by `cmd`, and files."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from telegraphql.plugin import mp3
from telegraphql.plugins.voximplant.sandbox import history, methods
from telegraphql.plugins.voximplant.sandbox.api_request import ApiRequest, method_of, parameters
from telegraphql.plugins.voximplant.sandbox.errors import FORBIDDEN_COMMAND, MISSING_CMD, UNKNOWN_COMMAND, ErrorReply
from telegraphql.plugins.voximplant.sandbox.responses import file_response
from telegraphql.plugins.voximplant.sandbox.state import SandboxState

METHODS: dict[str, Callable[[SandboxState, ApiRequest], Response]] = {
    "GetCallHistory": history.calls,
    "GetCallHistoryAsync": history.calls_async,
    "GetBriefCallHistory": history.brief_calls,
    "GetTransactionHistory": history.transactions,
    "GetTransactionHistoryAsync": history.transactions_async,
    "GetAuditLog": history.audit,
    "GetAuditLogAsync": history.audit_async,
    "GetACDHistory": history.visits,
    "GetHistoryReports": methods.reports,
    "GetQueues": methods.queues,
    "SQ_GetQueues": methods.smart_queues,
    "DeleteRecord": methods.delete_record,
    "GetAccountInfo": methods.account_info,
}
DOWNLOAD = "DownloadHistoryReport"
# Who may use a method; all roles may use the others.
HISTORY_ROLES = ("Owner", "Admin", "Developer", "Supervisor", "Support")
MONEY_ROLES = ("Owner", "Admin", "Accountant", "Payer")
ROLES = {
    **dict.fromkeys(("GetCallHistory", "GetCallHistoryAsync", "GetBriefCallHistory"), HISTORY_ROLES),
    **dict.fromkeys(("GetTransactionHistory", "GetTransactionHistoryAsync"), MONEY_ROLES),
    **dict.fromkeys(("GetAuditLog", "GetAuditLogAsync"), ("Owner",)),
}
# Folders of a storage, as the URLs of live accounts have them.
RECORDS = ("records", "voxdata-us-acme-rec-secure", "voximplant-records-secure")
LOGS = ("voxdata-us-acme-logs", "voximplant-logs-secure")
# The parameters that belong to the URL of a file.
URL_PARAMETERS = ("record_id", "sessionid")


class Endpoints:
    """Answers requests from the sandbox's state."""

    def __init__(self, state: SandboxState, origin: Callable[[], str], current_time: Callable[[], datetime]) -> None:
        self.state = state
        self.origin = origin
        self.current_time = current_time

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        api = [Route(path, self._api, methods=["GET", "POST"]) for path in ("/platform_api{slash:path}",)]
        files: dict[str, Callable[[Request], Awaitable[Response]]] = {
            **{f"/{folder}/{{rest:path}}": self._record for folder in RECORDS},
            **{f"/{folder}/{{rest:path}}": self._log for folder in LOGS},
            "/transcriptions/{rest:path}": self._transcription,
        }
        return [*api, *(Route(path, endpoint, methods=["GET"]) for path, endpoint in files.items())]

    async def _api(self, request: Request) -> Response:
        values = parameters(request, await request.body())
        try:
            caller = self.state.authenticator.caller(request.headers.get("authorization"), values)
            api_request = ApiRequest(caller, values, self.current_time())
            name = method_of(request, values)
            if name == DOWNLOAD:
                accepted = request.headers.get("accept-encoding", "")
                return self.state.reports.download(self.state.own_store(api_request), api_request, accepted)
            if name not in METHODS:
                raise ErrorReply(UNKNOWN_COMMAND if name else MISSING_CMD, "The command is unknown." if name else "The 'cmd' is missing.")
            if api_request.caller.role not in ROLES.get(name, (api_request.caller.role,)):
                raise ErrorReply(FORBIDDEN_COMMAND, "The command is forbidden.")
            return METHODS[name](self.state, api_request)
        except ErrorReply as error:
            return error.response()

    async def _record(self, request: Request) -> Response:
        if error := self._auth_error(request):
            return error
        row = next((row for store in self.state.stores.values() if (row := store.file(self._url(request)))), None)
        if row is None or row.get("is_removed"):
            return PlainTextResponse("Not Found", 404)
        length = row["duration"] if "record_id" in row else row.get("duration", 1)
        return file_response(mp3(length), request.headers.get("range"), "audio/mpeg")

    async def _log(self, request: Request) -> Response:
        if error := self._auth_error(request):
            return error
        url = self._url(request)
        for store in self.state.stores.values():
            for row in store.sessions.rows:
                if row.get("log_file_url") == url:
                    text = f"{row['start_date']} [session {row['call_session_history_id']}] AppEvents.Started\n"
                    return file_response(text.encode(), request.headers.get("range"), "text/plain")
        return PlainTextResponse("Not Found", 404)

    async def _transcription(self, request: Request) -> Response:
        if error := self._auth_error(request):
            return error
        url, record_id = self.origin() + request.url.path, request.query_params.get("record_id")
        for store in self.state.stores.values():
            if any(row.get("transcription_url") == url and str(row["record_id"]) == record_id for row in store.recordings):
                return PlainTextResponse("Left [00:01]: Good morning.\nRight [00:03]: Hello, this is Acme.\n")
        return PlainTextResponse("Not Found", 404)

    def _auth_error(self, request: Request) -> Response | None:
        """Return the refusal of a file in secure storage, or None if it may be read."""
        folder = request.url.path.split("/")[1]
        if not folder.endswith("-secure") and folder != "transcriptions":
            return None
        try:
            self.state.authenticator.caller(request.headers.get("authorization"), dict(request.query_params))
        except ErrorReply:
            return PlainTextResponse("Unauthorized", 401)
        return None

    def _url(self, request: Request) -> str:
        """Return the URL of a file as records contain it."""
        parameters = {name: value for name, value in request.query_params.items() if name in URL_PARAMETERS}
        return f"{self.origin()}{request.url.path}{f'?{urlencode(parameters)}' if parameters else ''}"
