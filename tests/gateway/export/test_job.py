"""Job: what is exported is what the upstreams have, in every format, each record once, oldest first."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.endtoend.ground_truth import expected
from tests.endtoend.kinds import KINDS, Kind
from tests.endtoend.list_walks import keys
from tests.gateway.export.conftest import RECORDS, House, read

Rows = Callable[..., list[dict[str, Any]]]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_list_is_exported_whole_in_order_with_its_plain_fields(house: House, rows: Rows, kind: Kind) -> None:
    found = rows("--kind", kind.root)
    truths = expected(house.world, kind.name, newest=False)
    assert keys(found) == [truth.key for truth in truths]
    assert truths
    for row, truth in zip(found, truths, strict=True):
        for name, wanted in truth.shown.items():
            if name in row:
                seen = row[name]
                assert ({each: seen[each] for each in wanted} if isinstance(wanted, dict) and seen else seen) == wanted, (truth.key, name)


def test_plain_fields_cost_no_request_of_their_own(house: House, rows: Rows) -> None:
    house.world.forget()
    found = rows("--kind", "calls")
    assert len(found) == 4 * RECORDS
    assert found[0].keys().isdisjoint({"cost", "native", "session", "recordings", "trace", "capture"})
    asked = house.world.upstreams["portsip"].operations()
    assert {operation for operation in asked if "{" in operation} == set()


def test_named_fields_alone_are_exported_and_relations_are_asked_for_in_batches(house: House, rows: Rows) -> None:
    fields = "id from { number } recordings { id } provider { name }"
    query_document = f'{{ calls(first: 60, order: OLDEST_FIRST, filter: {{ providers: ["voipstudio"] }}) {{ nodes {{ {fields} }} }} }}'
    shown = house.world.ask(query_document)["calls"]["nodes"]
    house.world.forget()
    found = rows("--kind", "calls", "--fields", "id, from.number,recordings.id,provider", "--provider", "voipstudio")
    assert json.dumps(found) == json.dumps(shown)
    assert sum(len(row["recordings"]) for row in found) == 7
    assert len(house.world.upstreams["voipstudio"].operations()) == 4


def test_a_range_of_time_is_half_open(house: House, rows: Rows) -> None:
    times = [truth.shown["startedAt"] for truth in expected(house.world, "Call", newest=False)]
    first, last = times[20], times[200]
    found = rows("--kind", "calls", "--from", first, "--to", last)
    assert [row["startedAt"] for row in found] == [time for time in times if first <= time < last]


def test_csv_is_flat_and_says_the_same(house: House, rows: Rows, tmp_path: Path) -> None:
    wanted = rows("--kind", "calls")
    out = tmp_path / "calls.csv"
    house.good("--kind", "calls", "--format", "csv", "--out", out)
    text = out.read_bytes().decode()
    found = list(csv.DictReader(io.StringIO(text, newline="")))
    assert text.count("\r\n") == len(wanted) + 1
    assert [cells["id"] for cells in found] == [row["id"] for row in wanted]
    assert [cells["from.number"] for cells in found] == [row["from"]["number"] or "" for row in wanted]
    assert [cells["isEndedAtDerived"] for cells in found] == [str(row["isEndedAtDerived"]).lower() for row in wanted]
    assert [cells["ratePerMinute.amount"] for cells in found] == [(row["ratePerMinute"] or {"amount": ""})["amount"] for row in wanted]


def test_standard_output_gets_the_same_bytes_and_nothing_else(house: House, tmp_path: Path) -> None:
    out = tmp_path / "calls.jsonl"
    house.good("--kind", "calls", "--out", out)
    assert house.good("--kind", "calls", "--out", "-").stdout_bytes == out.read_bytes()


def test_a_finished_file_is_not_written_over_unless_told(house: House, tmp_path: Path) -> None:
    out = tmp_path / "queues.jsonl"
    out.write_text("mine")
    result = house.export("--kind", "queues", "--out", out)
    assert "already exists: choose another file, or replace it with --overwrite" in str(result.exception)
    assert out.read_text() == "mine"
    house.good("--kind", "queues", "--out", out, "--overwrite")
    assert len(read(out)) == len(expected(house.world, "Queue"))
    assert [each.name for each in tmp_path.iterdir()] == ["queues.jsonl"]


def test_the_report_counts_rows_by_provider(house: House, tmp_path: Path) -> None:
    result = house.good("--kind", "calls", "--out", tmp_path / "calls.jsonl")
    assert f"{4 * RECORDS} rows (boxis {RECORDS}, portsip {RECORDS}, voipstudio {RECORDS}, voximplant {RECORDS})" in result.stderr
    assert "left out, because portsip needs one request per row: cost. Use --fields to export them" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--kind", "faxes"], "--kind 'faxes': no such list; choose one of auditEntries, calls, chats,"),
        (
            ["--kind", "queues", "--from", "2026-01-01T00:00:00Z"],
            "--from and --to: queues have no time to filter by: leave these options out",
        ),
        (["--kind", "calls", "--from", "2026-01-01"], "--from: '2026-01-01' has no time zone: end it with Z"),
        (["--kind", "calls", "--from", "2026-02-01T00:00:00Z", "--to", "2026-01-01T00:00:00Z"], "--from must be before --to"),
        (["--kind", "sessions", "--format", "vcon"], "--format vcon supports only calls: use --kind calls"),
        (["--kind", "calls", "--format", "vcon", "--fields", "id"], "--fields does not apply to --format vcon: leave it out"),
        (["--kind", "calls", "--format", "parquet", "--out", "-"], "--out -: Parquet needs a file"),
        (
            ["--kind", "calls", "--provider", "acme"],
            "--provider acme: not in the configuration; configured: boxis,",
        ),
        (["--kind", "chats", "--provider", "boxis"], "--kind chats: not supported by: boxis"),
        (["--kind", "calls", "--fields", "from.colour"], "--fields from.colour: Party has no field 'colour'; it has number, name,"),
        (
            ["--kind", "calls", "--fields", "durationSeconds.seconds"],
            "--fields durationSeconds.seconds: durationSeconds has no fields; write only durationSeconds",
        ),
        (["--kind", "queues", "--fields", "visits"], "--fields visits: visits is a paginated list"),
        (["--kind", "calls", "--fields", " , "], "--fields is empty: name fields of calls"),
        (["--kind", "calls", "--out", "/nowhere/calls.jsonl"], "--out /nowhere/calls.jsonl cannot be written (No such file or directory)"),
    ],
)
def test_bad_input_is_told_before_anything_is_asked(house: House, tmp_path: Path, arguments: list[str], complaint: str) -> None:
    house.world.forget()
    out = [] if "--out" in arguments else ["--out", tmp_path / "out"]
    result = house.export(*out, *arguments)
    assert complaint in str(result.exception)
    assert [upstream.journal() for upstream in house.world.upstreams.values()] == [[]] * 4
    assert [*tmp_path.iterdir()] == []


def test_rows_hold_what_the_served_list_shows(house: House, rows: Rows) -> None:
    query_document = "{ calls(first: 60, order: OLDEST_FIRST) { nodes { id startedAt from { number e164 } ratePerMinute { amount } } } }"
    shown = house.world.ask(query_document)["calls"]["nodes"]
    assert json.dumps(rows("--kind", "calls", "--fields", "id,startedAt,from.number,from.e164,ratePerMinute.amount")[:60]) == json.dumps(
        shown
    )
