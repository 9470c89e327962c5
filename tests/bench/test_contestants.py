"""Contestants: who takes part in which run, and the gateway's plugin that only the bench knows."""

from importlib.metadata import distributions
from pathlib import Path

from bench import unmapped_plugin
from bench.contestants import MAKERS, Contestant, Place, made
from bench.runs import MAIN, OURS, OURS_CACHED, OURS_ROWS, RUNS
from telegraphql.gateway.config.settings import read_config
from telegraphql.gateway.plugin.registry import GROUP, load


def test_everybody_takes_part_in_what_they_can() -> None:
    peer = Contestant("x", [], cannot=frozenset({"merged"}))
    assert [run.name for run in RUNS if peer.runs(run)] == [run.name for run in MAIN if run.name != "merged"]


def test_some_take_part_only_where_they_are_named() -> None:
    assert [run.name for run in RUNS if Contestant(OURS_CACHED, [], extra=True).runs(run)] == ["texts", "moments", "same"]


def test_nobody_is_named_who_is_not_there() -> None:
    assert {name for run in RUNS for name in run.of or ()} <= set(MAKERS)


def test_this_gateways_configurations_are_good(tmp_path: Path) -> None:
    ours = made(Place(tmp_path, "http://127.0.0.1:1"), lambda name: name in (OURS, OURS_ROWS, OURS_CACHED))
    read = [read_config(Path(each.command[each.command.index("--config") + 1])) for each in ours]
    assert [each.cache.enabled for each in read] == [False, False, True]
    assert [{str(table["plugin"]) for table in each.providers.values()} for each in read] == [
        {unmapped_plugin.PLUGIN},
        {"voipstudio"},
        {unmapped_plugin.PLUGIN},
    ]


def test_the_plugin_is_found_by_its_entry_point(tmp_path: Path) -> None:
    path = unmapped_plugin.known(tmp_path)["PYTHONPATH"].split(":")[0]
    points = [point for each in distributions(path=[path]) for point in each.entry_points if point.group == GROUP]
    assert load(points).found == {unmapped_plugin.PLUGIN: unmapped_plugin.Shaped}
