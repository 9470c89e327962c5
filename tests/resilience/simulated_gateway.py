"""Places: a gateway over the simulated upstreams, with short limits, and many clients that ask it at once."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from telegraphql.gateway import sandbox_servers
from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.http import app, thread_server
from telegraphql.gateway.plugin.fault_modes import Fault
from telegraphql.gateway.plugin.sandbox import Sandbox
from telegraphql.gateway.runtime import Runtime
from telegraphql.plugins.voipstudio import Voipstudio
from telegraphql.plugins.voipstudio.list_support import ListSupport
from telegraphql.schema.node import read_global_id
from tests.endtoend.ground_truth import expected
from tests.endtoend.world import SIGN_IN, Upstream, World, simulate
from tests.resilience.secret_scan import Ears
from tests.support.clock import NOW

Row = dict[str, Any]
Key = tuple[str, str]
NAMES = ("boxis", "portsip", "voipstudio", "voximplant")
DEADLINE, READ_TIMEOUT, REST = 4.0, 1.5, 0.3
LIMITS = {
    "read_timeout": f"{READ_TIMEOUT}s",
    "breaker_reset_timeout": f"{REST}s",
    "breaker_failures": 2,
    "requests_per_second": 10_000.0,
    "retry_wait": "50ms",
}
# What a busy machine may add to a time; whoever waits for what never comes waits longer.
SLACK = 4.0
CALLS = """query ($first: Int, $after: String, $providers: [String!]) {
  calls(first: $first, after: $after, filter: {providers: $providers}) {
    nodes { id }
    pageInfo { endCursor hasNextPage }
    problems { provider { name } code message retryable }
  }
}"""


@dataclass(frozen=True, slots=True)
class Told:
    """An answer and the seconds it took."""

    status: int
    body: Row
    seconds: float

    @property
    def page(self) -> Row:
        """The list of calls; an answer without one fails."""
        assert "errors" not in self.body, self.body["errors"]
        page: Row = self.body["data"]["calls"]
        return page

    @property
    def keys(self) -> list[Key]:
        return [(provider, native) for _, provider, native in (read_global_id(node["id"]) for node in self.page["nodes"])]

    @property
    def problems(self) -> list[Key]:
        return sorted({(each["provider"]["name"], each["code"]) for each in self.page["problems"]})

    @property
    def codes(self) -> set[str]:
        """The codes of all problems and errors, wherever they are."""
        errors = {each.get("extensions", {}).get("code", "NO_CODE") for each in self.body.get("errors", ())}
        return errors | {each["code"] for each in ((self.body.get("data") or {}).get("calls") or {}).get("problems", ())}


@dataclass(frozen=True, slots=True, repr=False)
class Place:
    """A world and its sandboxes by name. `ears` hears all that is said to clients and to the log."""

    world: World
    sandboxes: Mapping[str, Sandbox]
    ears: Ears
    truths: dict[tuple[str, ...], list[Key]] = field(default_factory=dict)

    def true_calls(self, *names: str) -> list[Key]:
        """All calls of these providers (of all unless named), newest first."""
        chosen = tuple(sorted(names or self.sandboxes))
        if chosen not in self.truths:
            self.truths[chosen] = [truth.key for truth in expected(self.world, "Call", providers=chosen)]
        return self.truths[chosen]

    def misbehave(self, name: str, **fault: Any) -> None:
        """From now on, one upstream."""
        self.sandboxes[name].fault = Fault.parse(fault)

    def behave(self) -> None:
        """From now on, all upstreams. What an account has learnt from refusals is forgotten, as it is after an hour."""
        for sandbox in self.sandboxes.values():
            sandbox.fault = Fault()
        for bound in self.world.engine.providers.values():
            if isinstance(bound.provider, Voipstudio):
                bound.provider.lists.support = ListSupport()

    def asked(self, name: str, signing_in: bool = False) -> list[str]:
        """The operations one upstream was asked for; those to sign in are left out, or are all."""
        operations = [entry["operation"] for entry in self.sandboxes[name].journal]
        return [each for each in operations if any(word in each.lower() for word in SIGN_IN) is signing_in]

    def forget(self) -> None:
        """Empty the journals."""
        for sandbox in self.sandboxes.values():
            sandbox.journal.clear()

    @asynccontextmanager
    async def clients(self) -> AsyncIterator["Clients"]:
        """Clients that ask at once."""
        async with httpx.AsyncClient(base_url=self.world.url, timeout=60, limits=httpx.Limits(max_connections=None)) as client:
            yield Clients(self, client)


@dataclass(frozen=True, slots=True)
class Clients:
    """Whoever asks a place."""

    place: Place
    client: httpx.AsyncClient

    async def ask(self, document: str = CALLS, **variables: Any) -> Told:
        """One answer."""
        start = time.perf_counter()
        answer = await self.client.post("/graphql", json={"query": document, "variables": variables})
        seconds = time.perf_counter() - start
        self.place.ears.hear(answer.text)
        return Told(answer.status_code, answer.json(), seconds)

    async def crowd(self, number: int, document: str = CALLS, **variables: Any) -> list[Told]:
        """The answers to clients who all ask at the same time."""
        return await asyncio.gather(*(self.ask(document, **variables) for _ in range(number)))

    async def recover(self, within: float) -> float:
        """The seconds until the first complete answer; fails where there is none in time."""
        start = time.perf_counter()
        while True:
            told = await self.ask(first=1)
            took = time.perf_counter() - start
            if "errors" not in told.body and not told.page["problems"]:
                return took
            assert took <= within, told.body
            await asyncio.sleep(0.02)


@contextmanager
def place(folder: Path, simulated: Mapping[str, Sandbox] | None = None, records: int = 60, **changes: Row) -> Iterator[Place]:
    """A gateway over these sandboxes (one of each, unless given); `changes` to the configuration, by provider."""
    made = simulated or simulate(records=records, now=NOW)
    with sandbox_servers.run_sandboxes(list(made.values()), 0), httpx.Client(timeout=60) as client:
        tables = {name: _table(sandbox, folder, changes.get(name, {})) for name, sandbox in made.items()}
        engine = Runtime.build(
            build_config({"providers": tables, "limits": {"deadline": f"{DEADLINE}s"}, "cache": {"enabled": False}}, folder)
        )
        ears = Ears.over(engine)
        with thread_server.serve_in_thread(app.create_app(engine)) as url, ears.listening():
            upstreams = {name: Upstream(name, client, each) for name, each in made.items()}
            yield Place(World(url, client, upstreams, engine), made, ears)


def _table(sandbox: Sandbox, folder: Path, changes: Row) -> Row:
    """Its configuration with these changes; None takes a key out."""
    table = {"limits": LIMITS} | sandbox.configuration(folder) | changes
    return {key: value for key, value in table.items() if value is not None}
