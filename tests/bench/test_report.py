"""Report: every figure stands in the row of its contestant and the column of its run."""

from bench.report import circumstanced, counted, full, rest, short, table
from bench.runs import MAIN, OTHERS, OURS, OURS_CACHED, RUNS
from tests.bench.results import figures, results

SOME = [run for run in MAIN if run.name in ("25", "100", "500")]


def test_the_table_shows_cpu_and_throughput_and_who_cannot() -> None:
    assert table(results(), SOME).splitlines() == [
        "| CPU ms a query (queries a second) | 25 records, 16 conn. | 100 records, 16 conn. | 500 records, 4 conn. |",
        "|---|--:|--:|--:|",
        "| TelegraphQL | 0.50 (2,000) | 1.00 (1,000) | cannot |",
        "| Strawberry + httpx, ordinary | 6.00 (167) | 19.90 (50) | cannot |",
        "| Starlette by hand + aiohttp | 0.35 (2,857) | 1.00 (1,000) | cannot |",
    ]


def test_who_takes_part_in_few_runs_only_is_not_among_those_of_all() -> None:
    found = results() | {OURS_CACHED: {"same": figures(0.1)}}
    assert "cache on" not in table(found, SOME) + counted(found, SOME) + rest(found)
    assert "| identical questions | TelegraphQL, cache on | 10,000 | 0.10 | 1.0 | 1.0 | 1.00 | 0 |" in circumstanced(found, OTHERS)


def test_the_rest_shows_the_page_of_a_hundred_and_the_most_memory() -> None:
    assert rest(results()).splitlines()[2:] == [
        "| TelegraphQL | 4.0 | 9.0 | 100 | 0.5 | 0 |",
        "| Strawberry + httpx, ordinary | 1.0 | 1.0 | 70 | 0.5 | 0 |",
        "| Starlette by hand + aiohttp | 1.0 | 1.0 | 1 | 0.5 | 3 |",
    ]


def test_the_short_table_shows_our_time_and_how_many_times_that_the_others_take() -> None:
    assert short(results()).splitlines()[:3] == [
        "| | 25 records | 100 records | 500 records | 100 + one relation | newest 100 of 4 × 100 |",
        "|---|--:|--:|--:|--:|--:|",
        "| **TelegraphQL**, CPU time a query | 0.50 ms | 1.00 ms |  |  |  |",
    ]
    assert "| Strawberry + httpx, ordinary | 12 × | 20 × | cannot | cannot | cannot |" in short(results())


def test_all_of_it_says_when_and_on_what_and_has_a_row_for_everybody() -> None:
    told = full(results(), RUNS, "2026-11-22; a machine.")
    assert told.startswith("2026-11-22; a machine.\n")
    assert all(name in told for name in results())
    assert {line.count("|") for line in table(results(), MAIN).splitlines()} == {len(MAIN) + 2}


def test_a_table_has_as_many_cells_in_every_line() -> None:
    found = results() | {OURS: results()[OURS] | {"same": figures(1.0)}}
    for block in (circumstanced(found, OTHERS), rest(found), short(found), counted(found, MAIN)):
        assert len({line.count("|") for line in block.splitlines()}) == 1
