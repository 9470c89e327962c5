"""Record: the base of every kind, with its global id, and of every kind with a time."""

import base64
import binascii
import dataclasses
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

import strawberry
from strawberry.scalars import JSON
from strawberry.types import Info

from telegraphql.schema.declaration import Kind
from telegraphql.schema.described import interface_type
from telegraphql.schema.fields import ResolverPromise, needed, promising
from telegraphql.schema.provider import ProviderNode

URL_SAFE = bytes.maketrans(b"+/", b"-_")


class FileInfo(NamedTuple):
    """The properties of a file that are known before it is opened; None where not reported."""

    mime_type: str | None = None
    size_bytes: int | None = None
    file_name: str | None = None


def global_id(kind: str, provider: str, native_id: str) -> str:
    """Return the global id of a record: opaque, URL-safe text."""
    text = binascii.b2a_base64(f"{kind}:{provider}:{native_id}".encode(), newline=False)
    return text.translate(URL_SAFE).rstrip(b"=").decode()


def id_writer(kind: str, provider: str) -> Callable[[str], str]:
    """Return a function that writes the opaque ids of one provider's records of a kind."""
    begun = f"{kind}:{provider}:"

    def write(native_id: str) -> str:
        text = binascii.b2a_base64((begun + native_id).encode(), newline=False)
        return text.translate(URL_SAFE).rstrip(b"=").decode()

    return write


def read_global_id(text: str) -> tuple[str, str, str]:
    """Return the kind, the provider and the native id of a global id.

    Raises:
        ValueError: The text was not written by `global_id`.
    """
    try:
        kind, provider, native_id = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True).decode().split(":", 2)
    except ValueError:
        raise ValueError("not an id of this gateway") from None
    if not (kind and provider and native_id) or global_id(kind, provider, native_id) != text:
        raise ValueError("not an id of this gateway")
    return kind, provider, native_id


@interface_type
class Node:
    """An object with a global id."""

    @strawberry.field(description="The global id. Pass it to `node(id)`.")
    def id(self) -> strawberry.ID:
        raise NotImplementedError


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
