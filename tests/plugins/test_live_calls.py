"""Sandboxes that go on living: calls that end while somebody watches, the same for the same seed, as the gateway shows them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from telegraphql.gateway import sandbox_servers
from telegraphql.gateway.plugin.sandbox import Sandbox
from tests.endtoend.world import World, world
from tests.support.clock import NOW

MINUTES = 30
CALLS = """query ($since: DateTime!) { calls(first: 500, filter: { startedAt: { since: $since } }) {
  nodes { id provider { name } startedAt endedAt status recordings { durationSeconds } session { calls { id } } } problems { code } } }"""


def lived(seed: int, calls_per_minute: float = 12) -> list[Sandbox]:
    """Return the sandboxes after half an hour. From then on they are quiet, however long the test takes."""
    sandboxes = sandbox_servers.create_sandboxes(60, seed, NOW, calls_per_minute=calls_per_minute)
    for each in sandboxes:
        each._clock_offset += timedelta(minutes=MINUTES)
        each.advance()
        each.live(0)
    return sandboxes


def rows(sandboxes: list[Sandbox]) -> dict[str, list[Any]]:
    return {each.plugin: each.records["calls"] for each in sandboxes}


def test_the_same_seed_makes_the_same_calls_and_another_one_others() -> None:
    one, same, other = rows(lived(1)), rows(lived(1)), rows(lived(2))
    assert one == same
    assert all(one[name] != other[name] for name in one)


def test_about_as_many_calls_are_made_as_were_asked_for_and_none_without() -> None:
    quiet = rows(lived(1, 0))
    assert all(len(calls) == len(rows(sandbox_servers.create_sandboxes(60, 1, NOW))[name]) for name, calls in quiet.items())
    lively = rows(lived(1))
    for name, calls in lively.items():
        # Two a minute for each of six providers; a conversation has one to five legs.
        assert 35 < len(calls) - len(quiet[name]) < 300


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with _gateway(tmp_path_factory.mktemp("live")) as made:
        yield made


@contextmanager
def _gateway(folder: Path) -> Iterator[World]:
    with world({each.plugin: each for each in lived(1)}, folder) as made:
        yield made


def test_the_gateway_shows_them_complete_with_their_sessions_and_recordings(gateway: World) -> None:
    end = NOW + timedelta(minutes=MINUTES)
    calls = gateway.ask(CALLS, since=(NOW + timedelta(minutes=1)).isoformat())["calls"]
    assert calls["problems"] == []
    assert {each["provider"]["name"] for each in calls["nodes"]} == {"asterisk", "boxis", "portsip", "twilio", "voipstudio", "voximplant"}
    assert len({each["status"] for each in calls["nodes"]}) >= 4
    assert any(each["recordings"] for each in calls["nodes"])
    assert all(each["id"] in [leg["id"] for leg in each["session"]["calls"]] for each in calls["nodes"] if each["session"])
    assert max(each["endedAt"] for each in calls["nodes"] if each["endedAt"]) <= end.strftime("%Y-%m-%dT%H:%M:%SZ")
