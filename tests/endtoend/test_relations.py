"""Relations: what hangs on a record is the truth, costs a few requests for a whole page, and nothing where it is not selected."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.endtoend.ground_truth import Truth, expected
from tests.endtoend.kinds import KINDS
from tests.endtoend.list_walks import key, listed
from tests.endtoend.world import Row, World

HUNDRED = "{ calls(first: 100) { nodes { nativeId provider { name } %s } } }"
EVERYTHING = "session { nativeId calls { nativeId } } recordings { nativeId } voicemessages { nativeId } transaction { nativeId }"
# Session, its calls, recordings, voicemessages, transactions: at most two batch requests for each.
RELATION_KINDS = 5
MOST_MORE = 2


def native(value: Any) -> Any:
    """The native ids of what is related."""
    if isinstance(value, list):
        return [each["nativeId"] for each in value]
    return value["nativeId"] if value else None


def first(world: World, number: int) -> dict[tuple[str, str], Truth]:
    return {truth.key: truth for truth in expected(world, "Call")[:number]}


def costs(world: World, document: str) -> dict[str, Counter[str]]:
    """How many requests of each name a document costs at each provider."""
    world.forget()
    world.ask(document)
    return {name: Counter(upstream.operations()) for name, upstream in world.upstreams.items()}


def test_a_hundred_calls_with_all_that_hangs_on_them_cost_few_requests(shared: World) -> None:
    pages = costs(shared, HUNDRED % "")
    whole = costs(shared, HUNDRED % EVERYTHING)
    assert all(sum(asked.values()) >= 1 for asked in pages.values())
    more = {name: sum(asked.values()) - sum(pages[name].values()) for name, asked in whole.items()}
    assert max(more.values()) <= MOST_MORE * RELATION_KINDS, whole
    for name, asked in whole.items():
        extra = asked - pages[name]
        assert max(extra.values(), default=0) <= MOST_MORE, (name, extra)


@pytest.mark.parametrize(
    "relation",
    [
        "session { nativeId }",
        "session { nativeId calls { nativeId } }",
        "recordings { nativeId }",
        "voicemessages { nativeId }",
        "transaction { nativeId }",
        "queue { nativeId name }",
    ],
)
def test_each_relation_costs_at_most_two_requests_for_a_kind(shared: World, relation: str) -> None:
    pages, whole = costs(shared, HUNDRED % ""), costs(shared, HUNDRED % relation)
    kinds = 2 if "calls" in relation else 1
    for name, asked in whole.items():
        assert sum((asked - pages[name]).values()) <= MOST_MORE * kinds, (name, asked)


def test_one_session_request_serves_sessions_calls_and_recordings_of_voximplant(shared: World) -> None:
    deep = "session { nativeId calls { nativeId recordings { nativeId } } recordings { nativeId } }"
    relations = f"{deep} recordings {{ nativeId session {{ nativeId }} }}"
    costs(shared, HUNDRED % "")  # the first list of an account also asks for an empty page, to learn how its lists end
    assert costs(shared, HUNDRED % relations)["voximplant"] == costs(shared, HUNDRED % "")["voximplant"] == {"GetCallHistory": 1}


def test_the_hundred_calls_related_records_are_the_truth(shared: World) -> None:
    nodes = shared.ask(HUNDRED % (EVERYTHING + " queue { nativeId }"))["calls"]["nodes"]
    truths, sessions = first(shared, 100), {truth.key: truth for truth in expected(shared, "Session")}
    assert [key(node) for node in nodes] == list(truths)
    for node in nodes:
        truth = truths[key(node)]
        session = sessions[truth.provider, truth.links["session"]]
        assert native(node["session"]) == session.native_id
        assert native(node["session"]["calls"]) == session.links["calls"]
        for name in ("recordings", "voicemessages", "transaction", "queue"):
            assert native(node[name]) == truth.links[name], (truth.key, name)
    # Voicemessages are rare; that of every call they are the truth is shown below.
    assert {name for node in nodes for name in ("recordings", "transaction", "queue") if node[name]} == {
        "recordings",
        "transaction",
        "queue",
    }


LINKED: dict[str, tuple[str, ...]] = {
    "Call": ("session", "recordings", "voicemessages", "transaction", "queue"),
    "Session": ("calls", "recordings", "resourceUsages"),
    "Recording": ("call", "session"),
    "Voicemessage": ("call",),
    "QueueVisit": ("queue",),
}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in LINKED.items() for name in names])
def test_a_relation_of_every_record_is_the_truth(shared: World, kind: str, name: str) -> None:
    truths = {truth.key: truth for truth in expected(shared, kind)}
    nodes = listed(shared, KINDS[kind], fields=f"{name} {{ nativeId }}")
    differing = [(key(node), native(node[name]), truths[key(node)].links.get(name)) for node in nodes]
    assert [each for each in differing if each[1] != each[2]] == []
    assert any(node[name] for node in nodes)


def test_parents_of_legs_are_the_truth(shared: World) -> None:
    truths = {truth.key: truth for truth in expected(shared, "Call", providers=["voipstudio"])}
    nodes = listed(shared, KINDS["Call"], {"providers": ["voipstudio"]}, "parent { nativeId }")
    assert {key(node): native(node["parent"]) for node in nodes} == {key: truth.links["parent"] for key, truth in truths.items()}
    assert any(node["parent"] for node in nodes)


def test_notes_are_asked_for_where_there_are_any(shared: World) -> None:
    upstream = shared.upstreams["voipstudio"]
    notes: dict[str, list[str]] = {}
    for row in upstream.rows("notes"):
        notes.setdefault(str(row["cdr_id"]), []).append(row["text"])
    upstream.forget()
    nodes = listed(shared, KINDS["Call"], {"providers": ["voipstudio"]}, "notes { text }")
    # One of the documents' own calls says that it has a note, which the sandbox's truth has not under this id.
    seen = {node["nativeId"]: [note["text"] for note in node["notes"]] for node in nodes if node["notes"]}
    assert {id: texts for id, texts in seen.items() if id in notes} == notes
    assert notes
    noted = [row for row in upstream.rows("calls") if row["nb_notes"]]
    assert upstream.operations().count("GET /cdrs/{id}/notes") == len(noted) < len(nodes) / 4


def test_visits_hang_on_their_queues(shared: World) -> None:
    document = "{ queues(first: 50) { nodes { nativeId provider { name } visits(first: 500) { nodes { nativeId } problems { code } } } } }"
    visits = expected(shared, "QueueVisit")
    for node in shared.ask(document)["queues"]["nodes"]:
        if node["provider"]["name"] == "voximplant":
            wanted = [truth.native_id for truth in visits if truth.links["queue"] == node["nativeId"]]
            assert [each["nativeId"] for each in node["visits"]["nodes"]] == wanted
            assert node["visits"]["problems"] == []
        else:
            assert node["visits"] == {"nodes": [], "problems": [{"code": "UNSUPPORTED"}]}


def parameters(world: World, plugin: str, document: str) -> list[Row]:
    world.forget()
    world.ask(document)
    return [entry["parameters"] for entry in world.upstreams[plugin].journal()]


@pytest.mark.parametrize(
    ("selected", "flags"),
    [
        ("calls(first: 5) { nodes { nativeId } }", ("true", "false", "false")),
        ("calls(first: 5) { nodes { recordings { nativeId } } }", ("true", "true", "false")),
        ("calls(first: 5) { nodes { session { resourceUsages { type } } } }", ("true", "false", "true")),
        ("sessions(first: 5) { nodes { nativeId startedAt finishReason } }", ("false", "false", "false")),
        ("sessions(first: 5) { nodes { status } }", ("true", "false", "false")),
        ("sessions(first: 5) { nodes { calls { nativeId } } }", ("true", "false", "false")),
        ("sessions(first: 5) { nodes { recordings { nativeId } } }", ("true", "true", "false")),
        ("sessions(first: 5) { nodes { resourceUsages { nativeId } } }", ("false", "false", "true")),
        ("sessions(first: 5) { nodes { cost { amount } } }", ("true", "true", "true")),
        ("sessions(first: 5) { edges { node { calls { recordings { nativeId } } } } }", ("true", "true", "false")),
        ("recordings(first: 5) { nodes { nativeId } }", ("true", "true", "false")),
        (
            "...F } fragment F on Query { sessions(first: 5) { nodes { nativeId calls @skip(if: true) { nativeId } } }",
            ("false", "false", "false"),
        ),
    ],
)
def test_voximplant_is_asked_only_for_the_parts_that_are_selected(shared: World, selected: str, flags: tuple[str, str, str]) -> None:
    (given,) = parameters(shared, "voximplant", f"{{ {selected} }}")
    assert (given["with_calls"], given["with_records"], given["with_other_resources"]) == flags


def test_voximplant_is_asked_to_count_only_when_the_count_is_selected(shared: World) -> None:
    asked = parameters(shared, "voximplant", "{ sessions(first: 5) { totalCount nodes { nativeId } } }")
    assert "true" in {given["with_total_count"] for given in asked}


@pytest.mark.parametrize("kind", ["calls", "sessions"])
def test_portsip_is_asked_for_details_only_when_the_cost_is_selected(shared: World, kind: str) -> None:
    def details(fields: str) -> int:
        shared.forget()
        document = f'{{ {kind}(first: 10, filter: {{providers: ["portsip"]}}) {{ nodes {{ {fields} }} }} }}'
        shared.ask(document)
        return sum("{id}" in operation for operation in shared.upstreams["portsip"].operations())

    assert details("nativeId durationSeconds status from: direction") == 0
    assert details("nativeId cost { amount }") == 10


def test_visits_events_are_asked_for_only_when_selected(shared: World) -> None:
    def with_events(fields: str) -> set[str]:
        return {
            given["with_events"] for given in parameters(shared, "voximplant", f"{{ queueVisits(first: 5) {{ nodes {{ {fields} }} }} }}")
        }

    assert with_events("nativeId outcome") == {"false"}
    assert with_events("events { type }") == {"true"}


UNASKED: list[tuple[str, Callable[[str], bool]]] = [
    ("{ calls(first: 5) { nodes { nativeId queue @include(if: false) { name } } } }", lambda operation: "ueue" in operation),
    ("{ calls(first: 5) { nodes { nativeId notes @skip(if: true) { text } } } }", lambda operation: "notes" in operation),
    (
        "{ calls(first: 5) { nodes { nativeId recordings @skip(if: true) { id } } } }",
        lambda operation: "recording" in operation or "monitor" in operation,
    ),
    ("{ recordings(first: 5) { nodes { nativeId } } }", lambda operation: "cdr" in operation or "{id}" in operation),
]


@pytest.mark.parametrize(("document", "unwanted"), UNASKED)
def test_what_is_not_selected_is_not_asked_for(shared: World, document: str, unwanted: Callable[[str], bool]) -> None:
    asked = costs(shared, document)
    assert [operation for operations in asked.values() for operation in operations if unwanted(operation)] == []
