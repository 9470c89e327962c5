"""Filters: each one gives what filtering the truth by hand gives, at every provider and over all of them."""

from collections.abc import Iterable, Iterator
from datetime import timedelta, timezone
from importlib import import_module
from typing import Any

import pytest

from tests.endtoend.filter_semantics import LINKS, NOBODY_ELSE, NOBODY_ELSE_OF_KIND, holds
from tests.endtoend.filter_values import BY_LEGS, filters_of, samples
from tests.endtoend.ground_truth import Truth, expected, expected_on_hold, order
from tests.endtoend.kinds import KINDS, Kind
from tests.endtoend.list_walks import Walk, keys, listed
from tests.endtoend.world import Row, World
from tests.support.clock import HOUR, ago, between, iso, last_set_back
from tests.support.examples import sampled

PLUGINS = ("boxis", "portsip", "voipstudio", "voximplant")
# What these upstreams never say of a record, so that no value of the filter matches.
NEVER_SAID = {
    ("Call", "talkSeconds", "voximplant"),
    *(("Call", name, plugin) for name in ("dialedNumber", "trunk", "answeredAt") for plugin in ("voipstudio", "voximplant")),
    *(("Call", "callerIdShown", plugin) for plugin in ("boxis", "voximplant")),
    *(("Call", "sipStatusCode", plugin) for plugin in ("boxis", "voipstudio")),
    ("Call", "hasRecording", "boxis"),
    *((kind, "userId", plugin) for kind in ("Call", "Session") for plugin in ("boxis", "portsip")),
    ("Session", "userId", "voipstudio"),
    ("Transaction", "userId", "voipstudio"),
    ("Queue", "number", "voximplant"),
    *(("Call", "hasVoicemessage", plugin) for plugin in ("boxis", "portsip", "voximplant")),
    ("Recording", "cost", "portsip"),
    ("Recording", "cost", "voipstudio"),
    *((kind, "name", "voximplant") for kind in ("Call", "Recording")),
    ("MediaSession", "name", "voipstudio"),
    ("Report", "name", "voximplant"),
    ("Voicemessage", "mailbox", "portsip"),
    ("Voicemessage", "folder", "portsip"),
    ("Voicemessage", "dialedNumber", "portsip"),
    *(("Call", name, "twilio") for name in ("dialedNumber", "callerIdShown", "answeredAt", "hangupCause", "sipStatusCode", "talkSeconds")),
    *((kind, "userId", "twilio") for kind in ("Call", "Session", "Transaction")),
    *(("Recording", name, "twilio") for name in ("number", "from", "to", "name")),
    *(("Call", "hasVoicemessage", "twilio"), ("Queue", "number", "twilio")),
}
# Their calls lead to no queue, so that there is no id to ask for.
WITHOUT_QUEUES = {("Call", "queueId", plugin) for plugin in ("boxis", "twilio", "voximplant")}
# How many values of each filter are counted too.
COUNTED = 3


def cases(plugins: Iterable[str] = PLUGINS) -> Iterator[Any]:
    """Every filter of every kind at every provider that has the kind."""
    serves = {plugin: set(import_module(f"tests.endtoend.ground_truth.{plugin}").KINDS) for plugin in plugins}
    for kind in KINDS.values():
        for name in filters_of(kind):
            for plugin in serves:
                only = NOBODY_ELSE_OF_KIND.get((kind.name, name)) or NOBODY_ELSE.get(name, plugin)
                if kind.name in serves[plugin] and only == plugin and (kind.name, name, plugin) not in WITHOUT_QUEUES:
                    yield pytest.param(kind, name, plugin, id=f"{kind.name}-{name}-{plugin}")


def unable() -> Iterator[Any]:
    """The filters that only some providers can tell, at the others."""
    for kind in (KINDS["Call"], KINDS["Session"]):
        for name in sorted(set(filters_of(kind)) & set(NOBODY_ELSE)):
            yield from (
                pytest.param(kind, name, plugin, id=f"{kind.name}-{name}-{plugin}") for plugin in PLUGINS if plugin != NOBODY_ELSE[name]
            )


def by_hand(truths: list[Truth], kind: Kind, filter: Row) -> list[tuple[str, str]]:
    """The records that a filter leaves, in order."""
    return [truth.key for truth in truths if holds(truth, kind, filter, truth.provider)]


def linked(world: World, name: str, truths: list[Truth]) -> tuple[list[str], dict[str, str]]:
    """Global ids a filter can name, and the native ids behind them."""
    kind = KINDS["Session" if name == "sessionId" else "Queue"]
    ids = {node["nativeId"]: node["id"] for node in listed(world, kind, {"providers": [truths[0].provider]})}
    natives = [native for truth in truths if (native := truth.links[LINKS[name]] or "") in ids]
    assert natives
    return [ids[native] for native in dict.fromkeys(natives)], {id: native for native, id in ids.items()}


@pytest.mark.property
@pytest.mark.parametrize(("kind", "name", "plugin"), sampled(cases()))
def test_a_filter_means_what_the_schema_says(shared: World, kind: Kind, name: str, plugin: str) -> None:
    proves_a_filter(shared, kind, name, plugin)


