"""Master.csv while it is written, rotated and emptied, whatever else stands in it, and whatever its size."""

import resource
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

import pytest

from telegraphql.plugin import Unavailable
from telegraphql.plugins.asterisk import index, master
from telegraphql.plugins.asterisk.legs import CdrQuery, PlacedCdr
from telegraphql.plugins.asterisk.master import Master
from telegraphql.plugins.asterisk.selecting import Found
from telegraphql.plugins.asterisk.wire import FIXED, UNIQUEID
from tests.plugins.asterisk.asterisk_records import START, cdr, text, write

UTC = ZoneInfo("UTC")
LINES = 200_000
MEGABYTE = 1024 * 1024


def read(of: Master, **wish: object) -> Found[PlacedCdr]:
    (found,) = of.legs([CdrQuery(**{"newest": False, **wish})])  # type: ignore[arg-type]
    return found


def numbers(found: Found[PlacedCdr]) -> list[str]:
    return [leg.cdr.mark for leg in found.placed]


def rows(*which: int) -> str:
    return text(cdr(each, sequence=each) for each in which)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "BLOCK", 700)


def test_what_is_appended_is_there_at_once(tmp_path: Path) -> None:
    write(tmp_path, rows(1, 2))
    of = Master(tmp_path, UTC)
    assert numbers(read(of)) == ["1", "2"]
    write(tmp_path, rows(3))
    assert numbers(read(of)) == ["1", "2", "3"]


def test_a_line_that_is_being_written_counts_once_it_is_whole(tmp_path: Path) -> None:
    line = rows(2)
    write(tmp_path, rows(1) + line[:-40])
    of = Master(tmp_path, UTC)
    assert (numbers(read(of)), read(of).complaints) == (["1"], [])
    write(tmp_path, line[-40:-1])
    assert (numbers(read(of)), read(of).complaints) == (["1"], [])
    write(tmp_path, "\n")
    assert (numbers(read(of)), read(of).complaints) == (["1", "2"], [])


def test_the_last_line_of_a_file_that_nobody_writes_any_more_is_told(tmp_path: Path) -> None:
    write(tmp_path, rows(2))
    write(tmp_path, rows(1)[:-40], "Master.csv.1")
    found = read(Master(tmp_path, UTC))
    assert numbers(found) == ["2"]
    assert found.complaints == ["line 1 of Master.csv.1 cannot be read: its quotes do not close"]


def test_records_stand_by_their_start_though_they_are_written_at_their_end(tmp_path: Path, small_blocks: None) -> None:
    long = cdr(0, duration=7200, sequence=99)
    write(tmp_path, [*(cdr(each * 60, sequence=each) for each in range(1, 30)), long])
    of = Master(tmp_path, UTC)
    assert numbers(read(of, most=2)) == ["99", "1"]
    assert numbers(read(of, until=START + timedelta(minutes=2), newest=True)) == ["2", "1", "99"]
    assert numbers(read(of, newest=True, most=3)) == ["29", "28", "27"]


def test_rotated_files_are_read_with_it(tmp_path: Path) -> None:
    for name, each in (("Master.csv.10", 1), ("Master.csv.2", 2), ("Master.csv.1", 3), ("Master.csv", 4)):
        write(tmp_path, rows(each), name)
    write(tmp_path, "not these", "Master.csv.1.gz")
    write(tmp_path, rows(9), "alice.csv")
    assert numbers(read(Master(tmp_path, UTC))) == ["1", "2", "3", "4"]


def test_ids_survive_rotation_also_without_sequences(tmp_path: Path) -> None:
    file = write(tmp_path, text([cdr(1), cdr(1, dst="105"), cdr(2)], [*FIXED, UNIQUEID]))
    of = Master(tmp_path, UTC)
    before = [leg.id for leg in read(of).placed]
    assert len(set(before)) == 3
    file.rename(tmp_path / "Master.csv.1")
    write(tmp_path, rows(9))
    assert [leg.id for leg in read(of).placed][:3] == before


def rename(folder: Path) -> None:
    (folder / "Master.csv.1").rename(folder / "Master.csv.2")
    (folder / "Master.csv").rename(folder / "Master.csv.1")
    write(folder, rows(5, 6))


def copy_and_empty(folder: Path) -> None:
    (folder / "Master.csv.1").rename(folder / "Master.csv.2")
    (folder / "Master.csv.1").write_bytes((folder / "Master.csv").read_bytes())


@pytest.mark.parametrize("rotate", [rename, copy_and_empty])
@pytest.mark.parametrize("at", [0, 1])
def test_nothing_slips_by_or_doubles_when_files_are_rotated_in_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rotate: Callable[[Path], None], at: int
) -> None:
    write(tmp_path, rows(1, 2), "Master.csv.1")
    write(tmp_path, rows(3, 4))
    opened, asked = Path.open, []

    def opens(path: Path, *arguments: object, **named: object) -> BinaryIO:
        if path.parent == tmp_path and arguments == ("rb",):
            asked.append(path)
            if len(asked) == at + 1:
                rotate(tmp_path)
        return opened(path, *arguments, **named)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(Path, "open", opens)
    assert numbers(read(Master(tmp_path, UTC)))[:4] == ["1", "2", "3", "4"]


