"""Mappings without what nobody looks at: what is there is the same, and what is not is made as soon as somebody does look."""

import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

import pytest

from telegraphql.gateway.pagination.cursor import stands
from telegraphql.gateway.plugin.capabilities import schema_name
from telegraphql.gateway.plugin.provider import GetRequest, ListRequest
from telegraphql.gateway.plugin.pruning import ALWAYS, Unfit, only, taken_apart
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.schema.call import Call
from telegraphql.schema.enums import CallDirection, CallStatus
from telegraphql.schema.record import FileInfo
from telegraphql.schema.values import Money, Party
from telegraphql.schema.voicemessage import Voicemessage

MAPPINGS = ("telegraphql.plugins.boxis.mapping", "telegraphql.plugins.portsip.mapping", "telegraphql.plugins.voipstudio.mapping")
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


@dataclass
class Row:
    """A row of an upstream, and which of its parts were looked at."""

    id: str = "1"
    cause: str | None = "busy"
    cost: Any = None
    seconds: int = 20


def call(row: Row, of: str) -> Call:
    """A mapping."""
    key, seconds = row.id, row.seconds
    shown = expensive(row)
    if not key:
        raise ValueError("no id - at `$.id`")
    return Call(
        provider_name=of,
        native_id=key,
        refs={"session": key},
        direction=CallDirection.INBOUND,
        hangup_cause=row.cause,
        from_=Party(number="1"),
        to=Party(number="2"),
        started_at=NOON,
        duration_seconds=seconds,
        cost=shown,
        files={"trace": FileInfo("text/plain", None, f"{key}.txt")},
    )


def lean(make: Any, *names: str) -> Any:
    """The mapping for a list of which nothing else is looked at."""
    return only(make, ListRequest(select=Selection.of(*names), lean=True, unmapped=True))


def expensive(row: Row) -> Money | None:
    """What only the cost needs."""
    if isinstance(row.cost, Exception):
        raise row.cost
    return row.cost


def test_what_is_not_wanted_is_not_made() -> None:
    found = lean(call, "id", "hangupCause")(Row(cost=ValueError("nobody looks at it")), "a")
    assert isinstance(found, Call)
    assert vars(found).keys() == {
        "provider_name",
        "native_id",
        "sort_id",
        "stands_at",
        "held",
        "raw",
        "started_at",
        "ended_at",
        "hangup_cause",
        "rest",
    }
    assert (found.native_id, found.hangup_cause, found.ended_at, found.held) == ("1", "busy", None, {})


def test_who_looks_further_gets_what_the_whole_mapping_gives_never_a_default() -> None:
    found = lean(call, "id")(Row(), "a")
    assert found.hangup_cause == "busy"
    assert vars(found).keys() == vars(call(Row(), "a")).keys()
    assert lean(call, "id")(Row(), "a").direction is CallDirection.INBOUND
    assert lean(call, "id")(Row(), "a").status is CallStatus.UNKNOWN
    assert lean(call, "id")(Row(), "a").refs == {"session": "1"}


def test_what_was_changed_meanwhile_stays() -> None:
    found = lean(call, "id")(Row(), "a")
    found.held["session"], found.raw, found.native_id = None, b"{}", "2"
    assert found.duration_seconds == 20
    assert (found.held, found.raw, found.native_id) == ({"session": None}, b"{}", "2")


def test_a_relation_or_a_file_takes_the_keys_along() -> None:
    assert {"refs", "files"} <= vars(lean(call, "session")(Row(), "a")).keys()
    assert {"refs", "files"} <= vars(lean(call, "trace")(Row(), "a")).keys()


def test_what_is_joined_keeps_its_keys_and_what_is_not_lean_is_whole() -> None:
    assert {"refs", "files"} <= vars(only(call, ListRequest(lean=True))(Row(), "a")).keys()
    assert only(call, ListRequest()) is call


def test_a_record_for_a_key_holds_its_keys_and_what_is_wanted_of_it() -> None:
    wanted = GetRequest(keys=["1"], select=Selection.of("durationSeconds"), lean=True)
    made = vars(only(call, wanted)(Row(), "a"))
    assert (made["duration_seconds"], made["refs"]) == (20, {"session": "1"})
    assert {"files", "native_id", "started_at"} <= made.keys()
    assert made.keys().isdisjoint({"cost", "from_", "to", "hangup_cause"})
    assert only(call, GetRequest(keys=["1"], select=Selection.of("durationSeconds"))) is call


def test_equality_and_repr_look_at_the_whole() -> None:
    assert lean(call, "id")(Row(), "a") == call(Row(), "a")
    assert repr(lean(call)(Row(), "a")) == repr(call(Row(), "a"))


def test_a_check_stays_whatever_is_wanted() -> None:
    with pytest.raises(ValueError, match="no id"):
        lean(call)(Row(id=""), "a")


def test_an_attribute_that_does_not_exist_is_still_none() -> None:
    with pytest.raises(AttributeError, match="'Call' object has no attribute 'nonsense'"):
        _ = lean(call)(Row(), "a").nonsense
    with pytest.raises(AttributeError, match="nonsense"):
        _ = call(Row(), "a").nonsense


def closed_over(more: str) -> Callable[[Row, str], Call]:
    def inner(row: Row, of: str) -> Call:
        return Call(provider_name=of, native_id=row.id + more, from_=Party(), to=Party(), started_at=NOON)

    return inner


def in_two_ways(row: Row, of: str) -> Call:
    """It cannot be told what to leave out."""
    if row.seconds:
        return call(row, of)
    return Call(provider_name=of, native_id=row.id, from_=Party(), to=Party(), started_at=NOON)


@pytest.mark.parametrize("make", [closed_over("x"), in_two_ways, lambda row, of: call(row, of), expensive, len])
def test_a_function_of_another_shape_is_left_as_it_is(make: Any) -> None:
    assert lean(make, "id") is make


def voicemessage(row: Row, of: str) -> Voicemessage:
    """A mapping of a kind that stands at another time than its start."""
    return Voicemessage(provider_name=of, native_id=row.id, received_at=NOON, from_=Party(), transcript="later")


def test_a_place_in_the_list_is_told_without_the_rest() -> None:
    found = lean(voicemessage, "transcript")(Row(), "a")
    assert stands(found) == NOON
    assert "rest" in vars(found)


def mappings() -> list[Any]:
    """The mapping functions of the plugins that keep rows unmapped."""
    found = []
    for name in MAPPINGS:
        for each in vars(importlib.import_module(name)).values():
            if inspect.isfunction(each) and each.__module__ == name and list(inspect.signature(each).parameters) == ["row", "of"]:
                found.append(each)
    return found


@pytest.mark.parametrize("make", mappings(), ids=lambda make: f"{make.__module__}.{make.__name__}")
def test_the_mappings_of_the_plugins_can_be_pruned_to_any_one_field(make: Any) -> None:
    try:
        kind = taken_apart(make).kind
    except Unfit:
        pytest.skip("makes no record")
    for each in fields(kind):
        if each.init and each.name not in ALWAYS:
            assert lean(make, schema_name(each.name)) is not make
