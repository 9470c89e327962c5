"""A kind that declares what does not exist is an error when the schema is built, with the line and the nearest name."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import strawberry

from telegraphql.schema.declaration import RootList, TimelineMembership, record_kind
from telegraphql.schema.declaration_checks import DeclarationError, check_declarations
from telegraphql.schema.fields import needed, shown
from telegraphql.schema.filters import IntRange, NumberFilter, RecordFilter, TimeRange, filtering
from telegraphql.schema.kinds import KINDS, RELATIONS, Relation
from telegraphql.schema.record import Record
from telegraphql.schema.timeline_entry import TimelineEntry


def telex(of_number: Any = None, of_pages: Any = None, **options: Any) -> type[Any]:
    """A kind with a list, with another declaration of a field of its filter, or of the kind itself."""

    @strawberry.input
    class TelexFilter(RecordFilter):
        sent_at: TimeRange | None = filtering("When it was sent.")
        number: NumberFilter | None = of_number or filtering("The number of either party.", either=("from_", "to"))
        page_count: IntRange | None = of_pages or filtering("The number of pages.")

    declared = {
        "time": "sent_at",
        "filter": TelexFilter,
        "root": RootList("telexes", "All."),
        "timeline": TimelineMembership("number", "T."),
    }

    @record_kind(**{**declared, **options})
    @strawberry.type
    class Telex(TimelineEntry):
        sent_at: datetime = needed("When it was sent.")
        page_count: int | None = shown("The number of pages.")

    return Telex


WRONG: dict[str, tuple[Callable[[], type[Any]], str]] = {
    "time": (lambda: telex(time="send_at"), "record_kind(time='send_at'): Telex has no field 'send_at'; did you mean 'sent_at'?"),
    "end": (lambda: telex(end="ended"), "record_kind(end='ended'): Telex has no field 'ended'; it has"),
    "a taken list": (lambda: telex(root=RootList("calls", "All.")), "RootList('calls') of Telex is the list of Call"),
    "a list without a filter": (lambda: telex(filter=None, timeline=None), "Telex declares `filter` or `root` alone: a list needs both"),
    "a list without an order": (lambda: telex(time=None), "Telex has a list: declare `time`, or `name`"),
    "a place in timelines": (
        lambda: telex(timeline=TimelineMembership("numbr", "T.")),
        "TimelineMembership('numbr'): the filter of Telex has no field 'numbr'; did you mean 'number'?",
    ),
    "a party": (
        lambda: telex(of_number=filtering("The number.", either=("from", "to"))),
        "'number': Telex has no field 'from'; did you mean 'from_'?",
    ),
    "a field of the filter": (
        lambda: telex(of_pages=filtering("The number.", either=("pages_count",))),
        "'page_count': Telex has no field 'pages_count'; did you mean 'page_count'?",
    ),
    "a relation": (
        lambda: telex(of_pages=filtering("C.", has="cal")),
        "'page_count': has='cal', but Telex has no relation 'cal'; did you mean 'call'?",
    ),
    "a field beyond a relation": (
        lambda: telex(of_pages=filtering("C.", through="call", either=("user",))),
        "'page_count': Call has no field 'user'; did you mean 'user_id'?",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_declaration_names_its_line_and_the_nearest_name(name: str) -> None:
    make, complaint = WRONG[name]
    kind = make()
    with pytest.raises(DeclarationError) as caught:
        check_declarations([*KINDS.values(), kind], {**RELATIONS, (kind, "call"): Relation(KINDS["Call"], many=False, by="id")})
    where, _, told = str(caught.value).partition(": ")
    assert Path(where.rpartition(":")[0]) == Path(__file__)
    assert told.startswith(complaint)


def test_a_right_declaration_is_right() -> None:
    check_declarations([*KINDS.values(), telex()], RELATIONS)


def test_a_kind_with_a_time_is_a_timed_record() -> None:
    with pytest.raises(TypeError, match=rf"^{Path(__file__)}:\d+: int has to be a subclass of TimedRecord$"):
        record_kind(time="sent_at")(int)


def test_the_kinds_without_a_list_have_no_filter() -> None:
    unlisted: list[type[Record]] = [kind for kind in KINDS.values() if kind.declaration.root is None]
    filters = {kind.__name__: kind.declaration.filter for kind in unlisted}
    assert filters == {"Note": None, "ResourceUsage": None, "Attachment": None}
