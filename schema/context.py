"""Context: the few verbs by which resolvers reach the engine. The gateway implements them."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class PageArguments:
    """What a client asked of a list."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None
    filter: Any = None
    order: TimeOrder = TimeOrder.NEWEST_FIRST
    parent: Record | None = None

    @classmethod
    def of(cls, first: Any, after: Any, last: Any, before: Any, filter: Any, order: Any, parent: Record | None = None) -> "PageArguments":
        """From a resolver's arguments, where UNSET and null are the same."""
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
    """What a client asked to follow: which records, and from where on; from now on where neither `after` nor `since` says."""

    filter: Any = None
    after: str | None = None
    since: datetime | None = None


@dataclass(slots=True)
class CommandOutcome:
    """What a command did: the ids that are done, a problem for each that is not, the changed records, and what it answered."""

    ids: list[strawberry.ID] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    records: list[Any] = field(default_factory=list)
    value: Any = None

    def add(self, other: "CommandOutcome") -> None:
        """Take in another part of the same command."""
        self.ids += other.ids
        self.problems += other.problems
        self.records += other.records
        self.value = other.value if other.value is not None else self.value


class Context(Protocol):
    """A kind more in the schema needs no verb more here."""

    async def page(self, kind: type[Record], arguments: PageArguments, info: Info) -> Connection[Any] | None:
        """A page of a kind over all providers; null when every provider that was asked failed."""

    async def timeline(self, arguments: PageArguments, info: Info) -> Connection[Any] | None:
        """A page of several kinds in one list, of what belongs to one number; null as for a page of one kind."""

    async def statistics(self, kind: type[Record], question: Any, info: Info) -> Any:
        """What the records of a kind come to in groups; null as for a page of them."""

    async def records(self, ids: Sequence[str], info: Info) -> list[Record | Exception | None]:
        """The records with these global ids, in their order; an exception stands for the one it concerns."""

    async def related(self, record: Record, info: Info) -> Any:
        """The records that hang on this one by the field being resolved."""

    async def related_all(self, records: Sequence[Record], info: Info) -> list[Any]:
        """The same for many records of one kind, in their order; an exception stands for the one it concerns."""

    async def media(self, record: Record, info: Info, field: str | None = None) -> Media | None:
        """A link to the file that is the field being resolved."""

    async def text(self, record: Record, info: Info) -> str | None:
        """The text file that is the field being resolved, read to its end."""

    async def command(self, name: str, arguments: dict[str, Any]) -> CommandOutcome:
        """What a command did."""

    def follow(self, kind: type[Record], arguments: FollowArguments, info: Info) -> AsyncIterator[Any]:
        """The records of a kind that newly appear, for as long as the client listens."""

    def progress(self, id: str, info: Info) -> AsyncIterator[Report]:
        """A report each time its status changes, to its end."""

    def export(self, provider: str, file: str, native_id: str) -> Media:
        """A link to a file that belongs to no record."""

    def native(self, record: Record) -> Any:
        """The upstream's own record, unless it is withheld."""

    def providers(self) -> list[ProviderNode]:
        """The configured providers, by name."""

    def provider(self, name: str) -> ProviderNode:
        """One configured provider."""

    def health(self, name: str) -> ProviderHealth:
        """How a provider is."""
