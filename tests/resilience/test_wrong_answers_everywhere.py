"""Wrong answers in relations, the timeline, statistics and exports: nothing of the others is missing, and what is missing is told."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as some
from typer.testing import CliRunner, Result

from telegraphql.gateway import sandbox_servers
from telegraphql.gateway.cli import main
from telegraphql.schema.node import read_global_id
from tests.resilience.simulated_gateway import NAMES, Place, Row
from tests.resilience.wrong_answers import COMPLETE, MODES, UNEXPECTED, lying_place, misbehave
from tests.support.clock import ago, between
from tests.support.examples import examples

pytestmark = pytest.mark.slow

SEVERAL = some.dictionaries(some.sampled_from(NAMES), some.sampled_from(MODES), min_size=1, max_size=3)
PROBLEMS = "problems { provider { name } code }"
DOCUMENT = f"""query ($number: String!, $range: TimeRange!) {{
  calls(first: 500, filter: {{startedAt: $range}}) {{ {PROBLEMS} nodes {{
    id status durationSeconds session {{ id startedAt }} recordings {{ id durationSeconds }} voicemessages {{ id transcript }} }} }}
  timeline(number: $number, first: 500) {{ {PROBLEMS} nodes {{ __typename ... on Node {{ id }} }} }}
  callStatistics(filter: {{startedAt: $range}}, by: [PROVIDER]) {{ {PROBLEMS} isComplete
    groups {{ provider {{ name }} figures {{ calls answered talkSeconds }} }} }}
}}"""
NUMBERS = "{ calls(first: 500) { nodes { from { e164 } to { e164 } } } }"


@pytest.fixture(scope="module")
def lying(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with lying_place(tmp_path_factory.mktemp("everywhere")) as found:
        yield found


@pytest.fixture(scope="module")
def number(lying: Place) -> str:
    """The number that most calls have."""
    nodes = lying.world.ask(NUMBERS)["calls"]["nodes"]
    found = [node[side]["e164"] for node in nodes for side in ("from", "to") if node[side]["e164"]]
    most: str = max(sorted(set(found)), key=found.count)
    return most


@pytest.fixture(scope="module")
def healthy(lying: Place, number: str) -> Row:
    """The answer of a good day."""
    return ask(lying, number)


def ask(place: Place, number: str) -> Row:
    body = place.world.post(DOCUMENT, number=number, range=between(ago(days=400), ago()))
    assert UNEXPECTED not in str(body)
    assert "errors" not in body
    data: Row = body["data"]
    return data


def of(nodes: list[Row], names: set[str]) -> list[Row]:
    """The records of some providers."""
    return [node for node in nodes if read_global_id(node["id"])[1] in names]


def sick(part: Row) -> set[str]:
    return {problem["provider"]["name"] for problem in part["problems"]}


@settings(max_examples=examples(30), phases=[Phase.generate])
@given(modes=SEVERAL)
def test_what_is_missing_anywhere_is_told(lying: Place, healthy: Row, number: str, modes: dict[str, str]) -> None:
    misbehave(lying, modes)
    try:
        found = ask(lying, number)
    finally:
        lying.behave()
    well = set(NAMES) - set(modes)
    for part in ("calls", "timeline"):
        assert of(found[part]["nodes"], well) == of(healthy[part]["nodes"], well)
        assert sick(found[part]) <= modes.keys()
        # A row that an upstream withholds from a page is not there for anybody.
        for name in {name for name, mode in modes.items() if mode != "short_page"} - sick(found[part]):
            assert {node["id"] for node in of(found[part]["nodes"], {name})} >= {node["id"] for node in of(healthy[part]["nodes"], {name})}
    counted, before = (
        {group["provider"]["name"]: group["figures"] for group in each["callStatistics"]["groups"]} for each in (found, healthy)
    )
    statistics = found["callStatistics"]
    assert {name: counted[name] for name in well} == {name: before[name] for name in well}
    assert sick(statistics) <= modes.keys()
    for name in {name for name, mode in modes.items() if mode in COMPLETE} - sick(statistics):
        assert counted[name]["calls"] == before[name]["calls"]
    short = {name for name, mode in modes.items() if mode != "short_page" and counted.get(name, {}).get("calls", 0) < before[name]["calls"]}
    assert short <= sick(statistics)


def export(config: Path, out: Path) -> Result:
    return CliRunner().invoke(main.commands, ["export", "--config", str(config), "--kind", "calls", "--fields", "id", "--out", str(out)])


def ids_in(out: Path) -> list[tuple[str, str, str]]:
    rows: list[dict[str, Any]] = [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []
    return [read_global_id(row["id"]) for row in rows]


@settings(max_examples=examples(8), phases=[Phase.generate])
@given(modes=SEVERAL)
def test_an_export_lacks_nothing_silently(lying: Place, tmp_path_factory: pytest.TempPathFactory, modes: dict[str, str]) -> None:
    folder = tmp_path_factory.mktemp("export")
    sandbox_servers.write_sandbox_config(list(lying.sandboxes.values()), folder / "telegraphql.toml")
    export(folder / "telegraphql.toml", folder / "whole.jsonl")
    whole = ids_in(folder / "whole.jsonl")
    misbehave(lying, modes)
    try:
        result = export(folder / "telegraphql.toml", folder / "found.jsonl")
    finally:
        lying.behave()
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    if result.exit_code:
        assert [name for name in NAMES if name not in modes and f"{name}:" in result.output] == []
        assert any(name in result.output for name in modes)
        assert export(folder / "telegraphql.toml", folder / "found.jsonl").exit_code == 0
    found = ids_in(folder / "found.jsonl")
    assert [each for each in found if each[1] not in modes] == [each for each in whole if each[1] not in modes]
    if not result.exit_code:
        readable = {name for name, mode in modes.items() if mode != "short_page"}
        lacking = {each for each in whole if each[1] in readable} - set(found)
        assert [each for each in lacking if each[1] not in result.output] == []
