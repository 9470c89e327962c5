"""Failing: an export waits for a provider that fails, stops rather than leave rows out, or goes on without and says so."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from telegraphql.gateway.errors import Unauthorized, Unavailable, UpstreamError
from telegraphql.gateway.export import export, job
from telegraphql.gateway.export.files import FileSink
from telegraphql.gateway.export.progress import ProgressLines
from telegraphql.gateway.plugin.row_reader import RowReader
from tests.endtoend.ground_truth import expected
from tests.endtoend.list_walks import keys
from tests.gateway.export.conftest import RECORDS, House, read

STOPPED, INCOMPLETE = 1, 3


@pytest.fixture(autouse=True)
def hurried(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Small pages, short pauses, and good health afterwards."""
    monkeypatch.setattr(job, "PAGE", 20)
    monkeypatch.setattr(export, "FIRST_PAUSE", 0.001)
    yield
    house.world.behave()


@pytest.fixture
def after_pages(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, Callable[[], None]], None]:
    """Let something happen when so many pages are written."""

    def arranged(pages: int, happen: Callable[[], None]) -> None:
        left, write = [pages], FileSink.write

        def writing(self: FileSink, rows: Any) -> None:
            write(self, rows)
            left[0] -= 1
            if left[0] == 0:
                happen()

        monkeypatch.setattr(FileSink, "write", writing)

    return arranged


def wanted(house: House) -> list[tuple[str, str]]:
    return [truth.key for truth in expected(house.world, "Call", newest=False)]


def fails(house: House, name: str, **fault: Any) -> Callable[[], None]:
    return lambda: house.world.upstreams[name].misbehave(**fault or {"status": 503})


def test_a_provider_that_comes_back_costs_nothing_but_time(house: House, tmp_path: Path, after_pages: Any) -> None:
    after_pages(3, fails(house, "portsip"))
    says = ProgressLines.message

    def healing(self: ProgressLines, text: str) -> None:
        says(self, text)
        if text.startswith("retrying"):
            house.world.behave()

    with patch.object(ProgressLines, "message", healing), patch("telegraphql.gateway.export.reader.Search._page_size", lambda *_: 12):
        result = house.good("--kind", "calls", "--out", tmp_path / "calls.jsonl")
    assert " s: portsip: UNAVAILABLE: " in result.stderr
    assert keys(read(tmp_path / "calls.jsonl")) == wanted(house)


def test_one_that_stays_away_stops_it_and_the_same_command_goes_on(house: House, tmp_path: Path, after_pages: Any) -> None:
    out = tmp_path / "calls.jsonl"
    after_pages(3, fails(house, "portsip"))
    with patch("telegraphql.gateway.export.reader.Search._page_size", lambda *_: 12):
        result = house.export("--kind", "calls", "--out", out, "--retry-timeout", "0s")
    assert result.exit_code == STOPPED
    there = len(read(out))
    assert "telegraphql: portsip: UNAVAILABLE: " in result.stderr
    assert (
        f"Run the same command again, or with --skip-failing to continue without these providers. It continues after the {there} rows"
        in result.stderr
    )
    assert keys(read(out)) == wanted(house)[:there]
    assert there < len(wanted(house))
    house.world.behave()
    house.good("--kind", "calls", "--out", out)
    assert keys(read(out)) == wanted(house)


def test_refused_credentials_are_not_waited_for(house: House, tmp_path: Path) -> None:
    fails(house, "boxis", mode="unauthorized")()
    result = house.export("--kind", "calls", "--out", tmp_path / "calls.jsonl")
    assert result.exit_code == STOPPED
    assert "telegraphql: boxis: UNAUTHORIZED: " in result.stderr
    assert "retrying" not in result.stderr


def test_going_on_without_one_says_what_is_missing(house: House, tmp_path: Path) -> None:
    out = tmp_path / "calls.jsonl"
    fails(house, "boxis")()
    result = house.export("--kind", "calls", "--out", out, "--retry-timeout", "0s", "--skip-failing")
    assert result.exit_code == INCOMPLETE
    assert keys(read(out)) == [key for key in wanted(house) if key[0] != "boxis"]
    assert "missing: all of boxis (UNAVAILABLE: " in result.stderr
    assert "export it by itself: --provider boxis and another --out" in result.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["calls.jsonl"]


@pytest.mark.parametrize("error", [Unavailable("is down", provider="voipstudio"), Unauthorized("refuses the token", provider="voipstudio")])
def test_without_a_relation_that_fails_no_row_is_written(house: House, tmp_path: Path, error: UpstreamError) -> None:
    out = tmp_path / "calls.jsonl"
    arguments = ("--kind", "calls", "--out", out, "--provider", "voipstudio", "--fields", "nativeId,provider,recordings.id")
    assert house.export(*arguments).exit_code == 0
    whole = out.read_bytes()
    out.unlink()
    with patch("telegraphql.gateway.pagination.dataloaders.LoaderBatch._records", side_effect=error):
        result = house.export(*arguments, "--retry-timeout", "0s")
    assert result.exit_code == STOPPED
    assert result.stderr.count(", recordings: ") == 1
    house.good(*arguments)
    assert out.read_bytes() == whole


def test_a_record_that_cannot_be_read_is_counted_and_the_others_arrive(house: House, tmp_path: Path) -> None:
    out, strange = tmp_path / "calls.jsonl", wanted(house)[7]
    look = RowReader.look

    def looking(self: RowReader, rows: Any, raws: Any, found: list[Any], problems: list[Any]) -> None:
        look(self, rows, raws, found, problems)
        for view in [each for each in found if (each.provider_name, each.native_id) == strange]:
            found.remove(view)
            problems.append(self.malformed_record(view.raw, "$.id"))

    with patch.object(RowReader, "look", looking):
        result = house.export("--kind", "calls", "--out", out)
    assert result.exit_code == INCOMPLETE
    assert keys(read(out)) == [key for key in wanted(house) if key != strange]
    assert len(read(out)) == 4 * RECORDS - 1
    assert [word for word in result.stderr.split() if word in ("MALFORMED_RECORD", "1")] == ["MALFORMED_RECORD", "1"]


def test_nothing_secret_is_kept_beside_the_file(house: House, tmp_path: Path) -> None:
    fails(house, "boxis")()
    house.export("--kind", "calls", "--out", tmp_path / "calls.jsonl", "--retry-timeout", "0s")
    state = json.loads((tmp_path / "calls.jsonl.progress").read_text())
    assert state.keys() == {"options", "version", "cursor", "kept", "rows", "problems", "skipped", "told", "seconds", "finished"}
    assert "http" not in json.dumps(state)
