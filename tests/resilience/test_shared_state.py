"""Sharing: two gateways as people start them and a real store - what one does holds at the other, and both outlive the store."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import tomli_w
from typer.testing import CliRunner

from telegraphql.gateway import sandbox_servers
from telegraphql.gateway.auth.api_keys import hash_key
from telegraphql.gateway.cli import main
from tests.gateway.cluster.redis_server import SECRET, House, house
from tests.resilience.processes import PATIENCE, graphql, serving, until

KEYS = {"desk": "tgq_desk", "till": "tgq_till"}
PER_SECOND = 20
RECORDINGS = "{ recordings(first: 3) { nodes { id } } }"
DELETE = "mutation ($ids: [ID!]!) { deleteRecordings(input: {ids: $ids}) { succeededIds } }"
CALLS = """query ($from: DateTime!) { calls(filter: {startedAt: {since: $from, until: "2026-06-01T00:00:00Z"}}) { nodes { id } } }"""


@dataclass(frozen=True, slots=True)
class Pair:
    """Both gateways, by their addresses; the store; and the upstream, which counts."""

    urls: tuple[str, str]
    redis: House
    config: Path
    upstream: str

    def answer(self, url: str, document: str, who: str = "desk", **variables: Any) -> httpx.Response:
        return httpx.post(
            f"{url}/graphql", json=graphql(document, **variables), headers={"authorization": f"Bearer {KEYS[who]}"}, timeout=PATIENCE
        )

    def data(self, url: str, document: str, **variables: Any) -> Any:
        found = self.answer(url, document, **variables).json()
        assert "errors" not in found, found
        return found["data"]

    def asked(self) -> int:
        rows = httpx.get(f"{self.upstream}/_sandbox/requests").json()
        return len([each for each in rows if "login" not in each["path"]])

    def state(self, url: str) -> Any:
        return httpx.get(f"{url}/readyz").json()["shared"]

    def refuses(self, who: str) -> Callable[[], bool]:
        return lambda: all(self.answer(url, RECORDINGS, who).status_code == httpx.codes.UNAUTHORIZED for url in self.urls)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("sharing")
    made = [each for each in sandbox_servers.create_sandboxes(30, 1) if each.plugin == "voipstudio"]
    with sandbox_servers.run_sandboxes(made, 0), house() as redis:
        given = sandbox_servers.sandbox_config(made, folder)
        given["providers"]["voipstudio"]["limits"] = {"requests_per_second": PER_SECOND}
        given["callers"] = {"keys": {name: {"hash": hash_key(key), "scopes": ["read", "write"]} for name, key in KEYS.items()}}
        given |= {"cache": {"present_ttl": "60s"}, "server": {"startup_check": False, "drain_delay": "100ms"}, "logs": {"access": False}}
        given["cluster"] = {"redis_url": redis.url, "secret": SECRET, "reconnect_delay": "100ms", "timeout": "2s", "replicas": 2}
        configs = [folder / f"{name}.toml" for name in ("one", "other")]
        for config in configs:
            config.write_text(tomli_w.dumps(given))
        with ThreadPoolExecutor() as pool:
            starting = [serving(config) for config in configs]
            one, other = pool.map(lambda each: each.__enter__(), starting)
            try:
                yield Pair((one.url, other.url), redis, configs[0], made[0].base_url.removesuffix(made[0].base_path))
            finally:
                for each in starting:
                    each.__exit__(None, None, None)


def test_what_one_asked_the_other_knows_and_what_one_changes_the_other_sees(pair: Pair) -> None:
    one, other = pair.urls
    found = pair.data(one, RECORDINGS)["recordings"]["nodes"]
    spent = pair.asked()
    assert pair.data(other, RECORDINGS)["recordings"]["nodes"] == found
    assert pair.asked() == spent
    gone = found[0]["id"]
    assert pair.data(one, DELETE, ids=[gone]) == {"deleteRecordings": {"succeededIds": [gone]}}
    assert {"id": gone} not in pair.data(other, RECORDINGS)["recordings"]["nodes"]


@pytest.mark.slow
def test_both_together_keep_to_one_rate(pair: Pair) -> None:
    most = 50
    moments = [f"2020-01-01T00:00:{number:02}Z" for number in range(most)]
    before = pair.asked()
    with ThreadPoolExecutor(most) as pool:
        began = time.monotonic()
        list(pool.map(lambda number: pair.data(pair.urls[number % 2], CALLS, **{"from": moments[number]}), range(most)))
        took = time.monotonic() - began
    assert pair.asked() - before >= most
    assert took >= (most - PER_SECOND) / PER_SECOND * 0.9, "each alone would take a quarter of a second"


@pytest.mark.slow
def test_a_revoked_key_is_refused_by_both_and_stays_so_while_the_store_is_killed_and_comes_back_empty(pair: Pair) -> None:
    assert not pair.refuses("till")()
    told = CliRunner().invoke(main.commands, ["key", "revoke", "till", "--config", str(pair.config)])
    assert told.exit_code == 0, told.output
    until(pair.refuses("till"))
    expected = [pair.data(url, RECORDINGS) for url in pair.urls]
    pair.redis.kill()
    assert [pair.data(url, RECORDINGS) for url in pair.urls] == expected
    assert [pair.data(url, CALLS, **{"from": "2020-02-01T00:00:00Z"}) is not None for url in pair.urls] == [True, True]
    until(lambda: [pair.state(url) for url in pair.urls] == ["down", "down"])
    assert pair.refuses("till")()
    pair.redis.start()
    until(lambda: [pair.state(url) for url in pair.urls] == ["up", "up"])
    assert pair.refuses("till")()
    until(lambda: b"telegraphql:revoked\n" in pair.redis.text())
    spent = pair.asked()
    assert [pair.data(url, RECORDINGS) for url in pair.urls] == expected
    assert pair.asked() == spent + 1, "what one asked the other knows again"
