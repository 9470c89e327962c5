"""World: simulated upstreams and a gateway on real sockets, asked as clients ask them."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from telegraphql.gateway import sandbox_servers
from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.conformance.transport import TRUST
from telegraphql.gateway.http import app, thread_server
from telegraphql.gateway.plugin.fault_modes import Fault
from telegraphql.gateway.plugin.registry import plugins
from telegraphql.gateway.plugin.sandbox import Sandbox
from telegraphql.gateway.runtime import Runtime

Row = dict[str, Any]
# Tests ask faster than upstreams would like; how the gateway spares them has tests of its own.
HURRY = {"requests_per_second": 10_000.0}
# So do they look behind the gateway, and count its requests.
UNCACHED = {"enabled": False}
SIGN_IN = ("login", "sign_in", "oauth", "token")


@dataclass(frozen=True, slots=True, repr=False)
class Upstream:
    """One simulated upstream as a tester sees it: over HTTP, in the upstream's own words."""

    name: str
    client: httpx.Client
    sandbox: Sandbox
    unchanging: bool = False

    @property
    def plugin(self) -> str:
        return self.sandbox.plugin

    @property
    def origin(self) -> str:
        """The address without the path of its API."""
        return self.sandbox.base_url.removesuffix(self.sandbox.base_path)

    def rows(self, kind: str) -> list[Row]:
        """The truth of a kind; nothing where the upstream has no such kind."""
        answer = self.client.get(f"{self.origin}/_sandbox/records", params={"kind": kind})
        if answer.status_code == 404:
            return []
        rows: list[Row] = answer.raise_for_status().json()
        return rows

    def add(self, kind: str, **given: Any) -> Row:
        """A new record."""
        answer = self.client.post(f"{self.origin}/_sandbox/records", params={"kind": kind}, json=given)
        assert answer.status_code == 201, answer.text
        row: Row = answer.json()
        return row

    def journal(self) -> list[Row]:
        """What was asked since `forget`, signing in apart."""
        asked: list[Row] = self.client.get(f"{self.origin}/_sandbox/requests").raise_for_status().json()
        return [entry for entry in asked if not any(word in entry["operation"].lower() for word in SIGN_IN)]

    def operations(self) -> list[str]:
        """The names of what was asked since `forget`."""
        return [entry["operation"] for entry in self.journal()]

    def forget(self) -> None:
        """Empty the journal."""
        self.sandbox.journal.clear()

    def misbehave(self, **fault: Any) -> None:
        """A bad day."""
        self.client.put(f"{self.origin}/_sandbox/faults", json=fault).raise_for_status()

    def behave(self) -> None:
        """The end of it."""
        self.sandbox.fault = Fault()


@dataclass(frozen=True, slots=True, repr=False)
class World:
    """A gateway and its upstreams, by their configured names."""

    url: str
    client: httpx.Client
    upstreams: Mapping[str, Upstream]
    engine: Runtime

    def post(self, document: str, **variables: Any) -> Row:
        """The whole answer to a document."""
        answer = self.client.post(f"{self.url}/graphql", json={"query": document, "variables": variables})
        assert answer.status_code in (200, 400), answer.text
        body: Row = answer.json()
        return body

    def ask(self, document: str, **variables: Any) -> Row:
        """The data of an answer without errors."""
        body = self.post(document, **variables)
        assert "errors" not in body, body["errors"]
        data: Row = body["data"]
        return data

    def refused(self, document: str, **variables: Any) -> Row:
        """The one error of an answer: its code, its path and its message, which tells nothing of the inside."""
        errors = self.post(document, **variables)["errors"]
        assert len(errors) == 1, errors
        assert "Traceback" not in errors[0]["message"]
        assert "http://" not in errors[0]["message"]
        error: Row = errors[0]
        return error

    def fetch(self, url: str, method: str = "GET", **headers: str) -> httpx.Response:
        """A file behind a link of this gateway."""
        assert url.startswith("/media/")
        return self.client.request(method, f"{self.url}{url}", headers={"accept-encoding": "identity", **headers})

    def forget(self) -> None:
        """Empty all journals."""
        for upstream in self.upstreams.values():
            upstream.forget()

    def behave(self) -> None:
        """End all bad days."""
        for upstream in self.upstreams.values():
            upstream.behave()


@contextmanager
def world(
    simulated: Mapping[str, Sandbox],
    folder: Path,
    guard: Row | None = None,
    unchanging: bool = False,
    tables: Row | None = None,
    deadline: float = 60.0,
    cache: Row | None = None,
) -> Iterator[World]:
    """A gateway over these sandbox_servers. `guard` holds limits of every provider, `tables` more settings of each by name; `unchanging`
    says that no test adds or deletes. Answers are kept only where `cache` says how."""
    with sandbox_servers.run_sandboxes(list(simulated.values()), 0), httpx.Client(timeout=90, verify=TRUST) as client:
        limits = {"limits": HURRY | (guard or {})}
        configured = {
            name: limits | sandbox.configuration(_made(folder / name)) | (tables or {}).get(name, {}) for name, sandbox in simulated.items()
        }
        # The tests ask for all there is at once, and compare whole answers. On a busy machine a long page takes more than the usual time.
        limited = {"deadline": f"{deadline}s", "cpu_time": "20s", "cost": 100_000, "report_cost": False}
        given = {"providers": configured, "limits": limited, "cache": cache or UNCACHED}
        engine = Runtime.build(build_config(given, folder))
        assert engine.broken == {}
        with thread_server.serve_in_thread(app.create_app(engine)) as url:
            upstreams = {name: Upstream(name, client, each, unchanging) for name, each in simulated.items()}
            yield World(url, client, upstreams, engine)


# Costs and counts of merged lists are exact for these; test_six_providers.py merges two more.
MERGED = ("boxis", "portsip", "voipstudio", "voximplant")


def simulate(names: Iterable[str] = MERGED, **options: Any) -> dict[str, Sandbox]:
    """Sandboxes of the installed plugins of these names, under the same names.

    These can be asked over HTTP for their journal, and misbehave.
    """
    return {name: plugin.sandbox()(**options) for name, plugin in plugins().found.items() if name in names}


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
