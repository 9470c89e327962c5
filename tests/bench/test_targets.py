"""Targets: ratios are the peer's processor time over ours, and what is missed is called so."""

from bench.runs import MAIN, ORDINARY, TAILCALL
from bench.targets import TARGETS, claimed, judged, ratio, ratios
from tests.bench.results import figures, results

SOME = [run for run in MAIN if run.name in ("25", "100")]


def test_a_ratio_is_the_peers_processor_time_over_ours() -> None:
    assert ratio(results(), ORDINARY, "25") == 12.0
    assert ratio(results(), ORDINARY, "merged") is None
    assert ratio(results(), TAILCALL, "25") is None


def test_what_is_missed_is_called_so() -> None:
    assert judged(12.04, 12) == "12.0 × (of 12)"
    assert judged(11.98, 12) == "**missed**: 12.0 × (of 12)"
    assert judged(0.7, 0.7) == "0.70 × (of 0.7)"
    assert judged(0.69, None) == "0.69 ×"


def test_the_table_has_every_peer_with_targets_and_nothing_where_nothing_was_measured() -> None:
    assert ratios(results(), SOME).splitlines() == [
        "| times our CPU time a query | 25 records, 16 conn. | 100 records, 16 conn. |",
        "|---|--:|--:|",
        "| Strawberry + httpx, ordinary | 12.0 × (of 12) | **missed**: 19.9 × (of 20) |",
        "| Hive Gateway |  |  |",
        "| Yoga + graphql-jit |  |  |",
        "| Tailcall 1.6 |  |  |",
        "| Starlette by hand + aiohttp | 0.70 × (of 0.7) | 1.0 × (of 1) |",
    ]


def test_every_target_is_of_a_cell() -> None:
    assert {run for targets in TARGETS.values() for run in targets} == {run.name for run in MAIN}


def test_the_other_claims_are_judged_as_well() -> None:
    assert claimed(results()).splitlines() == [
        "| | target | reached |",
        "|---|--:|--:|",
        "| p50, upstream takes 50 ms, 1 connection | 53 ms | 52.0 ms |",
        "| errors at 500 connections | none | 0 |",
        "| p99 at 500 connections, of the hand-written endpoint's | 3 × | 3.0 × |",
    ]


def test_errors_in_the_crowd_are_told() -> None:
    found = results()
    found["TelegraphQL"]["crowd"] = figures(1.0, p99=601.0, errors=2.0)
    assert claimed(found).splitlines()[-2:] == [
        "| errors at 500 connections | none | **missed**: 2 |",
        "| p99 at 500 connections, of the hand-written endpoint's | 3 × | **missed**: 3.0 × |",
    ]
