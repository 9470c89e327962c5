"""Context: what resolvers ask of the engine, for one GraphQL request."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import msgspec
import orjson
from graphql import GraphQLResolveInfo
from strawberry.types import Info

from telegraphql.gateway.auth import redaction
from telegraphql.gateway.auth.caller import LOCAL, Caller, Scope
from telegraphql.gateway.auth.scopes import of_command, of_kind
from telegraphql.gateway.errors import (
    BadId,
    BadInput,
    Malformed,
    NobodyCan,
    NotAllowed,
    NotFound,
    RequestError,
    UnknownProvider,
    UpstreamError,
)
from telegraphql.gateway.graphql.validation.concurrency_limit import Admission
from telegraphql.gateway.graphql.validation.limits import Limits
from telegraphql.gateway.graphql.validation.persisted import Persisted
from telegraphql.gateway.media.links import FileAddress, MediaLinks
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.connection import MOST_FIRST, Lister
from telegraphql.gateway.pagination.cursor import OPEN, Seal
from telegraphql.gateway.pagination.dataloaders import DataLoaders, LoaderKey
from telegraphql.gateway.pagination.filters import filter_by_parent
from telegraphql.gateway.pagination.relations import follow_all
from telegraphql.gateway.plugin.provider import Fuse
from telegraphql.gateway.plugin.selection import Selection, selected
from telegraphql.gateway.resolvers.aggregates import Overviews
from telegraphql.gateway.resolvers.capabilities import described
from telegraphql.gateway.resolvers.mutations import run
from telegraphql.gateway.subscriptions.hub import SubscriptionHub
from telegraphql.gateway.subscriptions.subscribe import SubscriptionRequest, open_subscription
from telegraphql.gateway.upstream.health import Health
from telegraphql.gateway.upstream.instruments import UpstreamInstruments
from telegraphql.gateway.upstream.request_budget import RequestBudget, enter
from telegraphql.schema.call import Call
from telegraphql.schema.context import CommandOutcome, FollowArguments, PageArguments
from telegraphql.schema.enums import ProblemCode, ReportStatus
from telegraphql.schema.kinds import KINDS
from telegraphql.schema.paging import Connection
from telegraphql.schema.provider import ProviderHealth, ProviderNode
from telegraphql.schema.record import FileInfo, Record, read_global_id
from telegraphql.schema.report import Report
from telegraphql.schema.values import Media

Found = TypeVar("Found")
ENDED = frozenset({ReportStatus.DONE, ReportStatus.FAILED, ReportStatus.EXPIRED})


@dataclass(kw_only=True)
class RequestContext(Overviews):
    """The engine as one request sees it: the providers its caller may see, and loaders of its own."""

    serving: Mapping[str, BoundProvider]
    files: MediaLinks
    healths: Mapping[str, Health]
    operation: RequestBudget
    caller: Caller = LOCAL
    most_slices: int = 50
    watch: UpstreamInstruments | None = None
    limits: Limits = field(default_factory=Limits)
    admission: Admission = field(default_factory=Admission)
    introspection: bool = True
    persisted: Persisted = field(default_factory=Persisted)
    # What parts of lists are missing; of all operations of a connection.
    missing: set[ProblemCode] = field(default_factory=set)
    loaders: DataLoaders = field(default_factory=DataLoaders)
    subscription_hub: SubscriptionHub = field(default_factory=SubscriptionHub)
    cursor: str | None = None
    seal: Seal = OPEN
    # The context of a caller as it is now, with what the configuration lets it do and see by now.
    again: "Callable[[Caller], RequestContext] | None" = None
    # How rows become what is sent of them, as the executor of the running operation knows; what is withheld is withheld from records.
    fuses: "Callable[[GraphQLResolveInfo[Any]], Fuse | None] | None" = None
    # Who says something in a WebSocket's first message.
    recognize: Callable[[object], Awaitable[Caller]] | None = None
    # Whether several operations may come, as on a connection, so that each gets one of its own; an HTTP request has one.
    is_pattern: bool = True

    def anew(self) -> "RequestContext":
        """The same for the next operation of a connection: nothing loaded, nothing spent."""
        if self.again is None:
            return replace(self, operation=self.operation.anew(), loaders=DataLoaders())
        return replace(self.again(self.caller), missing=self.missing)

    async def page(self, kind: type[Record], arguments: PageArguments, info: Info) -> Connection[Any] | None:
        """A page of a kind; of one parent's children where the arguments name a parent."""
        self.caller.needs(of_kind(kind))
        if self.caller.withholds_personal:
            redaction.check_filter(arguments.filter)
        serving = list(self.serving.values())
        if arguments.parent is not None:
            serving = [self._serving(arguments.parent.provider_name)]
            if not serving[0].declared.lists(kind):
                return None
            arguments = replace(arguments, filter=filter_by_parent(kind, arguments.filter, arguments.parent), parent=None)
        fuse = self.fuses(info._raw_info) if self.fuses and not self.caller.withholds_personal else None
        lister = Lister(serving, self.most_slices, self.seal, self.limits.page_size, fuse)
        found = await lister.page(kind, arguments, selected(info), self.loaders)
        self.missing.update(problem.code for problem in found.problems)
        return self._shown(found)

    async def records(self, ids: Sequence[str], info: Info, most: int = MOST_FIRST) -> list[Record | Exception | None]:
        """The records with these ids, those of one provider and kind asked for together."""
        self.caller.needs(Scope.READ)
        if len(ids) > most:
            raise BadInput(f"at most {most} ids can be asked for at once")
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
                found[place] = self._shown(record)
        return found

    async def related(self, record: Record, info: Info) -> Any:
        """What hangs on a record by the field being resolved."""
        (found,) = await self.related_all([record], info)
        if isinstance(found, Exception):
            raise found
        return found

    async def related_all(self, records: Sequence[Record], info: Info) -> list[Any]:
        """The same for many records of one kind: those of one provider are asked for together."""
        self.caller.needs(Scope.READ)
        field, select = info.field_name, selected(info)
        groups: dict[str, list[int]] = {record.provider_name: [] for record in records}
        if len(groups) == 1:
            return self._shown(await self._related(records[0].provider_name, records, field, select))
        for place, record in enumerate(records):
            groups[record.provider_name].append(place)
        asked = (self._related(name, [records[place] for place in places], field, select) for name, places in groups.items())
        found: list[Any] = [None] * len(records)
        for places, group in zip(groups.values(), await asyncio.gather(*asked), strict=True):
            for place, each in zip(places, group, strict=True):
                found[place] = each
        return self._shown(found)

    async def media(self, record: Record, info: Info, field: str | None = None) -> Media | None:
        """A link to a file of a record; null where it is withheld."""
        name = field or info.field_name
        if name not in record.files or (self.caller.withholds_personal and redaction.is_personal_file(record, name)):
            return None
        self.caller.needs(Scope.MEDIA)
        return self._shown(self.files.for_record(record, name, self.caller))

    async def text(self, record: Record, info: Info) -> str | None:
        """A text file of a record, read to its end."""
        name = info.field_name
        if name not in record.files or (self.caller.withholds_personal and redaction.is_personal_file(record, name)):
            return None
        self.caller.needs(Scope.MEDIA)
        return await self.files.text(self._serving(record.provider_name), record, info.field_name)

    async def command(self, name: str, arguments: dict[str, Any]) -> CommandOutcome:
        """What a command did; what was loaded before is forgotten."""
        self.caller.needs(of_command(name))
        if self.caller.withholds_personal:
            redaction.check_command(name, arguments)
        try:
            return self._shown(await run(self.serving, name, arguments, self.caller.name))
        finally:
            self.loaders = DataLoaders()

    async def follow(self, kind: type[Record], arguments: FollowArguments, info: Info) -> AsyncGenerator[Any, None]:
        """The calls that newly appear; of other kinds nothing is followed."""
        if kind is not Call:
            raise NobodyCan(f"a {kind.__name__} cannot be followed")
        self.caller.needs(of_kind(kind))
        if self.caller.withholds_personal:
            redaction.check_filter(arguments.filter)
        asked = SubscriptionRequest(arguments=arguments, select=selected(info), may_see=lambda name: self.caller.sees(name), seal=self.seal)
        async with aclosing(open_subscription(self.subscription_hub, asked, self).calls()) as calls:
            async for call in calls:
                self.caller.needs(of_kind(kind))
                yield self._shown(call)

    def renew(self) -> None:
        """Begin the next event of a subscription: nothing loaded, nothing spent, and the providers there are now."""
        self.caller = self.again(self.caller).caller if self.again else self.caller
        self.caller.needs(Scope.READ)
        self.serving = self.caller.seen(self.subscription_hub.servings)
        self.healths = {name: serving.provider.upstream.health for name, serving in self.serving.items()}
        self.operation, self.loaders = self.operation.anew(), DataLoaders()
        enter(self.operation)

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
            await asyncio.sleep(self.subscription_hub.settings.poll_interval)

    def export(self, provider: str, file: str, native_id: str) -> Media:
        """A link to a file that belongs to no record."""
        self.caller.needs(of_command(file))
        self.caller.needs(Scope.MEDIA)
        if self.caller.withholds_personal:
            redaction.check_command(file, {})
        if file not in self._serving(provider).declared.files:
            raise NobodyCan(f"the provider {provider} cannot do {file}; its capabilities list what it can")
        return self.files.for_address(FileAddress(provider, file, native_id).for_caller(self.caller), FileInfo())

    def native(self, record: Record) -> Any:
        """The upstream's own record, unless it is withheld."""
        if self.caller.withholds_native:
            raise NotAllowed("the upstream's own record is withheld from your credentials")
        raw = record.raw
        if not isinstance(raw, msgspec.Raw | bytes | bytearray):
            return raw
        try:
            return orjson.loads(bytes(raw))
        except orjson.JSONDecodeError:
            raise Malformed("sent a row that JSON cannot show, such as a number without end", provider=record.provider_name) from None

    def providers(self) -> list[ProviderNode]:
        """The configured providers, by name."""
        self.caller.needs(Scope.READ)
        return [described(self.serving[name]) for name in sorted(self.serving)]

    def provider(self, name: str) -> ProviderNode:
        """One configured provider."""
        return described(self._serving(name))

    def health(self, name: str) -> ProviderHealth:
        """How a provider is."""
        return self.healths[name].shown()

    def _shown(self, found: Found) -> Found:
        """What was found, as this caller may see it."""
        return redaction.without_personal(found) if self.caller.withholds_personal else found

    def _serving(self, name: str) -> BoundProvider:
        found = self.serving.get(name)
        if found is None:
            raise UnknownProvider(f"there is no provider {name[:80]!r}; ask providers {{ name }} for those there are")
        return found

    async def _related(self, provider: str, records: Sequence[Record], field: str, select: Selection) -> list[Any]:
        try:
            return await follow_all(self._serving(provider), records, field, select, self.loaders)
        except Exception as error:  # of each of them, as if it had been asked for alone
            return [error] * len(records)

    def _address(self, text: str) -> tuple[str, str, str]:
        try:
            kind, provider, native = read_global_id(text)
        except ValueError:
            raise BadId(f"{text[:80]!r} is not an id of this gateway") from None
        if kind not in KINDS:
            raise BadId(f"{text[:80]!r} is not an id of this gateway")
        self.caller.needs(of_kind(KINDS[kind]))
        self._serving(provider)
        return kind, provider, native

    async def _group(
        self, kind: type[Record], serving: BoundProvider, wanted: Sequence[tuple[int, str]], info: Info
    ) -> list[tuple[int, Record | Exception | None]]:
        if not serving.declared.gets(kind):
            missing = BadId(f"{serving.name} cannot fetch a single {kind.__name__} by id")
            return [(place, missing) for place, _ in wanted]
        select: Selection = selected(info, kind.__name__)
        found = await self.loaders.load_each(serving, kind, "id", [LoaderKey(native) for _, native in wanted], select)
        return [(place, _single(each)) for (place, _), each in zip(wanted, found, strict=True)]


def _single(found: list[Record] | Exception) -> Record | Exception | None:
    """The one record of one key; an upstream's error stands for itself, unless it says that there is none."""
    if isinstance(found, NotFound):
        return None
    if isinstance(found, UpstreamError):
        return found
    if isinstance(found, Exception):
        raise found
    return next(iter(found), None)
