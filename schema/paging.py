"""Paging: connections, their cursors, and the problems of what is missing from them."""

from typing import Generic, TypeVar

import strawberry

from telegraphql.schema.described import object_type
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.fields import needed, shown

K = TypeVar("K")


@object_type
class Problem:
    """A part of the answer that is missing: the provider concerned, the reason, and the remedy."""

    provider: str = needed("The configured name of the provider.")
    code: ProblemCode = needed("The reason, for programs.")
    message: str = needed("The reason and the remedy, for people.")
    retryable: bool = needed("True if the same request may succeed later.")
    retry_after: int | None = shown("The seconds to wait before the next request. Null if unknown.")
    id: strawberry.ID | None = shown("The global id of the record concerned, or of one of them. Null if the problem is not about records.")
    field: str | None = shown('The field that could not be read, such as "cost". Null if the problem is not about one field.')
    count: int | None = shown("The number of records concerned. Null if they are not counted.")


@object_type
class PageInfo:
    """The position of a page in its list."""

    has_next_page: bool = needed("True if there are records after this page.")
    has_previous_page: bool = needed("True if there are records before this page.")
    start_cursor: str | None = shown("The cursor of the first record. Null if the page is empty.")
    end_cursor: str | None = shown("The cursor from which the next page continues. Null if there is nothing to continue from.")


@object_type
class Edge(Generic[K]):
    """A record and its position in the list."""

    node: K = needed("The record.")
    cursor: str = needed("The position of the record, for `after` and `before`.")


@object_type
class Connection(Generic[K]):
    """A page of a list over all providers."""

    edges: list[Edge[K]] = needed("The records with their cursors.")
    nodes: list[K] = needed("The records.")
    page_info: PageInfo = needed("The position of this page in the list.")
    total_count: int | None = shown(
        "The number of records in the whole list. Null unless every provider can count them exactly under the filter."
    )
    problems: list[Problem] = needed("The parts of the page that are missing, with the reasons. Empty if the page is complete.")
