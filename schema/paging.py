"""Paging: connections, their cursors and the problems that kept records out of them."""

from typing import Generic, TypeVar

import strawberry

from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.fields import needed, shown

K = TypeVar("K")


@strawberry.type(description="Something that is missing from an answer, whose fault it is, and what to do.")
class Problem:
    provider: str = needed("The configured name of the provider.")
    code: ProblemCode = needed("What happened.")
    message: str = needed("What happened and what to do, in words.")
    retryable: bool = needed("Whether asking again may help.")
    retry_after: int | None = shown("How many seconds to wait before asking again. Null when unknown.")
    id: strawberry.ID | None = shown("The global id of the record concerned, or of one of them. Null when it is not about records.")
    field: str | None = shown('The field that could not be read, such as "cost". Null when the problem concerns no single field.')
    count: int | None = shown("The number of records concerned. Null when it is not counted.")


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = needed("Whether there is more after this page.")
    has_previous_page: bool = needed("Whether there is more before this page.")
    start_cursor: str | None = shown("The cursor of the first edge. Null when there is none.")
    end_cursor: str | None = shown("The cursor to go on after. Null when there is nothing to go on from.")


@strawberry.type(description="A record and its place in the list.")
class Edge(Generic[K]):
    node: K = needed("The record.")
    cursor: str = needed("The record's position; give it as after or before.")


@strawberry.type(description="A page of one list over all providers.")
class Connection(Generic[K]):
    edges: list[Edge[K]] = needed("The records with their cursors.")
    nodes: list[K] = needed("The records alone.")
    page_info: PageInfo = needed("Where this page stands in the list.")
    total_count: int | None = shown(
        "How many records the whole list has. Null unless every provider can count them exactly under the filter."
    )
    problems: list[Problem] = needed("What is missing and why. Empty when the page is complete.")
