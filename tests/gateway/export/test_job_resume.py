"""Resuming: however often and wherever an export is killed, the same command ends with each record once."""

import csv
import fcntl
import random
import tomllib
from pathlib import Path
from unittest.mock import patch

import pytest
import tomli_w
from pyarrow import parquet

from tests.endtoend.ground_truth import expected
from tests.gateway.export import killed_process
from tests.gateway.export.conftest import House, read

KILLED = -9
MOST_RUNS = 40


def until_done(arguments: list[str], seed: int, most: int = 40) -> int:
    """How often it was killed before it ended well."""
    chance = random.Random(seed)
    for deaths in range(MOST_RUNS):
        code = killed_process.run(arguments, dies_at=chance.randint(5, most))
        if code == 0:
            return deaths
        assert code == KILLED
    raise AssertionError("it never came to its end")


def wanted(house: House) -> list[tuple[str, str]]:
    return [truth.key for truth in expected(house.world, "Call", newest=False)]


def test_lines_are_complete_after_any_kills(house: House, tmp_path: Path) -> None:
    out = tmp_path / "calls.jsonl"
    assert until_done(house.arguments("--kind", "calls", "--out", out), 1) >= 2
    assert [(row["provider"]["name"], row["nativeId"]) for row in read(out)] == wanted(house)
    assert [*tmp_path.iterdir()] == [out]


@pytest.mark.slow
def test_csv_has_one_header_after_any_kills(house: House, tmp_path: Path) -> None:
    out = tmp_path / "calls.csv"
    assert until_done(house.arguments("--kind", "calls", "--format", "csv", "--out", out), 3) >= 1
    with out.open(newline="") as file:
        assert [(row["provider.name"], row["nativeId"]) for row in csv.DictReader(file)] == wanted(house)


@pytest.mark.slow
def test_parquet_is_complete_after_any_kills(house: House, tmp_path: Path) -> None:
    out = tmp_path / "calls.parquet"
    assert until_done(house.arguments("--kind", "calls", "--format", "parquet", "--out", out), 4, most=16) >= 2
    found = parquet.read_table(out).to_pydict()
    assert [*zip(found["provider.name"], found["nativeId"], strict=True)] == wanted(house)
    assert [*tmp_path.iterdir()] == [out]


@pytest.mark.parametrize("step", [1, 4, 10], ids=["first", "begun", "last"])
def test_what_a_run_leaves_behind_at_any_step_is_gone_on_with(house: House, tmp_path: Path, step: int) -> None:
    out = tmp_path / "queues.jsonl"
    arguments = house.arguments("--kind", "queues", "--out", out)
    assert killed_process.run(arguments, dies_at=step) == KILLED
    assert killed_process.run(arguments) == 0
    found = [(row["provider"]["name"], row["nativeId"]) for row in read(out)]
    assert found == [truth.key for truth in expected(house.world, "Queue", newest=False)]


@pytest.mark.parametrize("format", ["jsonl", "parquet"])
def test_who_dies_with_all_written_has_finished(house: House, tmp_path: Path, format: str) -> None:
    out = tmp_path / "queues"
    arguments = ["--kind", "queues", "--format", format, "--out", out]
    with patch("telegraphql.gateway.export.job.ExportJob.remove_progress"):
        house.good(*arguments)
    whole = out.read_bytes()
    again = house.good(*arguments)
    assert ("already finished with the" in again.stderr, out.read_bytes(), [*tmp_path.iterdir()]) == (True, whole, [out])


def test_a_told_end_saves_and_says_how_to_go_on(house: House, tmp_path: Path) -> None:
    out = tmp_path / "calls.jsonl"
    arguments = house.arguments("--kind", "calls", "--out", out)
    assert killed_process.run(arguments, ends_at=9) == 143
    there = len(read(out))
    assert 0 < there < len(wanted(house))
    other = house.export("--kind", "calls", "--out", out, "--provider", "boxis")
    assert "with other --fields, --provider, is unfinished: run its command again, or add --overwrite" in str(other.exception)
    assert f"continuing after the {there} rows in {out}" in house.good("--kind", "calls", "--out", out).stderr
    assert [(row["provider"]["name"], row["nativeId"]) for row in read(out)] == wanted(house)


def test_a_changed_file_is_not_gone_on_with(house: House, tmp_path: Path) -> None:
    out = tmp_path / "calls.jsonl"
    assert killed_process.run(house.arguments("--kind", "calls", "--out", out), dies_at=9) == KILLED
    out.write_bytes(out.read_bytes()[:100])
    result = house.export("--kind", "calls", "--out", out)
    assert "is shorter than its progress file says; it was changed: start over with --no-resume" in str(result.exception)
    house.good("--kind", "calls", "--out", out, "--no-resume")
    assert len(read(out)) == len(wanted(house))


def test_two_exports_do_not_write_to_one_file(house: House, tmp_path: Path) -> None:
    out = tmp_path / "calls.jsonl"
    with out.open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        result = house.export("--kind", "calls", "--out", out)
    assert f"another export is writing {out}: wait until it ends" in str(result.exception)


def test_a_half_done_export_goes_on_under_a_new_name(house: House, tmp_path: Path) -> None:
    out = tmp_path / "calls.jsonl"
    assert killed_process.run(house.arguments("--kind", "calls", "--out", out), dies_at=12) == KILLED
    tables = tomllib.loads(house.config.read_text())["providers"]
    renamed = house.config.with_name("renamed.toml")
    renamed.write_text(tomli_w.dumps({"providers": {f"{name}-new": {"id": name} | table for name, table in tables.items()}}))
    assert killed_process.run(["export", "--config", str(renamed), "--kind", "calls", "--out", str(out)]) == 0
    found = [(row["provider"]["name"], row["nativeId"]) for row in read(out)]
    assert [(name.removesuffix("-new"), native_id) for name, native_id in found] == wanted(house)
    renewed = [name.endswith("-new") for name, _ in found]
    assert (renewed == sorted(renewed), set(renewed)) == (True, {False, True})
