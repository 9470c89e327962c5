"""Memory bounds: no wrong answer of an upstream takes the gateway more than 64 MB, measured as the peak of a process of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from telegraphql.gateway import sandbox_servers
from telegraphql.gateway.plugin.fault_modes import WRONG_ANSWERS, Fault
from telegraphql.gateway.plugin.sandbox import Sandbox
from tests.endtoend.world import simulate
from tests.resilience.processes import Gateway, graphql, serving
from tests.resilience.simulated_gateway import NAMES
from tests.support.clock import NOW, ago, iso

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the peak of memory is read from /proc"),
]

MOST_MEGABYTES = 64
RESET_PEAK = "5"
PATIENT = {
    "TELEGRAPHQL_CACHE__ENABLED": "false",
    **{f"TELEGRAPHQL_PROVIDERS__{name.upper()}__LIMITS__BREAKER_FAILURES": "1000000" for name in NAMES},
    **{f"TELEGRAPHQL_PROVIDERS__{name.upper()}__LIMITS__MAX_ATTEMPTS": "1" for name in NAMES},
}
DOCUMENTS = {
    "lists": """query ($providers: [String!]) {
      calls(first: 500, filter: {providers: $providers}) { totalCount nodes { id native } problems { code } }
      sessions(first: 500, filter: {providers: $providers}) { nodes { id native } problems { code } }
      recordings(first: 500, filter: {providers: $providers}) { nodes { id native } problems { code } } }""",
    "relations": """query ($providers: [String!]) { calls(first: 100, filter: {providers: $providers}) {
      nodes { id session { id calls { id } } recordings { id media { url } } voicemessages { id transcript } } problems { code } } }""",
    "timeline": """query ($providers: [String!]) {
      timeline(number: "+41446681800", providers: $providers, first: 500) { nodes { __typename } problems { code } } }""",
    "statistics": """query ($providers: [String!], $since: DateTime) {
      callStatistics(filter: {providers: $providers, startedAt: {since: $since}}) { total { calls } problems { code } } }""",
}
RECORDINGS = "{ recordings(first: 40) { nodes { provider { name } media { url } } } }"


@dataclass(frozen=True, slots=True)
class Scene:
    """A gateway in a process of its own, its upstreams, and a link to a file of each that has files."""

    gateway: Gateway
    sandboxes: dict[str, Sandbox]
    client: httpx.Client
    links: dict[str, str]

    def ask(self, sick: str) -> None:
        """Ask for everything that there is of one provider."""
        for document in DOCUMENTS.values():
            request = graphql(document, providers=[sick], since=iso(ago(days=60)))
            answer = self.client.post(f"{self.gateway.url}/graphql", json=request)
            assert answer.status_code == httpx.codes.OK, answer.text
            assert "INTERNAL_SERVER_ERROR" not in answer.text
            assert answer.json().get("errors") is None, answer.text[:500]
        if sick in self.links:
            assert self.client.get(f"{self.gateway.url}{self.links[sick]}").status_code in (200, 502)

    def peak(self) -> float:
        """The most megabytes that the gateway held since `forget_peak`."""
        status = Path(f"/proc/{self.gateway.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024

    def forget_peak(self) -> None:
        Path(f"/proc/{self.gateway.process.pid}/clear_refs").write_text(RESET_PEAK)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """All upstreams, well; all that a gateway keeps of them has been read."""
    config = tmp_path_factory.mktemp("memory") / "telegraphql.toml"
    made = simulate(records=60, now=NOW)
    with sandbox_servers.run_sandboxes(list(made.values()), 0), httpx.Client(timeout=90) as client:
        sandbox_servers.write_sandbox_config(list(made.values()), config)
        with serving(config, **PATIENT) as gateway:
            nodes = client.post(f"{gateway.url}/graphql", json=graphql(RECORDINGS)).json()["data"]["recordings"]["nodes"]
            links = {each["provider"]["name"]: each["media"]["url"] for each in nodes if each["media"]}
            found = Scene(gateway, made, client, links)
            for name in NAMES * 2:
                found.ask(name)
            yield found


@pytest.mark.parametrize("sick", NAMES)
@pytest.mark.parametrize("mode", WRONG_ANSWERS)
def test_no_wrong_answer_takes_much_memory(scene: Scene, mode: str, sick: str) -> None:
    scene.forget_peak()
    before = scene.peak()
    scene.sandboxes[sick].fault = Fault.parse({"mode": mode})
    try:
        scene.ask(sick)
        if scene.sandboxes[sick].expire():
            # Then the answer to signing in is wrong, too.
            scene.ask(sick)
    finally:
        scene.sandboxes[sick].fault = Fault()
    taken = scene.peak() - before
    print(f"{mode} of {sick}: {taken:.1f} MB")
    assert taken < MOST_MEGABYTES
