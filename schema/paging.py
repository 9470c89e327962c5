"""Paging: connections, their cursors, and the problems of what is missing from them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Generic, TypeVar

import strawberry
from strawberry.types import Info

from telegraphql.schema.described import named_interface_type, object_type
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.fields import ResolverPromise, needed, promising, shown
from telegraphql.schema.node import Node

if TYPE_CHECKING:
    from telegraphql.schema.provider import ProviderNode

K = TypeVar("K")


@object_type
class ProblemRange:
    """The part of a list that may lack records: since <= t < until, where t is `occurredAt`. For kinds without a time it has no bounds."""

    since: datetime | None = shown("The first moment of the range. Null: no lower bound.")
    until: datetime | None = shown("The first moment after the range. Null: no upper bound.")


@object_type
class Problem:
    """A part of the answer that is missing or old: the provider concerned, the reason, and the remedy."""

    # Its configured name; "" if no provider is concerned.
    provider: strawberry.Private[str]
    code: ProblemCode = needed("The reason, for programs.")
    message: str = needed("The reason and the remedy, for people.")
    retryable: bool = needed("True if the same request may succeed later.")
    retry_after: int | None = shown("The seconds to wait before the next request. Null if unknown.")
    id: strawberry.ID | None = shown("The global id of the record concerned, or of one of them. Null if the problem is not about records.")
    field: str | None = shown('The field that could not be read, such as "cost". Null if the problem is not about one field.')
    count: int | None = shown("The number of records concerned. Null if they are not counted.")
    age_seconds: int | None = shown("The age of the oldest records that are shown, in seconds. Null unless the code is STALE.")
    range: ProblemRange | None = shown(
        "The part of the list that may lack records, or show old ones. After the provider has recovered, query this range again. "
        "Null if the list lacks no records because of this problem, or not in a known range."
    )

    @strawberry.field(name="provider", description="The provider. Null if the problem concerns none.")
    @promising(ResolverPromise.AT_ONCE)
    def provider_node(self, info: Info) -> Annotated["ProviderNode", strawberry.lazy("telegraphql.schema.provider")] | None:
        found: ProviderNode | None = info.context.known_provider(self.provider)
        return found


@object_type
class PageInfo:
    """The position of a page in its list."""

    has_next_page: bool = needed("True if there are records after this page.")
    has_previous_page: bool = needed("True if there are records before this page.")
    start_cursor: str | None = shown("The cursor of the first record. Null if the page is empty.")
    end_cursor: str | None = shown("The cursor from which the next page continues. Null if there is nothing to continue from.")


@named_interface_type("Edge")
class AnyEdge:
    """A record of any kind and its position in its list."""

    node: Node = needed("The record.")
    cursor: str = needed("The position of the record, for `after` and `before`.")


@object_type
class Edge(AnyEdge, Generic[K]):
    """A record and its position in the list."""

    node: K = needed("The record.")  # type: ignore[assignment]  # every kind is a Node


TOTAL = (
    "The exact number of records in the whole list. Known if every provider can count them under the filter, or if this page was read from "
    "the start of the list to its end. Null if it is not known."
)
AT_LEAST = "The least number of records that the whole list has, as far as counted or read. Equal to `totalCount` if that is known."
MISSING = "The parts of the page that are missing or old, with the reasons. Empty if the page is complete."


@named_interface_type("Connection")
class AnyConnection:
    """A page of a list of any kind."""

    edges: list[AnyEdge] = needed("The records with their cursors.")
    nodes: list[Node] = needed("The records.")
    page_info: PageInfo = needed("The position of this page in the list.")
    total_count: int | None = shown(TOTAL)
    total_count_at_least: int = shown(AT_LEAST, default=0)
    problems: list[Problem] = needed(MISSING)


@object_type
class Connection(AnyConnection, Generic[K]):
    """A page of a list over all providers."""

    edges: list[Edge[K]] = needed("The records with their cursors.")  # type: ignore[assignment]  # read only, so covariant
    nodes: list[K] = needed("The records.")  # type: ignore[assignment]
