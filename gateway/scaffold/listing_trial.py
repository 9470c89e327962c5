"""Listing trial: one listing of an account, with each record beside its row, and what of both is left out."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from itertools import islice
from typing import Any

import msgspec
from strawberry.types import get_object_definition, has_object_definition

from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.pagers import slices
from telegraphql.gateway.plugin.capabilities import schema_name
from telegraphql.gateway.plugin.declarations import Links
from telegraphql.gateway.plugin.filled_fields import filled_fields
from telegraphql.gateway.plugin.provider import ListRequest
from telegraphql.gateway.plugin.row_view import RowView
from telegraphql.gateway.upstream.request_budget import RequestBudget, current, running
from telegraphql.schema.enums import TimeOrder
from telegraphql.schema.record import Record


@dataclass(frozen=True, slots=True)
class ListingTrial:
    """The result of a trial.

    Attributes:
        pairs: each row, decoded, and the fields of its record.
        requests: how many requests were sent, by operation.
        unfilled: the fields that are null in every record although the plugin fills them.
        unmapped: the fields that the plugin does not fill.
        unread: the fields of the rows that no column reads.
        problems: what could not be read.
    """

    pairs: list[tuple[Any, dict[str, Any]]]
    requests: Counter[str]
    unfilled: list[str]
    unmapped: list[str]
    unread: list[str]
    problems: list[str]


def listed_kind(serving: BoundProvider, name: str) -> type[Record]:
    """Return a kind that the upstream lists, by its name.

    Raises:
        SettingsError: It has no such list.
    """
    kinds = {kind.__name__: kind for kind in serving.declared.listings}
    if name not in kinds:
        raise SettingsError(f"{serving.name} has no list of {name[:80]!r}; choose one of {', '.join(sorted(kinds))}")
    return kinds[name]


async def try_listing(serving: BoundProvider, kind: type[Record], size: int, budget: RequestBudget) -> ListingTrial:
    """Read the newest records of a kind, as far as `size` needs it. UpstreamError says why nothing can be read."""
    listing, views, problems = serving.declared.listings[kind], list[Any](), list[str]()
    pages = serving.pages(listing)
    order = pages.order if isinstance(pages, Links) else TimeOrder.NEWEST_FIRST
    request = ListRequest(order=order, size=min(size, serving.most(listing)))
    with running(budget):
        found = slices(serving.fetch(listing), pages, request, listing.time_resolution, discipline=serving.discipline(listing))
        async with aclosing(found):
            async for piece in found:
                problems += [problem.message for problem in piece.problems]
                views += islice(piece.records, size - len(views))
                if len(views) >= size:
                    break
        requests = Counter({operation: count for (_, operation), count in current().requests.items()})
    pairs = [(_row(view), _fields(view)) for view in views]
    filled = filled_fields(type(serving.provider)).get(kind, [])
    names = {field.path.partition(".")[0] for field in filled}
    empty = [name for name in _names(kind) if all(record[name] is None for _, record in pairs)]
    read = {source for field in filled for source in field.sources}
    return ListingTrial(
        pairs,
        requests,
        [name for name in empty if name in names],
        [name for name in empty if name not in names],
        [] if "*" in read else sorted({path for row, _ in pairs for path in _paths(row) if not _is_read(path, read)}),
        problems,
    )


def _names(kind: type[Any]) -> list[str]:
    """Return the fields of a kind that need no other request."""
    return [schema_name(each.python_name) for each in get_object_definition(kind, strict=True).fields if each.base_resolver is None]


def _fields(value: Any) -> dict[str, Any]:
    """Return the fields of a record, in the schema's names."""
    kind = value.record_type if isinstance(value, RowView) else type(value)
    defined = [each for each in get_object_definition(kind, strict=True).fields if each.base_resolver is None]
    return {schema_name(each.python_name): _plain(getattr(value, each.python_name)) for each in defined}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if has_object_definition(type(value)):
        return {name: each for name, each in _fields(value).items() if each is not None}
    return value


def _row(view: Any) -> Any:
    """Return a row as the upstream sent it, decoded; a Struct where it is no JSON."""
    raw = view.raw if isinstance(view, RowView) else None
    if raw is None:
        return msgspec.to_builtins(view.row) if isinstance(view, RowView) else None
    return msgspec.json.decode(raw) if isinstance(raw, msgspec.Raw | bytes) else raw


def _paths(row: Any, before: str = "") -> Iterator[str]:
    """Yield the way to each value of a row that is not empty."""
    if isinstance(row, dict):
        for name, value in row.items():
            yield from _paths(value, f"{before}.{name}" if before else name)
    elif row not in (None, "", []):
        yield before


def _is_read(path: str, read: Sequence[str] | set[str]) -> bool:
    """Return True if a column reads a value, or something that holds it."""
    parts = path.split(".")
    return any(".".join(parts[:length]) in read for length in range(1, len(parts) + 1))
