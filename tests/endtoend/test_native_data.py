"""Native: the upstream's own record, every field as delivered, beside ours."""

import pytest

from tests.endtoend.ground_truth import expected
from tests.endtoend.ground_truth.values import veiled
from tests.endtoend.kinds import KINDS, Kind
from tests.endtoend.list_walks import key, listed
from tests.endtoend.world import Row, World

DERIVED = {("Session", "boxis"), ("Session", "voipstudio")}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_native_is_the_upstreams_row(shared: World, kind: Kind) -> None:
    rows = {truth.key: truth.row for truth in expected(shared, kind.name)}
    more = "events { type }" if kind.name == "QueueVisit" else ""
    natives = {key(node): node["native"] for node in listed(shared, kind, fields=f"native {more}")}
    differing = {
        each: (native, rows[each]) for each, native in natives.items() if native != rows[each] and (kind.name, each[0]) not in DERIVED
    }
    assert differing == {}
    assert natives.keys() == rows.keys()


def test_native_of_a_derived_session_is_null(shared: World) -> None:
    for name in ("boxis", "voipstudio"):
        assert {node["native"] for node in listed(shared, KINDS["Session"], {"providers": [name]}, "native")} == {None}


def test_boxis_pin_codes_are_hidden(shared: World) -> None:
    """The field is in the upstream's answers and holds a secret of the caller."""
    pins = {row["pincode"] for row in shared.upstreams["boxis"].rows("calls")}
    assert pins == {"", "4711"}
    natives = [node["native"] for node in listed(shared, KINDS["Call"], {"providers": ["boxis"]}, "native")]
    assert {native["pincode"] for native in natives} == {"", "(hidden)"}
    assert [native for native in natives if "4711" in native.values()] == []


def test_addresses_of_portsips_files_are_hidden(shared: World) -> None:
    """They need no credentials: whoever has one has the file."""
    for root in ("recordings", "voicemessages", "reports"):
        document = f'{{ {root}(first: 5, filter: {{providers: ["portsip"]}}) {{ nodes {{ native media {{ url fileName }} }} }} }}'
        nodes = shared.ask(document)[root]["nodes"]
        assert [node["native"]["file_url"] for node in nodes] == ["(hidden)"] * 5
        assert "/api/blobs/" not in str(nodes)


@pytest.mark.parametrize(
    ("kind", "field"), [("Call", "cost { amount }"), ("Recording", "fileName"), ("Queue", "agentCount"), ("ReportSchedule", "email")]
)
def test_native_holds_the_detail_where_the_detail_was_asked_for(shared: World, kind: str, field: str) -> None:
    upstream = shared.upstreams["portsip"]
    root = KINDS[kind].root
    rows = {row["id"]: row for row in upstream.rows(root)}
    ours = {"calllog_id"}
    for node in listed(shared, KINDS[kind], {"providers": ["portsip"]}, f"native {field}"):
        row = veiled(rows[node["nativeId"]], "file_url")
        assert node["native"] == {name: value for name, value in row.items() if name not in ours}


def test_native_of_what_hangs_on_other_records(shared: World) -> None:
    notes = {str(row["id"]): row for row in shared.upstreams["voipstudio"].rows("notes")}
    nodes = [
        note
        for node in listed(shared, KINDS["Call"], {"providers": ["voipstudio"]}, "notes { nativeId native }")
        for note in node["notes"] or ()
    ]
    seen = {str(note["native"]["id"]): note["native"] for note in nodes if "calldate" not in note["native"]}
    assert {id: {name: notes[id][name] for name in row} for id, row in seen.items()} == seen
    assert seen.keys() == notes.keys()
    usages = [row for session in shared.upstreams["voximplant"].rows("sessions") for row in session.get("other_resource_usage", ())]
    parents = listed(shared, KINDS["Session"], {"providers": ["voximplant"]}, "resourceUsages { native }")
    found: list[Row] = [usage["native"] for parent in parents for usage in parent["resourceUsages"]]
    assert sorted(found, key=str) == sorted(usages, key=str)


def test_sessions_of_voximplant_show_the_parts_that_were_asked_for(shared: World) -> None:
    rows = {str(row["call_session_history_id"]): row for row in shared.upstreams["voximplant"].rows("sessions")}
    for node in listed(
        shared, KINDS["Session"], {"providers": ["voximplant"]}, "native calls { id } recordings { id } resourceUsages { id }"
    ):
        assert node["native"] == rows[node["nativeId"]]
