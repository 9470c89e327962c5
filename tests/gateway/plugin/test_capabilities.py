"""What a plugin class has marked: collected, and refused in words where it contradicts itself or the schema."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.plugin.capabilities import declared, python_name, schema_name
from telegraphql.gateway.plugin.declarations import Getter, Keyset, Listing, Push, TimeWindowJoin, Whole, Windows
from telegraphql.gateway.plugin.provider import SECOND, ListRequest, Page, Provider, command, derives, files, gets, lists
from telegraphql.schema.call import Call, Note
from telegraphql.schema.queue import Queue
from telegraphql.schema.record import Record
from telegraphql.schema.recording import Recording
from telegraphql.schema.session import Session
from tests.support.memory_provider import Memory

PAGES = Keyset(most=100)
CALLS = lists(Call, pages=PAGES)
Mark = Callable[[Any], Any]


def marked(*marks: Mark) -> Any:
    async def method(self: Any, asked: Any) -> Page:
        return Page(records=[], read=0)

    for mark in marks:
        method = mark(method)
    return method


def plugin(*marks: Mark) -> type[Provider]:
    """A plugin class with one method for each mark."""
    methods = {f"method{number}": marked(mark) for number, mark in enumerate(marks)}
    return type("Odd", (Provider,), {"plugin": "odd", **methods})


REFUSED: dict[str, tuple[tuple[Mark, ...], str]] = {
    "nothing": ((), "lists nothing"),
    "gets alone": ((gets(Call),), "lists nothing"),
    "twice": ((CALLS, lists(Call, pages=PAGES)), "declares <class 'telegraphql.schema.call.Call'> twice"),
    "gets twice": ((CALLS, gets(Call), gets(Call)), "declares (<class 'telegraphql.schema.call.Call'>, 'id') twice"),
    "command twice": ((CALLS, command("deleteCalls"), command("deleteCalls")), "declares deleteCalls twice"),
    "file twice": ((CALLS, files("Call.trace"), files("Call.trace")), "declares Call.trace twice"),
    "no kind": ((lists(Record, pages=PAGES),), "lists Record, which is not a kind of the schema that can be listed"),
    "not listed": ((lists(Note, pages=PAGES),), "lists Note, which is not a kind of the schema that can be listed"),
    "no filter": (
        (lists(Call, pages=PAGES, filters={"colour": Push.EXACT}),),
        'declares the filter "colour" of Call, which the schema does not have',
    ),
    "pythonic filter": (
        (lists(Call, pages=PAGES, filters={"started_at": Push.EXACT}),),
        'declares the filter "started_at" of Call, which the schema does not have',
    ),
    "another's filter": (
        (lists(Session, pages=PAGES, filters={"trunk": Push.EXACT}),),
        'declares the filter "trunk" of Session, which the schema does not have',
    ),
    "detail without get": ((lists(Call, pages=PAGES, detail=["cost"]),), "has detail fields of Call, but no gets(Call) to fetch them"),
    "detail with another get": (
        (lists(Call, pages=PAGES, detail=["cost"]), gets(Call, by="session")),
        "has detail fields of Call, but no gets(Call) to fetch them",
    ),
    "no detail": (
        (lists(Call, pages=PAGES, detail=["rate_per_minute"]), gets(Call)),
        'declares the detail "rate_per_minute" of Call, which the schema does not have',
    ),
    "no time": ((lists(Queue, pages=PAGES),), "lists Queue otherwise than Whole; it has no time"),
    "no time in windows": ((lists(Queue, pages=Windows()),), "lists Queue otherwise than Whole; it has no time"),
    "join by nothing": (
        (lists(Call, pages=PAGES, joins={"sesion": TimeWindowJoin()}),),
        'joins Call by "sesion", which no relation of the schema leads by',
    ),
    "get by nothing": ((CALLS, gets(Call, by="call")), 'gets Call by "call", which no relation of the schema leads by'),
    "empty gets": ((CALLS, gets(Call, at_most=0)), "gets Call with at_most below 1"),
    "derived of nothing": ((CALLS, derives(Session, of=Recording, by="session")), "derives Session of Recording, which it does not list"),
    "file of no kind": ((CALLS, files("Cal.trace")), 'has files "Cal.trace", but there is no kind Cal'),
    "no such file": ((CALLS, files("Call.tarce")), 'has files "Call.tarce", but Call has no such field'),
}


@pytest.mark.parametrize(("marks", "words"), REFUSED.values(), ids=REFUSED)
def test_a_contradiction_is_refused_in_words(marks: tuple[Mark, ...], words: str) -> None:
    with pytest.raises(SettingsError) as refused:
        declared(plugin(*marks))
    assert str(refused.value) == f"the plugin class Odd {words}"


def test_what_is_marked_is_collected_with_the_name_of_its_method() -> None:
    found = declared(Memory)
    assert found.listings[Call] == Listing(
        kind=Call,
        method="calls",
        pages=Keyset(most=100),
        filters={"startedAt": Push.EXACT},
        counts=True,
        time_resolution=SECOND,
        position_time=False,
        detail=frozenset(),
        joins={"session": TimeWindowJoin(before=timedelta(minutes=1), after=timedelta(minutes=5))},
    )
    assert found.getters == {(Call, "id"): Getter(kind=Call, method="calls_by_id", by="id", at_most=10)}
    assert (found.derivations[Session].method, found.derivations[Session].of, found.derivations[Session].by) == ("session", Call, "session")
    assert (found.commands, found.files) == ({}, {})


def test_one_method_may_serve_several_ways() -> None:
    method = marked(gets(Call), gets(Call, by="session", at_most=5))
    both = type("Both", (Provider,), {"plugin": "both", "calls": marked(CALLS), "got": method})
    assert {key: getting.method for key, getting in declared(both).getters.items()} == {(Call, "id"): "got", (Call, "session"): "got"}


def test_what_is_overridden_without_a_mark_is_not_served_any_more() -> None:
    class Less(Memory):
        async def recordings(self, ask: ListRequest) -> Page:
            return await super().recordings(ask)

    assert (declared(Memory).lists(Recording), declared(Less).lists(Recording)) == (True, False)


def test_what_is_derived_can_be_got_where_its_parts_can() -> None:
    grouping = derives(Session, of=Call, by="session")
    both, alone = plugin(CALLS, grouping, gets(Call, by="session")), plugin(CALLS, grouping)
    assert (declared(both).lists(Session), declared(both).gets(Session)) == (True, True)
    assert (declared(alone).lists(Session), declared(alone).gets(Session)) == (True, False)
    assert (declared(alone).lists(Queue), declared(alone).gets(Call)) == (False, False)


def test_a_file_of_no_record_needs_no_kind() -> None:
    assert declared(plugin(CALLS, files("exportUserCalls"))).files["exportUserCalls"].method == "method1"


def test_a_kind_read_whole_may_be_joined() -> None:
    assert declared(plugin(lists(Queue, pages=Whole(most=5), joins={"id": TimeWindowJoin()}))).listings[Queue].joins.keys() == {"id"}


@pytest.mark.parametrize(
    ("field", "attribute"),
    [("startedAt", "started_at"), ("from", "from_"), ("to", "to"), ("isEndedAtDerived", "is_ended_at_derived"), ("ip", "ip")],
)
def test_names_of_the_schema_and_of_python_translate_into_each_other(field: str, attribute: str) -> None:
    assert (python_name(field), schema_name(attribute)) == (attribute, field)
