"""The request context: what resolvers call, for one GraphQL request."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import msgspec
import orjson
from graphql import GraphQLResolveInfo
from strawberry.types import Info

from telegraphql.gateway.auth import redaction
from telegraphql.gateway.auth.caller import LOCAL, Caller, Scope, scope_of_command, scope_of_kind
from telegraphql.gateway.errors import (
    BadId,
    Malformed,
    NobodyCan,
    NotAllowed,
    RequestError,
    UpstreamError,
)
from telegraphql.gateway.graphql.operation_problems import OperationProblems
from telegraphql.gateway.graphql.validation.concurrency_limit import ConcurrencyLimit
from telegraphql.gateway.graphql.validation.limits import Limits
from telegraphql.gateway.graphql.validation.persisted import PersistedQueries
from telegraphql.gateway.media.links import FileAddress, MediaLinks
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.cursor import OPEN, Seal
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.pagination.page_values import ProjectsRows
from telegraphql.gateway.pagination.provider_faults import fault_of
from telegraphql.gateway.pagination.relations import follow_all
from telegraphql.gateway.plugin.row_view import kind_of, without_views
from telegraphql.gateway.plugin.selection import Selection, selected
from telegraphql.gateway.resolvers.aggregates import AggregateResolvers
from telegraphql.gateway.resolvers.capabilities import provider_node
from telegraphql.gateway.resolvers.lookup import RecordLookup, check_id, find_named_provider, find_provider, load_record, visible
from telegraphql.gateway.resolvers.mutations import run_command, unsupported
from telegraphql.gateway.resolvers.pages import PageResolvers
from telegraphql.gateway.subscriptions.hub import SubscriptionHub
from telegraphql.gateway.subscriptions.subscribe import SubscriptionRequest, open_subscription
from telegraphql.gateway.upstream.instruments import UpstreamInstruments
from telegraphql.gateway.upstream.request_budget import RequestBudget, enter
from telegraphql.schema.call import Call
from telegraphql.schema.context import CommandOutcome, FollowArguments
from telegraphql.schema.enums import ReportStatus
from telegraphql.schema.provider import ProviderHealth, ProviderNode
from telegraphql.schema.record import FileInfo, Record
from telegraphql.schema.report import Report
from telegraphql.schema.values import Media
from telegraphql.schema.viewer import Viewer

FINAL_STATUSES = frozenset({ReportStatus.DONE, ReportStatus.FAILED, ReportStatus.EXPIRED})


@dataclass(kw_only=True)
class RequestContext(AggregateResolvers, PageResolvers, RecordLookup):
    """The gateway as one request sees it: the providers that its caller may see, and data loaders of its own."""

    serving: Mapping[str, BoundProvider]
    files: MediaLinks
    budget: RequestBudget
    caller: Caller = LOCAL
    most_slices: int = 50
    instruments: UpstreamInstruments | None = None
    limits: Limits = field(default_factory=Limits)
    concurrency_limit: ConcurrencyLimit = field(default_factory=ConcurrencyLimit)
    # Returns True for callers who may use introspection.
    allows_introspection: Callable[[Caller], bool] = lambda _: True
    persisted_queries: PersistedQueries = field(default_factory=PersistedQueries)
    # What is missing from the answer of the running operation.
    problems: OperationProblems = field(default_factory=OperationProblems)
    loaders: DataLoaders = field(default_factory=DataLoaders)
    subscription_hub: SubscriptionHub = field(default_factory=SubscriptionHub)
    cursor: str | None = None
    seal: Seal = OPEN
    # Makes a context for a caller with the current configuration.
    current_context: "Callable[[Caller], RequestContext] | None" = None
    # How the executor makes results of rows without records. None for an executor that only takes records.
    row_projection: "Callable[[GraphQLResolveInfo[Any]], ProjectsRows | None] | None" = None
    # Authenticates the first message of a WebSocket.
    authenticate: Callable[[object], Awaitable[Caller]] | None = None
    # True for a connection with many operations, each of which gets a context of its own.
    is_template: bool = True

    @property
    def introspection(self) -> bool:
        """True if the caller may use introspection; looked up where a document does, or has errors that could name parts of the schema."""
        return self.allows_introspection(self.caller)

    def close(self) -> None:
        """Stop what the operation still loads, and forget the executor that makes its results."""
        self.budget.work.forget()
        self.loaders.stopped = True
        if self.loaders.loaders or self.loaders.batches:
            self.loaders.stop()
        self.row_projection = None

    def for_next_operation(self) -> "RequestContext":
        """Return a context for the next operation of a connection, with new loaders and a new budget."""
        if self.current_context is None:
            budget, problems = self.budget.anew(), OperationProblems()
            return replace(self, budget=budget, loaders=DataLoaders(), problems=problems, readings=None)
        return self.current_context(self.caller)

    async def related(self, record: Record, info: Info) -> Any:
        """Return what a relation of a record leads to, by the field being resolved."""
        (result,) = await self.related_all([record], info)
        if isinstance(result, Exception):
            raise result
        return result

    async def related_all(self, records: Sequence[Record], info: Info) -> list[Any]:
        """Return what a relation of each record leads to. Records of one provider are loaded together."""
        self.caller.require(Scope.READ)
        field, select = info.field_name, selected(info)
        groups: dict[str, list[int]] = {record.provider_name: [] for record in records}
        if len(groups) == 1:
            return visible(self, await self._related(records[0].provider_name, records, field, select))
        for index, record in enumerate(records):
            groups[record.provider_name].append(index)
        loading = (self._related(name, [records[index] for index in indexes], field, select) for name, indexes in groups.items())
        results: list[Any] = [None] * len(records)
        for indexes, group in zip(groups.values(), await asyncio.gather(*loading), strict=True):
            for index, result in zip(indexes, group, strict=True):
                results[index] = result
        return visible(self, results)

    async def media(self, record: Record, info: Info, field: str | None = None) -> Media | None:
        """Return a link to a file of a record, or None if there is none or it is withheld."""
        name = field or info.field_name
        if name not in record.files or (self.caller.redact and redaction.withholds_file(self.caller, kind_of(record), name)):
            return None
        self.caller.require(Scope.MEDIA)
        return visible(self, self.files.for_record(record, name, self.caller))

    async def text(self, record: Record, info: Info) -> str | None:
        """Return the content of a text file of a record, or None if there is none or it is withheld."""
        name = info.field_name
        if name not in record.files or (self.caller.redact and redaction.withholds_file(self.caller, kind_of(record), name)):
            return None
        self.caller.require(Scope.MEDIA)
        return await self.files.text(find_provider(self.serving, record.provider_name), record, info.field_name)

    async def command(self, name: str, arguments: dict[str, Any]) -> CommandOutcome:
        """Run a command and return its outcome. Records loaded before are dropped."""
        self.caller.require(scope_of_command(name))
        if self.caller.redacts_personal:
            redaction.check_command(name, arguments)
        try:
            return visible(self, await run_command(self.serving, name, arguments, self.caller.name))
        finally:
            self.loaders = DataLoaders()

    async def follow(self, kind: type[Record], arguments: FollowArguments, info: Info) -> AsyncGenerator[Any, None]:
        """Yield the calls that newly end. Other kinds cannot be subscribed to."""
        if kind is not Call:
            raise NobodyCan(f"a {kind.__name__} cannot be subscribed to")
        self.caller.require(scope_of_kind(kind))
        if self.caller.redacts_personal:
            redaction.check_filter(arguments.filter)
        request = SubscriptionRequest(arguments=arguments, select=selected(info)["call"], may_see=self._may_follow, seal=self.seal)
        async with aclosing(open_subscription(self.subscription_hub, request, self).calls()) as calls:
            async for call in calls:
                self.caller.require(scope_of_kind(kind))
                yield call if isinstance(call, UpstreamError) else visible(self, call)

    def _may_follow(self, id: str) -> bool:
        found = self.subscription_hub.servings.get(id)
        return found is not None and self.caller.can_see(found.name)

    def renew(self) -> None:
        """Start the next event of a subscription, with new loaders, a new budget and the current providers."""
        self.caller = self.current_context(self.caller).caller if self.current_context else self.caller
        self.caller.require(Scope.READ)
        self.serving = self.caller.visible(self.subscription_hub.servings)
        self.budget, self.loaders, self.problems = self.budget.anew(), DataLoaders(), OperationProblems()
        enter(self.budget)

    async def progress(self, id: str, info: Info) -> AsyncIterator[Report]:
        """Yield a report each time its status changes, polling until its final status."""
        last_status, select = None, selected(info)["report"]
        while True:
            context = self.for_next_operation()
            enter(context.budget)
            context.caller.require(Scope.READ)
            self.problems = OperationProblems()
            # What a poll found is shared: who may not read it is refused before.
            check_id(context, id)
            found = await self.subscription_hub.report_polls.get((id, select), partial(load_record, context, id, select))
            report = without_views([found])[0]
            if isinstance(report, Exception):
                raise report
            if not isinstance(report, Report):
                raise BadId(f"{id[:80]!r} is not the id of a report that exists")
            if report.status is not last_status:
                last_status = report.status
                yield redaction.redact_personal(report) if context.caller.redacts_personal else report
            if last_status in FINAL_STATUSES:
                return
            await asyncio.sleep(self.subscription_hub.settings.poll_interval)

    def export(self, provider: str, file: str, native_id: str) -> CommandOutcome:
        """Return a link to a file that belongs to no record, as the value of the outcome."""
        self.caller.require(scope_of_command(file))
        self.caller.require(Scope.MEDIA)
        if self.caller.redacts_personal:
            redaction.check_command(file, {})
        serving = find_named_provider(self.serving, provider)
        if file not in serving.declared.files:
            return CommandOutcome(problems=[unsupported(serving, file)])
        return CommandOutcome(value=self.files.for_address(FileAddress(serving.id, file, native_id).for_caller(self.caller), FileInfo()))

    def native(self, record: Record) -> Any:
        """Return the upstream's own record.

        Raises:
            NotAllowed: The configuration withholds it from this caller.
            Malformed: The row is no valid JSON.
        """
        if self.caller.redacts_native:
            raise NotAllowed("the upstream's own record is withheld from your credentials")
        raw = record.raw
        if not isinstance(raw, msgspec.Raw | bytes | bytearray):
            return raw
        try:
            return orjson.loads(bytes(raw))
        except orjson.JSONDecodeError:
            raise Malformed("sent a row that is not valid JSON", provider=record.provider_name) from None

    def viewer(self) -> Viewer:
        """Return the caller of this request."""
        caller = self.caller
        return Viewer(
            name=caller.name,
            scopes=sorted(caller.scopes),
            hides_native=caller.redacts_native,
            hides_personal=caller.redacts_personal,
            hides_recordings=caller.redacts_recordings,
        )

    def providers(self) -> list[ProviderNode]:
        """Return the configured providers, sorted by name."""
        self.caller.require(Scope.READ)
        return [provider_node(serving) for serving in sorted(self.serving.values(), key=lambda each: each.name)]

    def provider(self, id: str) -> ProviderNode:
        """Return one configured provider."""
        return provider_node(find_provider(self.serving, id))

    def provider_named(self, name: str) -> ProviderNode:
        """Return the configured provider of a name."""
        return provider_node(find_named_provider(self.serving, name))

    def known_provider(self, id: str) -> ProviderNode | None:
        """Return one configured provider; None if there is none of this id, or the caller may not see it."""
        found = self.serving.get(id)
        return provider_node(found) if found else None

    def provider_names(self) -> dict[str, str]:
        """Return the name of each provider, by its id."""
        return {id: serving.name for id, serving in self.serving.items()}

    def health(self, id: str) -> ProviderHealth:
        """Return the health of a provider."""
        return find_provider(self.serving, id).provider.upstream.health.shown()

    async def _related(self, provider: str, records: Sequence[Record], field: str, select: Selection) -> list[Any]:
        try:
            return await follow_all(find_provider(self.serving, provider), records, field, select, self.loaders)
        except RequestError as error:
            return [error] * len(records)
        except Exception as error:  # each record reports it, as if it had been loaded alone
            return [fault_of(error, provider)] * len(records)