def proves_a_filter(world: World, kind: Kind, name: str, plugin: str) -> None:
    """A filter leaves the records that it leaves by hand, in order; some values leave some, and none leaves all."""
    truths = everything(world, kind, name, plugin)
    found, missed = 0, 0
    ids, natives = linked(world, name, truths) if name in LINKS else ([], {})
    for number, value in enumerate(samples(kind, name, truths, ids)):
        meant = [natives[id] for id in value] if natives else value
        wanted = by_hand(truths, kind, {name: meant})
        assert keys(listed(world, kind, {"providers": [plugin], name: value})) == wanted, value
        if number < COUNTED:
            assert counts(world, kind, {"providers": [plugin], name: value}) in (None, len(wanted)), value
        found, missed = found + len(wanted), missed + len(truths) - len(wanted)
    assert missed
    assert found or (kind.name, name, plugin) in NEVER_SAID


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_session_is_found_by_what_one_of_its_calls_shows(shared: World, plugin: str) -> None:
    kind, calls = KINDS["Session"], expected(shared, "Call", providers=[plugin])
    sessions = expected(shared, "Session", providers=[plugin])
    for name in BY_LEGS:
        for value in samples(KINDS["Call"], name, calls)[1:6:2]:
            legs = {call.links["session"] for call in calls if holds(call, KINDS["Call"], {name: value}, plugin)}
            wanted = [session.key for session in sessions if session.native_id in legs]
            assert keys(listed(shared, kind, {"providers": [plugin], name: value})) == wanted, value
            assert len(wanted) < len(sessions), value


def everything(world: World, kind: Kind, name: str, plugin: str) -> list[Truth]:
    """All records of a kind; with those on hold where these are asked for."""
    held = expected_on_hold(world, [plugin]) if name == "isPending" else []
    return order([*expected(world, kind.name, providers=[plugin]), *held], newest=kind.time is not None)


EAST = timezone(timedelta(hours=2))
# The wall clock of one provider runs twice through the hour before it.
SET_BACK = last_set_back("Europe/Zurich")
COMBINED: list[Row] = [
    {"direction": ["INBOUND"], "status": ["ANSWERED", "VOICEMAIL"], "durationSeconds": {"min": 30}},
    {"direction": ["INTERNAL", "TRANSIT"], "hasRecording": False},
    {"hasRecording": True, "talkSeconds": {"min": 10, "max": 200}, "number": {"startsWith": "+4"}},
    {"from": {"startsWith": "+41"}, "to": {"contains": "1"}, "status": ["NO_ANSWER", "BUSY", "CANCELED"]},
    {"startedAt": {"since": iso(ago(days=19)), "until": ago(days=10).astimezone(EAST).isoformat()}, "direction": ["OUTBOUND"]},
    {"startedAt": between(SET_BACK - HOUR, SET_BACK + 2 * HOUR)},
    {"userId": ["661884", "1004567"], "status": ["ANSWERED"]},
    {"durationSeconds": {"max": 60}, "number": {"contains": "79"}, "startedAt": {"until": iso(ago(days=5))}},
]


@pytest.mark.parametrize("filter", COMBINED, ids=lambda filter: "+".join(filter))
@pytest.mark.parametrize("size", [11, 500])
def test_filters_together_all_hold_on_every_page(shared: World, filter: Row, size: int) -> None:
    kind, truths = KINDS["Call"], expected(shared, "Call")
    wanted = by_hand(truths, kind, filter)
    nodes = listed(shared, kind, filter) if size == 500 else _in_pages(shared, kind, filter, size)
    assert keys(nodes) == wanted
    assert wanted


def _in_pages(world: World, kind: Kind, filter: Row, size: int) -> list[Row]:
    return Walk(kind, size, filter=filter).all(world)


@pytest.mark.parametrize(("kind", "name", "plugin"), list(unable()))
def test_a_filter_that_no_asked_provider_can_tell_is_a_problem(still: World, kind: Kind, name: str, plugin: str) -> None:
    value = True if name == "isTracked" else ["anything"]
    document = f"query ($filter: {kind.filter}) {{ {kind.root}(filter: $filter) {{ nodes {{ id }} problems {{ code message }} }} }}"
    page = still.ask(document, filter={"providers": [plugin], name: value})[kind.root]
    assert (page["nodes"], [each["code"] for each in page["problems"]]) == ([], ["UNSUPPORTED"])
    assert name in page["problems"][0]["message"]
    assert still.upstreams[plugin].journal() == []


@pytest.mark.parametrize(("name", "value"), [("isTracked", True), ("applicationName", ["support.acme"])])
def test_providers_that_cannot_tell_a_filter_are_named_and_the_others_answer(shared: World, name: str, value: Any) -> None:
    fields = "nodes { nativeId provider { name } } problems { provider { name } code }"
    document = f"query ($filter: CallFilter) {{ calls(first: 500, filter: $filter) {{ {fields} }} }}"
    page = shared.ask(document, filter={name: value})["calls"]
    able = NOBODY_ELSE[name]
    truths = [truth for truth in expected(shared, "Call") if truth.provider == able]
    assert keys(page["nodes"]) == by_hand(truths, KINDS["Call"], {name: value})
    assert page["nodes"]
    assert sorted((each["provider"]["name"], each["code"]) for each in page["problems"]) == [
        (name, "UNSUPPORTED") for name in PLUGINS if name != able
    ]


def counts(world: World, kind: Kind, filter: Row) -> int | None:
    document = f"query ($filter: {kind.filter}) {{ {kind.root}(first: 1, filter: $filter) {{ totalCount }} }}"
    total: int | None = world.ask(document, filter=filter)[kind.root]["totalCount"]
    return total


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_count_without_a_filter_is_exact_or_null(shared: World, kind: Kind) -> None:
    assert counts(shared, kind, {}) in (None, len(expected(shared, kind.name)))
    for plugin in PLUGINS:
        truths = expected(shared, kind.name, providers=[plugin])
        if truths:
            assert counts(shared, kind, {"providers": [plugin]}) in (None, len(truths))
