"""Race: the medians of the rounds, and errors of all of them."""

from pathlib import Path

from bench.load import Load, Measured
from bench.race import Race, medians

ROUNDS = [Measured(per_second, cpu, 1.0, 2.0, 1.0, 50.0, errors) for per_second, cpu, errors in ((10, 3.0, 0), (30, 1.0, 2), (20, 9.0, 1))]


def test_a_figure_is_the_median_of_its_rounds_and_errors_add_up() -> None:
    assert medians(ROUNDS) == {"per_second": 20, "cpu": 3.0, "p50": 1.0, "p99": 2.0, "upstream": 1.0, "memory": 50.0, "errors": 3}


def test_results_stand_by_contestant_and_run() -> None:
    race = Race(Load(Path(), 1.0))
    race.measured["a", "100"], race.measured["a", "25"], race.colds["a"] = ROUNDS, ROUNDS[:1], [0.5, 0.7, 0.6]
    found = race.results()
    assert {name: {run: each["cpu"] for run, each in runs.items()} for name, runs in found.items()} == {"a": {"100": 3.0, "25": 3.0}}
    assert found["a"]["25"]["cold"] == 0.6
