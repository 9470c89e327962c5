"""Record: the base of every kind, and of every kind with a time."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

import strawberry
from strawberry.scalars import JSON
from strawberry.types import Info

from telegraphql.schema.declaration import Kind
from telegraphql.schema.described import interface_type
from telegraphql.schema.fields import ResolverPromise, needed, promising
from telegraphql.schema.node import Node, global_id
from telegraphql.schema.provider import ProviderNode


class FileInfo(NamedTuple):
    """The properties of a file that are known before it is opened; None where not reported."""

    mime_type: str | None = None
    size_bytes: int | None = None
    file_name: str | None = None


@interface_type
class Record(Node):
    """A record of a provider."""

    declaration: ClassVar[Kind] = Kind()
    time_field: ClassVar[str | None] = None
    end_field: ClassVar[str | None] = None
    name_field: ClassVar[str | None] = None

    provider_name: strawberry.Private[str]
    native_id: str = needed("The provider's own id, as text.")
    # What orders records of the same time, if the native id does not.
    sort_id: strawberry.Private[str] = ""
    # The moment at which the record stands in its list, if it is not the one that `time_field` shows.
    position_time: strawberry.Private[datetime | None] = None
    # The keys of related records by the field of the relation, such as {"session": "17"}.
    refs: strawberry.Private[Mapping[str, str | None]] = dataclasses.field(default_factory=dict)
    # Related records that came with this one, by the field of the relation.
    held: strawberry.Private[dict[str, Any]] = dataclasses.field(default_factory=dict)
    # The files of this record, by their fields.
    files: strawberry.Private[Mapping[str, FileInfo]] = dataclasses.field(default_factory=dict)
    # The provider's own record.
    raw: strawberry.Private[Any] = None

    @strawberry.field(description="The global id. Pass it to `node(id)`.")
    @promising(ResolverPromise.AT_ONCE)
    def id(self) -> strawberry.ID:
        return strawberry.ID(global_id(type(self).__name__, self.provider_name, self.native_id))

    @strawberry.field(description="The configured provider that delivered the record.")
    @promising(ResolverPromise.AT_ONCE)
    def provider(self, info: Info) -> ProviderNode:
        found: ProviderNode = info.context.provider(self.provider_name)
        return found

    @strawberry.field(description="The provider's own record, with every field as delivered. Null if it is withheld.")
    @promising(ResolverPromise.AT_ONCE)
    def native(self, info: Info) -> JSON | None:
        found: JSON | None = info.context.native(self)
        return found


@interface_type
class TimedRecord(Record):
    """A record that stands at a moment in its list."""

    @strawberry.field(
        description="The moment at which the record stands in lists, such as the start of a call, or of the session to which it belongs. "
        "Lists are ordered by it."
    )
    @promising(ResolverPromise.AT_ONCE)
    def occurred_at(self) -> datetime:
        shown: datetime | None = getattr(self, self.time_field or "", None)
        moment = self.position_time or shown
        if moment is None:
            raise ValueError("a record without a time")
        return moment