def test_a_file_that_was_emptied_is_read_anew(tmp_path: Path, small_blocks: None) -> None:
    file = write(tmp_path, rows(*range(20)))
    of = Master(tmp_path, UTC)
    assert len(read(of).placed) == 20
    file.write_text(rows(30))
    assert numbers(read(of)) == ["30"]
    file.write_text(rows(*range(40, 70)))
    assert numbers(read(of)) == [str(each) for each in range(40, 70)]


def test_a_line_that_cannot_be_read_is_named_and_costs_no_other(tmp_path: Path, small_blocks: None) -> None:
    cut, bare = rows(4)[:60] + "\n", '"4","1"\n'
    undated = text([cdr(7, start="yesterday")])
    write(tmp_path, rows(1, 2, 3) + cut + rows(5) + bare + rows(6) + undated + rows(8, 9, 10, 11, 12))
    found = read(Master(tmp_path, UTC))
    assert numbers(found) == ["1", "2", "3", "5", "6", "8", "9", "10", "11", "12"]
    assert found.complaints == [
        "line 4 of Master.csv cannot be read: its quotes do not close",
        "line 6 of Master.csv cannot be read: 2 columns are not what Asterisk writes",
        "line 8 of Master.csv cannot be read: `start` is missing or wrong",
    ]


def test_line_breaks_inside_of_columns_belong_to_them(tmp_path: Path, small_blocks: None) -> None:
    odd = cdr(50, sequence=50, userfield='two\nlines, "quoted"\n', lastdata="a\n\nb")
    write(tmp_path, rows(1, 2) + text([odd]) + rows(*range(60, 70)))
    found = read(Master(tmp_path, UTC))
    assert numbers(found) == ["1", "2", "50", *(str(each) for each in range(60, 70))]
    assert (found.placed[2].cdr.told["userfield"], found.complaints) == (odd["userfield"], [])


def test_words_in_any_encoding_are_read(tmp_path: Path) -> None:
    (tmp_path / "Master.csv").write_bytes(text([cdr(1, clid="Müller")]).encode("latin-1") + text([cdr(2, clid="Müller")]).encode())
    assert [leg.cdr.clid for leg in read(Master(tmp_path, UTC)).placed] == ["M\ufffdller", "Müller"]


def test_equal_lines_are_one_record(tmp_path: Path) -> None:
    write(tmp_path, rows(1, 1, 2))
    assert numbers(read(Master(tmp_path, UTC))) == ["1", "2"]


def test_garbage_without_end_is_told_and_nothing_else_is_lost(tmp_path: Path, small_blocks: None) -> None:
    write(tmp_path, rows(1) + "\0" * 3000 + "\n" + rows(2))
    found = read(Master(tmp_path, UTC))
    assert numbers(found) == ["1", "2"]
    assert found.complaints
    assert all(each.startswith("line 2 of Master.csv cannot be read: ") for each in found.complaints)


def test_a_folder_without_records_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"there is no Master.csv; check `cdr_folder`"):
        read(Master(tmp_path, UTC))
    with pytest.raises(FileNotFoundError):
        read(Master(tmp_path / "gone", UTC))


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("big")
    pattern = text([cdr(1, uniqueid="%d.1", start="%s", end="%s", sequence="%d", answer="")])
    first, epoch = START.replace(tzinfo=None), int(START.timestamp())
    with (folder / "Master.csv").open("w") as out:
        for seconds in range(0, 5 * LINES, 5):
            at = first + timedelta(seconds=seconds)
            out.write(pattern % (at, at + timedelta(seconds=seconds % 300), epoch + seconds, seconds // 5))
    return folder


def test_a_big_file_is_read_page_by_page_in_flat_memory(big: Path) -> None:
    of, size = Master(big, UTC), (big / "Master.csv").stat().st_size
    assert size > 35 * MEGABYTE
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tracemalloc.start()
    try:
        for number in (LINES - 1, LINES // 2, 150):
            found = read(of, until=START + timedelta(seconds=5 * number), newest=True, most=100)
            assert numbers(found) == [str(number - each) for each in range(100)]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * MEGABYTE
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < size // 2


def test_after_the_first_time_a_page_of_a_big_file_costs_a_few_blocks(big: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of, given, asked = Master(big, UTC), master.lines, []
    assert numbers(read(of, most=1)) == ["0"]
    monkeypatch.setattr(master, "lines", lambda data, first: asked.append(len(data)) or given(data, first))
    for number in (LINES - 1, LINES // 2, 150):
        asked.clear()
        read(of, until=START + timedelta(seconds=5 * number), newest=True, most=100)
        assert len(asked) <= 3
        assert max(asked) <= index.BLOCK
