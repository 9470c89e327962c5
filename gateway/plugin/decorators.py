"""Decorators: how a plugin's methods are marked with what they serve."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from telegraphql.gateway.plugin.declarations import (
    CommandDeclaration,
    Derivation,
    FileDeclaration,
    Getter,
    Listing,
    PageStyle,
    Push,
    TimeWindowJoin,
)
from telegraphql.schema.record import Record

SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)
M = TypeVar("M", bound=Callable[..., Any])


def lists(
    kind: type[Record],
    *,
    pages: PageStyle,
    filters: Mapping[str, Push] | None = None,
    counts: bool = False,
    time_resolution: timedelta = SECOND,
    position_time: bool = False,
    detail: Sequence[str] = (),
    joins: Mapping[str, TimeWindowJoin] | None = None,
) -> Callable[[M], M]:
    """Mark a listing.

    Args:
        kind: the schema's kind.
        pages: the upstream's page style.
        filters: the filters that the upstream applies, by their names in the schema, and how well.
        counts: True if the upstream counts all records under these filters.
        time_resolution: the finest step of the upstream's clock.
        position_time: True if the upstream sorts by `Record.position_time`, which is earlier than the time that a record shows, by at
            most `Provider.session_span`.
        detail: the fields that only a `gets` by id delivers.
        joins: the relations that this listing also answers, by the child's key in `refs`.
    """
    return _mark(
        Listing(
            kind=kind,
            pages=pages,
            filters=filters or {},
            counts=counts,
            time_resolution=time_resolution,
            position_time=position_time,
            detail=frozenset(detail),
            joins=joins or {},
        )
    )


def gets(kind: type[Record], *, by: str = "id", at_most: int = 1) -> Callable[[M], M]:
    """Mark a get. `by` is "id" for native ids, else the key in the record's `refs`; `at_most` is how many keys one request takes."""
    return _mark(Getter(kind=kind, by=by, at_most=at_most))


def derives(kind: type[Record], *, of: type[Record], by: str, fills: Sequence[str] = ()) -> Callable[[M], M]:
    """Mark a grouping: records of `of` with the same `refs[by]` become one of `kind` with that native id. `fills`: its attributes."""
    return _mark(Derivation(kind=kind, of=of, by=by, fills=fills))


def files(name: str) -> Callable[[M], M]:
    """Mark where the bytes of a file are, such as "Recording.media"."""
    return _mark(FileDeclaration(field=name))


def command(
    name: str, *, kind: type[Record] | None = None, at_most: int = 1, idempotent: bool = False, reads: bool = False
) -> Callable[[M], M]:
    """Mark a command.

    `kind`: what its ids are of. `at_most`: the ids of one request. `idempotent`: twice is the same as once. `reads`: it changes nothing.
    """
    return _mark(CommandDeclaration(name=name, kind=kind, at_most=at_most, idempotent=idempotent, reads=reads))


def _mark(declaration: Any) -> Callable[[M], M]:
    def mark(method: M) -> M:
        method.__declares__ = [*getattr(method, "__declares__", ()), declaration]  # type: ignore[attr-defined]
        return method

    return mark
