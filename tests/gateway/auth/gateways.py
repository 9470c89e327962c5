"""House: a gateway with callers over two providers of one plugin, and clients that bring credentials."""

from pathlib import Path
from typing import Any

import httpx

from telegraphql.gateway.auth.api_keys import hash_key, new_key
from telegraphql.gateway.config.settings import GatewaySettings, build_config
from telegraphql.gateway.http import app
from telegraphql.gateway.plugin.provider import (
    CommandRequest,
    CommandResult,
    Download,
    GetRequest,
    Keyset,
    ListRequest,
    Page,
    Provider,
    command,
    files,
    gets,
    lists,
)
from telegraphql.gateway.plugin.registry import Plugins
from telegraphql.gateway.runtime import Runtime
from telegraphql.gateway.upstream.client import Request
from telegraphql.schema.audit_entry import AuditEntry
from telegraphql.schema.enums import ReportStatus, TranscriptionStatus
from telegraphql.schema.record import FileInfo
from telegraphql.schema.recording import Recording, Transcription
from telegraphql.schema.report import Report
from telegraphql.schema.values import Party
from tests.support.memory_provider import Memory, Store
from tests.support.records import at, call, recording, report

CALLS = "{ calls { nodes { nativeId } } }"
SOUND = "{ recordings { nodes { media { url expiresAt } } } }"
NUMBER = "+41616925879"


class Rich(Memory):
    """Calls, recordings with files, reports, a log of changes, and commands."""

    plugin = "rich"

    @lists(Recording, pages=Keyset(most=100))
    async def recordings(self, ask: ListRequest) -> Page:
        """Recordings."""
        return await self._slice(self.store.recordings, ask)

    @lists(AuditEntry, pages=Keyset(most=100))
    async def changes(self, ask: ListRequest) -> Page:
        """Changes."""
        made = AuditEntry(provider_name=self.name, native_id="1", performed_at=at(1), command="Delete", actor="Zoë")
        return Page(records=[made], read=1)

    @gets(Report)
    async def reports(self, wanted: GetRequest) -> Page:
        """Reports that are done."""
        return Page(records=[report(key, provider=self.name, status=ReportStatus.DONE) for key in wanted.keys], read=1)

    @files("Recording.media")
    async def media(self, native_id: str) -> Download:
        """The sound."""
        return Download(request=Request(operation="File", path=f"/{native_id}"))

    @files("Recording.transcription")
    async def words(self, native_id: str) -> Download:
        """The words."""
        return Download(request=Request(operation="File", path=f"/{native_id}"))

    @files("exportUserCalls")
    async def export(self, native_id: str) -> Download:
        """All calls of a user."""
        return Download(request=Request(operation="File", path=f"/{native_id}"))

    @command("deleteRecordings", kind=Recording, at_most=10, idempotent=True)
    async def delete(self, order: CommandRequest) -> CommandResult:
        """Delete recordings."""
        self.store.asked.append(order)
        return CommandResult(done=list(order.ids))

    @command("deleteAll")
    async def delete_all(self, order: CommandRequest) -> CommandResult:
        """Delete everything."""
        self.store.asked.append(order)
        return CommandResult()


PLUGINS = Plugins({"rich": Rich}, {"broken": "ImportError: oops"})
PROVIDERS = {"seen": {"plugin": "rich"}, "hidden": {"plugin": "rich"}}


def filled(name: str) -> Store:
    """What a provider knows."""
    person = Party(number=NUMBER, name="Zoë", uri=f"sip:{NUMBER}@example.com", native_id="7")
    calls = [call(number, number, name, from_=person, raw={"number": NUMBER}, dialed_number=NUMBER) for number in range(3)]
    sound = recording("r", "0", 1, name, from_=person, file_name=f"{NUMBER}.wav")
    sound.files = {"media": FileInfo(file_name=f"{NUMBER}.wav"), "transcription": FileInfo()}
    sound.transcription = Transcription(status=TranscriptionStatus.COMPLETE, text="hello", recording=sound)
    return Store(calls, [sound])


class Callers(dict[str, dict[str, Any]]):
    """Tables of keys under construction; `keys` are what the callers keep to themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.secrets: dict[str, str] = {}

    def add(self, name: str, *scopes: str, **table: Any) -> str:
        """One more caller; its key."""
        key = self.secrets[name] = new_key()
        self[name] = {"hash": hash_key(key), "scopes": list(scopes)} | table
        return key


def settings(callers: dict[str, Any] | None = None, **tables: Any) -> GatewaySettings:
    """A configuration with these callers."""
    given = {"providers": PROVIDERS, "media": {"secret": "x" * 32}, "callers": callers or {}}
    return build_config(given | tables, Path())


def house(callers: dict[str, Any] | None = None, **tables: Any) -> Runtime:
    """A gateway whose providers know the same."""
    made = Runtime.build(settings(callers, **tables), PLUGINS)
    for name, serving in made.providers.items():
        furnish(serving.provider, name)
    return made


def furnish(provider: Provider, name: str) -> None:
    """Fill a provider, and answer what it sends all the same."""
    furnished: Any = provider
    furnished.store = filled(name)
    handler = httpx.MockTransport(lambda request: httpx.Response(200, content=b"sound"))
    furnished.upstream._sender._client = httpx.AsyncClient(transport=handler, trust_env=False)


def client(engine: Runtime, key: str | None = None, reached: str = "10.0.0.1") -> httpx.AsyncClient:
    """A client of a gateway that listens on an address."""
    headers = {} if key is None else {"authorization": f"Bearer {key}"}
    transport = Listening(app=app.create_app(engine), reached=reached)
    return httpx.AsyncClient(transport=transport, base_url="http://gateway", headers=headers)


class Listening(httpx.ASGITransport):
    """A server on an address."""

    def __init__(self, app: Any, reached: str) -> None:
        async def listening(scope: Any, receive: Any, send: Any) -> None:
            await app(scope | {"server": (reached, 8000)}, receive, send)

        super().__init__(app=listening)


async def asked(made: httpx.AsyncClient, document: str, **variables: Any) -> Any:
    """The whole answer to a document."""
    return (await made.post("/graphql", json={"query": document, "variables": variables})).json()


def codes(answer: Any) -> list[str]:
    """The codes of the errors of an answer."""
    return [error["extensions"]["code"] for error in answer.get("errors", [])]
