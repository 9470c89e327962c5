"""Context: the interface through which resolvers call the gateway."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import strawberry
from strawberry import UNSET
from strawberry.types import Info

from telegraphql.schema.enums import TimeOrder
from telegraphql.schema.paging import Connection, Problem
from telegraphql.schema.provider import ProviderHealth, ProviderNode
from telegraphql.schema.record import Record
from telegraphql.schema.report import Report
from telegraphql.schema.values import Media
from telegraphql.schema.viewer import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class PageArguments:
    """The arguments of a list."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None
    filter: Any = None
    order: TimeOrder = TimeOrder.NEWEST_FIRST
    parent: Record | None = None

    @classmethod
    def of(cls, first: Any, after: Any, last: Any, before: Any, filter: Any, order: Any, parent: Record | None = None) -> "PageArguments":
        """Return the arguments of a resolver as one object. UNSET and null mean the same."""
        return cls(
            first=None if first is UNSET else first,
            after=after or None,
            last=None if last is UNSET else last,
            before=before or None,
            filter=filter or None,
            order=order or TimeOrder.NEWEST_FIRST,
            parent=parent,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowArguments:
    """The arguments of a subscription. Without `after` and `since` it starts now."""

    filter: Any = None
    after: str | None = None
    since: datetime | None = None


@dataclass(slots=True)
class CommandOutcome:
    """The result of a command.

    Attributes:
        ids: The ids for which the command succeeded.
        problems: One problem for each id for which it did not.
        records: The changed records.
        value: The provider's answer, for commands that have one.
    """

    ids: list[strawberry.ID] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    records: list[Any] = field(default_factory=list)
    value: Any = None

    def add(self, other: "CommandOutcome") -> None:
        """Add the result of another part of the same command."""
        self.ids += other.ids
        self.problems += other.problems
        self.records += other.records
        self.value = other.value if other.value is not None else self.value


class Context(Protocol):
    """The operations of the gateway for one request. A new kind of record needs no new operation."""

    async def page(self, kind: type[Record], arguments: PageArguments, info: Info) -> Connection[Any]:
        """Return a page of a kind over all providers."""

    async def page_of_number(self, kind: type[Record], number: str, arguments: PageArguments, info: Info) -> Connection[Any]:
        """Return a page of the records of a kind from or to a phone number, over all providers."""

    async def timeline(self, arguments: PageArguments, info: Info) -> Connection[Any]:
        """Return a page of the records of several kinds that belong to one number."""

    async def statistics(self, kind: type[Record], question: Any, info: Info) -> Any:
        """Return the figures of the records of a kind, in groups."""

    async def records(self, ids: Sequence[str], info: Info) -> list[Record | Exception | None]:
        """Return the records with these global ids, in the same order. An exception takes the place of the record that it concerns."""

    async def related(self, record: Record, info: Info) -> Any:
        """Return the records to which the field being resolved leads."""

    async def related_all(self, records: Sequence[Record], info: Info) -> list[Any]:
        """Return the related records of many records of one kind, in the same order. An exception takes the place of those it concerns."""

    async def media(self, record: Record, info: Info, field: str | None = None) -> Media | None:
        """Return a link to the file of the field being resolved, or of `field`."""

    async def text(self, record: Record, info: Info) -> str | None:
        """Return the whole text file of the field being resolved."""

    async def command(self, name: str, arguments: dict[str, Any]) -> CommandOutcome:
        """Run a command."""

    def follow(self, kind: type[Record], arguments: FollowArguments, info: Info) -> AsyncIterator[Any]:
        """Yield the new records of a kind as long as the client listens."""

    def progress(self, id: str, info: Info) -> AsyncIterator[Report]:
        """Yield a report each time its status changes, until it has ended."""

    def export(self, provider: str, file: str, native_id: str) -> CommandOutcome:
        """Return a link to a file that belongs to no record, as the value of the outcome."""

    def native(self, record: Record) -> Any:
        """Return the provider's own record. Raise if it is withheld."""

    def viewer(self) -> Viewer:
        """Return the caller of the request."""

    def providers(self) -> list[ProviderNode]:
        """Return the configured providers, by name."""

    def provider(self, name: str) -> ProviderNode:
        """Return one configured provider."""

    def known_provider(self, id: str) -> ProviderNode | None:
        """Return one configured provider; None if there is none of this name, or the caller may not see it."""

    def health(self, name: str) -> ProviderHealth:
        """Return the health of a provider."""
