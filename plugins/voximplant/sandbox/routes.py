"""Routes: the wire protocol - methods by path or by `cmd`, and files."""

from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from telegraphql.plugins.voximplant.sandbox import history, others, sound
from telegraphql.plugins.voximplant.sandbox.answers import in_part
from telegraphql.plugins.voximplant.sandbox.question import Question, method_of, parameters
from telegraphql.plugins.voximplant.sandbox.refused import MISSING_CMD, UNKNOWN_COMMAND, ErrorReply
from telegraphql.plugins.voximplant.sandbox.world import World

METHODS: dict[str, Callable[[World, Question], Response]] = {
    "GetCallHistory": history.calls,
    "GetCallHistoryAsync": history.calls_async,
    "GetBriefCallHistory": history.brief_calls,
    "GetTransactionHistory": history.transactions,
    "GetTransactionHistoryAsync": history.transactions_async,
    "GetAuditLog": history.audit,
    "GetAuditLogAsync": history.audit_async,
    "GetACDHistory": history.visits,
    "GetHistoryReports": others.reports,
    "GetQueues": others.queues,
    "SQ_GetQueues": others.smart_queues,
    "DeleteRecord": others.delete_record,
    "GetAccountInfo": others.account_info,
}
DOWNLOAD = "DownloadHistoryReport"
# Folders of a storage, as addresses of live accounts name them.
RECORDS = ("records", "voxdata-us-acme-rec-secure", "voximplant-records-secure")
LOGS = ("voxdata-us-acme-logs", "voximplant-logs-secure")
# What an address of a file names beside its path.
PARTS_OF_ADDRESS = ("record_id", "sessionid")


class Endpoints:
    """Answers requests from a world."""

    def __init__(self, world: World, origin: Callable[[], str]) -> None:
        self.world = world
        self.origin = origin

    def routes(self) -> Sequence[Route]:
        """Where they are."""
        api = [Route(path, self._api, methods=["GET", "POST"]) for path in ("/platform_api{slash:path}",)]
        files: dict[str, Callable[[Request], Awaitable[Response]]] = {
            **{f"/{folder}/{{rest:path}}": self._record for folder in RECORDS},
            **{f"/{folder}/{{rest:path}}": self._log for folder in LOGS},
            "/transcriptions/{rest:path}": self._transcription,
        }
        return [*api, *(Route(path, endpoint, methods=["GET"]) for path, endpoint in files.items())]

    async def _api(self, request: Request) -> Response:
        given = parameters(request, await request.body())
        try:
            question = Question(self.world.access.caller(request.headers.get("authorization"), given), given)
            name = method_of(request, given)
            if name == DOWNLOAD:
                accepted = request.headers.get("accept-encoding", "")
                return self.world.reports.download(self.world.own(question), question, accepted)
            if name not in METHODS:
                raise ErrorReply(UNKNOWN_COMMAND if name else MISSING_CMD, "The command is unknown." if name else "The 'cmd' is missing.")
            return METHODS[name](self.world, question)
        except ErrorReply as refused:
            return refused.response()

    async def _record(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        found = next((row for books in self.world.books.values() if (row := books.file(self._url(request)))), None)
        if found is None:
            return PlainTextResponse("Not Found", 404)
        length = found["duration"] if "record_id" in found else found.get("duration", 1)
        return in_part(sound.silence(length), request.headers.get("range"), "audio/mpeg")

    async def _log(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        url = self._url(request)
        for books in self.world.books.values():
            for row in books.sessions.rows:
                if row.get("log_file_url") == url:
                    text = f"{row['start_date']} [session {row['call_session_history_id']}] AppEvents.Started\n"
                    return in_part(text.encode(), request.headers.get("range"), "text/plain")
        return PlainTextResponse("Not Found", 404)

    async def _transcription(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        url, number = self.origin() + request.url.path, request.query_params.get("record_id")
        for books in self.world.books.values():
            if any(row.get("transcription_url") == url and str(row["record_id"]) == number for row in books.recordings):
                return PlainTextResponse("Left [00:01]: Good morning.\nRight [00:03]: Hello, this is Acme.\n")
        return PlainTextResponse("Not Found", 404)

    def _refusal(self, request: Request) -> Response | None:
        """Return the refusal of a file in secure storage to a stranger."""
        folder = request.url.path.split("/")[1]
        if not folder.endswith("-secure") and folder != "transcriptions":
            return None
        try:
            self.world.access.caller(request.headers.get("authorization"), dict(request.query_params))
        except ErrorReply:
            return PlainTextResponse("Unauthorized", 401)
        return None

    def _url(self, request: Request) -> str:
        """Return the address of a file as records name it."""
        named = {name: value for name, value in request.query_params.items() if name in PARTS_OF_ADDRESS}
        return f"{self.origin()}{request.url.path}{f'?{urlencode(named)}' if named else ''}"
