"""Record: what every kind has in common - an id, a provider, the upstream's own words."""

import base64
import binascii
import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

import strawberry
from strawberry.scalars import JSON
from strawberry.types import Info

from telegraphql.schema.declaration import Kind
from telegraphql.schema.fields import ResolverPromise, needed, promising
from telegraphql.schema.provider import ProviderNode

URL_SAFE = bytes.maketrans(b"+/", b"-_")


class FileInfo(NamedTuple):
    """What is known of a file before it is opened; None where the upstream does not say."""

    mime_type: str | None = None
    size_bytes: int | None = None
    file_name: str | None = None


def global_id(kind: str, provider: str, native_id: str) -> str:
    """The opaque id of a record."""
    text = binascii.b2a_base64(f"{kind}:{provider}:{native_id}".encode(), newline=False)
    return text.translate(URL_SAFE).rstrip(b"=").decode()


def read_global_id(text: str) -> tuple[str, str, str]:
    """Kind, provider and native id; ValueError for anything that global_id did not write."""
    try:
        kind, provider, native_id = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True).decode().split(":", 2)
    except ValueError:
        raise ValueError("not an id of this gateway") from None
    if not (kind and provider and native_id) or global_id(kind, provider, native_id) != text:
        raise ValueError("not an id of this gateway")
    return kind, provider, native_id


@strawberry.interface(description="Anything with a global id.")
class Node:
    @strawberry.field(description="The opaque global id; give it to node(id).")
    def id(self) -> strawberry.ID:
        raise NotImplementedError


@strawberry.interface(description="A record of an upstream.")
class Record(Node):
    """`refs` holds the keys by which this record is joined: relation field -> key. `held` holds relations that came with it."""

    declaration: ClassVar[Kind] = Kind()
    time_field: ClassVar[str | None] = None
    end_field: ClassVar[str | None] = None
    name_field: ClassVar[str | None] = None

    provider_name: strawberry.Private[str]
    native_id: str = needed("The upstream's own id, as text.")
    sort_id: strawberry.Private[str] = ""
    stands_at: strawberry.Private[datetime | None] = None
    refs: strawberry.Private[Mapping[str, str | None]] = dataclasses.field(default_factory=dict)
    held: strawberry.Private[dict[str, Any]] = dataclasses.field(default_factory=dict)
    files: strawberry.Private[Mapping[str, FileInfo]] = dataclasses.field(default_factory=dict)
    raw: strawberry.Private[Any] = None

    def __getattr__(self, name: str) -> Any:
        """What was left out when the record was made: the whole is made of `rest` then, and what is here stays as it is."""
        rest = self.__dict__.pop("rest", None) if name in self.__dataclass_fields__ and name not in vars(type(self)) else None
        if rest is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        make, *of = rest
        self.__dict__ = make(*of).__dict__ | self.__dict__
        return getattr(self, name)

    @strawberry.field(description="The opaque global id; give it to node(id).")
    @promising(ResolverPromise.AT_ONCE)
    def id(self) -> strawberry.ID:
        return strawberry.ID(global_id(type(self).__name__, self.provider_name, self.native_id))

    @strawberry.field(description="The configured provider that delivered the record.")
    @promising(ResolverPromise.AT_ONCE)
    def provider(self, info: Info) -> ProviderNode:
        found: ProviderNode = info.context.provider(self.provider_name)
        return found

    @strawberry.field(description="The upstream's own record, every field as delivered; null where it is withheld.")
    @promising(ResolverPromise.AT_ONCE)
    def native(self, info: Info) -> JSON | None:
        found: JSON | None = info.context.native(self)
        return found
