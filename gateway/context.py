"""Context: what resolvers ask of the engine, for one GraphQL request."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import orjson
from strawberry.types import Info

from gateway.callers.caller import LOCAL, Caller
from gateway.capabilities import described
from gateway.commands import run
from gateway.errors import BadId, BadInput, Malformed, NobodyCan, NotFound, RequestError, UnknownProvider, UpstreamError
from gateway.reading.loaders import Key, Loaders
from gateway.reading.pages import MOST_FIRST, Lister
from gateway.reading.relations import follow
from gateway.selection import Selection, selected
from gateway.server.media import Address, Files
from gateway.serving import Serving
from gateway.transport.health import Health
from gateway.transport.operation import Operation, enter
from schema.context import Done, PageArguments
from schema.enums import ReportStatus
from schema.filters import QueueVisitFilter
from schema.kinds import KINDS
from schema.paging import Connection
from schema.provider import Provider, ProviderHealth
from schema.record import FileInfo, Record, read_global_id
from schema.report import Report
from schema.values import Media

ENDED = frozenset({ReportStatus.DONE, ReportStatus.FAILED, ReportStatus.EXPIRED})
POLL_SECONDS = 2.0


@dataclass(kw_only=True)
class RequestContext:
    """The engine as one request sees it: the providers its caller may see, and loaders of its own."""

    serving: Mapping[str, Serving]
    files: Files
    healths: Mapping[str, Health]
    operation: Operation
    caller: Caller = LOCAL
    most_slices: int = 50
    loaders: Loaders = field(default_factory=Loaders)

    def anew(self) -> "RequestContext":
        """The same for the next operation of a connection: nothing loaded, nothing spent."""
        return replace(self, operation=self.operation.anew(), loaders=Loaders())

    async def page(self, kind: type[Record], arguments: PageArguments, info: Info) -> Connection[Any] | None:
        """A page of a kind; of one parent's children where the arguments name a parent."""
        serving = list(self.serving.values())
        if arguments.parent is not None:
            serving = [self._serving(arguments.parent.provider_name)]
            if not serving[0].declared.lists(kind):
                return None
            arguments = _of_parent(arguments)
        lister = Lister(serving, self.most_slices)
        return await lister.page(kind, arguments, selected(info), self.loaders)

    async def records(self, ids: Sequence[str], info: Info) -> list[Record | Exception | None]:
        """The records with these ids, those of one provider and kind asked for together."""
        if len(ids) > MOST_FIRST:
            raise BadInput(f"at most {MOST_FIRST} ids can be asked for at once")
        found: list[Record | Exception | None] = [None] * len(ids)
        groups: dict[tuple[str, str], list[tuple[int, str]]] = {}
        for place, text in enumerate(ids):
            try:
                kind, provider, native = self._address(text)
                groups.setdefault((kind, provider), []).append((place, native))
            except RequestError as error:
                found[place] = error
        asked = (self._group(KINDS[kind], self.serving[provider], wanted, info) for (kind, provider), wanted in groups.items())
        for group in await asyncio.gather(*asked):
            for place, record in group:
                found[place] = record
        return found

    async def related(self, record: Record, info: Info) -> Any:
        """What hangs on a record by the field being resolved."""
        return await follow(self._serving(record.provider_name), record, info.field_name, selected(info), self.loaders)

    async def media(self, record: Record, info: Info, field: str | None = None) -> Media | None:
        """A link to a file of a record."""
        return self.files.link(record, field or info.field_name)

    async def text(self, record: Record, info: Info) -> str | None:
        """A text file of a record, read to its end."""
        if info.field_name not in record.files:
            return None
        return await self.files.text(self._serving(record.provider_name), record, info.field_name)

    async def command(self, name: str, arguments: dict[str, Any]) -> Done:
        """What a command did; what was loaded before is forgotten."""
        try:
            return await run(self.serving, name, arguments, self.caller.name)
        finally:
            self.loaders = Loaders()

    async def progress(self, id: str, info: Info) -> AsyncIterator[Report]:
        """A report each time its status changes, asked for every few seconds until its end."""
        seen = None
        while True:
            asked = self.anew()
            enter(asked.operation)
            (report,) = await asked.records([id], info)
            if isinstance(report, Exception):
                raise report
            if not isinstance(report, Report):
                raise BadId(f"{id[:80]!r} is not the id of a report that exists")
            if report.status is not seen:
                seen = report.status
                yield report
            if seen in ENDED:
                return
            await asyncio.sleep(POLL_SECONDS)

    def export(self, provider: str, file: str, native_id: str) -> Media:
        """A link to a file that belongs to no record."""
        if file not in self._serving(provider).declared.files:
            raise NobodyCan(f"the provider {provider} cannot do {file}; its capabilities list what it can")
        return self.files.link_to(Address(provider, file, native_id), FileInfo())

    def native(self, record: Record) -> Any:
        """The upstream's own record."""
        raw = record.raw
        if not isinstance(raw, msgspec.Raw | bytes | bytearray):
            return raw
        try:
            return orjson.loads(bytes(raw))
        except orjson.JSONDecodeError:
            raise Malformed("sent a row that JSON cannot show, such as a number without end", provider=record.provider_name) from None

    def providers(self) -> list[Provider]:
        """The configured providers, by name."""
        return [described(self.serving[name]) for name in sorted(self.serving)]

    def provider(self, name: str) -> Provider:
        """One configured provider."""
        return described(self._serving(name))

    def health(self, name: str) -> ProviderHealth:
        """How a provider is."""
        return self.healths[name].shown()

    def _serving(self, name: str) -> Serving:
        found = self.serving.get(name)
        if found is None:
            raise UnknownProvider(f"there is no provider {name[:80]!r}; ask providers {{ name }} for those there are")
        return found

    def _address(self, text: str) -> tuple[str, str, str]:
        try:
            kind, provider, native = read_global_id(text)
        except ValueError:
            raise BadId(f"{text[:80]!r} is not an id of this gateway") from None
        if kind not in KINDS:
            raise BadId(f"{text[:80]!r} is not an id of this gateway")
        self._serving(provider)
        return kind, provider, native

    async def _group(
        self, kind: type[Record], serving: Serving, wanted: Sequence[tuple[int, str]], info: Info
    ) -> list[tuple[int, Record | Exception | None]]:
        if not serving.declared.gets(kind):
            missing = BadId(f"{serving.name} cannot fetch a single {kind.__name__} by id")
            return [(place, missing) for place, _ in wanted]
        select: Selection = selected(info, kind.__name__)
        loads = (self.loaders.load(serving, kind, "id", [Key(native)], select) for _, native in wanted)
        found = await asyncio.gather(*loads, return_exceptions=True)
        return [(place, _single(each)) for (place, _), each in zip(wanted, found, strict=True)]


def _single(found: list[list[Record]] | BaseException) -> Record | Exception | None:
    """The one record of one key; an upstream's error stands for itself, unless it says that there is none."""
    if isinstance(found, NotFound):
        return None
    if isinstance(found, UpstreamError):
        return found
    if isinstance(found, BaseException):
        raise found
    return next(iter(found[0]), None)


def _of_parent(arguments: PageArguments) -> PageArguments:
    given = arguments.filter or QueueVisitFilter()
    parent = arguments.parent
    assert parent is not None
    return replace(arguments, filter=replace(given, queue_id=[parent.id()], providers=None), parent=None)
