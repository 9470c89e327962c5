"""Contestants: this gateway and its peers, how each is started and asked."""

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import tomli_w

from bench import data, ports, unmapped_plugin
from bench.nginx_proxy import nginx_proxy
from bench.runs import BY_HAND, BY_HAND_ROWS, HIVE, LIMIT, ORDINARY, OURS, OURS_CACHED, OURS_ROWS, TAILCALL, YOGA, Run

PEERS = Path(__file__).with_name("peers")
GATEWAY = PEERS / "node_modules/.bin/hive-gateway"
BINARY = PEERS / "node_modules/@tailcallhq/core-linux-x64-gnu/bin/tailcall"
KEY = "tgq_" + "b" * 43
MERGED = frozenset({"merged"})
TAILCALL_QUIET = {"TC_TRACKER": "false", "TC_LOG_LEVEL": "error"}


@dataclass(frozen=True, slots=True)
class Contestant:
    """One that takes part. `by_name`: asked for a cell by its name instead of a document; `cannot`: the cells it has no answer to;
    `extra`: it takes part only in the runs that name it; `passes`: what it answers is the upstream's own."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    path: str = "/graphql"
    headers: Mapping[str, str] = field(default_factory=dict)
    by_name: bool = False
    cannot: frozenset[str] = frozenset()
    # Some cannot take a value out of a list in an argument: they are asked with plain arguments.
    plain: bool = False
    extra: bool = False
    passes: bool = False

    def runs(self, run: Run) -> bool:
        """Whether it takes part in a run."""
        return run.cell.name not in self.cannot and (self.name in run.of if run.of is not None else not self.extra)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the contestants of one run of the bench write what they need, and where their upstream is."""

    folder: Path
    upstream: str

    @property
    def environment(self) -> dict[str, str]:
        """What peers are told."""
        return {"BENCH_UPSTREAM": self.upstream, "PORT": str(ports.CONTESTANT), "PATH": os.environ["PATH"], "NODE_ENV": "production"}

    @property
    def mark(self) -> str:
        """What keeps the files of two upstreams apart."""
        return re.sub(r"\W+", "-", self.upstream)


def made(place: Place, takes_part: Callable[[str], bool]) -> list[Contestant]:
    """All that take part and can run here; nothing is prepared for others."""
    return [each for name, make in MAKERS.items() if takes_part(name) for each in make(place, name)]


def _ours(place: Place, name: str) -> Iterator[Contestant]:
    """This gateway with limits, authentication and metrics on."""
    path = place.folder / f"ours-{place.mark}-{re.sub(r'[^a-z]+', '-', name.lower())}.toml"
    providers = _voipstudio(place) if name == OURS_ROWS else _shaped(place)
    path.write_text(tomli_w.dumps(_configuration(providers, cached=name == OURS_CACHED)))
    command = [str(Path(sys.executable).with_name("telegraphql")), "serve", "--config", str(path), "--port", str(ports.CONTESTANT)]
    yield Contestant(name, command, unmapped_plugin.known(place.folder), headers={"X-API-Key": KEY}, extra=name == OURS_CACHED)


def _configuration(providers: Mapping[str, object], cached: bool) -> dict[str, object]:
    hashed = "sha256:" + hashlib.sha256(KEY.encode()).hexdigest()
    return {
        "cache": {"enabled": cached},
        "logs": {"access": False},
        "limits": {"page_size": 1000, "max_queue": 1000, "max_concurrency_per_caller": 100, "max_queue_per_caller": 1000},
        "callers": {"keys": {"bench": {"hash": hashed, "scopes": ["read"]}}},
        "providers": providers,
    }


def _shaped(place: Place) -> dict[str, object]:
    return {
        each: {"plugin": unmapped_plugin.PLUGIN, "base_url": f"{place.upstream}/shaped/{each}", "limits": WIDE} for each in data.ACCOUNTS
    }


def _voipstudio(place: Place) -> dict[str, object]:
    more = {"plugin": "voipstudio", "api_token": "t", "page_size": 5000, "limits": WIDE}
    return {each: {"base_url": f"{place.upstream}/{each}", **more} for each in data.ACCOUNTS}


WIDE = {"requests_per_second": 1_000_000.0, "max_concurrency": 1000, "max_queue": 10_000}


def _python(module: str, client: str, by_name: bool = False) -> Callable[[Place, str], Iterator[Contestant]]:
    def make(place: Place, name: str) -> Iterator[Contestant]:
        options = ["--port", str(ports.CONTESTANT), "--log-level", "critical", "--no-access-log"]
        command = [sys.executable, "-m", "uvicorn", f"bench.peers.{module}:app", *options]
        yield Contestant(name, command, place.environment | {"BENCH_CLIENT": client}, "/", by_name=by_name)

    return make


def _node(script: str, **more: str) -> Callable[[Place, str], Iterator[Contestant]]:
    def make(place: Place, name: str) -> Iterator[Contestant]:
        if node := shutil.which("node"):
            yield Contestant(name, [node, str(PEERS / script)], place.environment | more, cannot=MERGED)

    return make


def _hive(place: Place, name: str) -> Iterator[Contestant]:
    if GATEWAY.exists():
        configuration = PEERS / "hive/gateway.config.mjs"
        options = ["--port", str(ports.CONTESTANT), "--host", "127.0.0.1", "--config-path", str(configuration), *("--fork", "1"), "--jit"]
        command = [str(GATEWAY), "supergraph", str(_supergraph(place)), *options]
        quiet = place.environment | {"LOG_LEVEL": "error", "DISABLE_ANALYTICS": "1"}
        yield Contestant(name, command, quiet, cannot=MERGED, plain=True)


def _supergraph(place: Place) -> Path:
    """Hive Gateway's supergraph, composed anew; its moments stay text, as they do at the other peers."""
    path = place.folder / f"supergraph{place.mark}.graphql"
    command = [str(GATEWAY.with_name("mesh-compose")), "-c", "mesh.config.mjs", "-o", str(path)]
    subprocess.run(command, cwd=PEERS / "hive", env=place.environment, check=True, capture_output=True)
    path.write_text(re.sub(r": DateTime\b", ": String", path.read_text()))
    return path


def _tailcall(place: Place, name: str) -> Iterator[Contestant]:
    if BINARY.exists() and (loader := _loader()) is not None:
        path = place.folder / f"tailcall{place.mark}.graphql"
        path.write_text((PEERS / "tailcall.graphql").read_text().replace("UPSTREAM", place.upstream).replace("PORT", str(ports.CONTESTANT)))
        yield Contestant(name, [*loader, str(BINARY), "start", str(path)], TAILCALL_QUIET, cannot=MERGED, plain=True)


def _loader() -> list[str] | None:
    """What starts Tailcall's binary: nothing, or the newer glibc that `glibc.sh` has fetched. None where neither will do."""
    if tuple(int(part) for part in platform.libc_ver()[1].split(".")) >= (2, 39):
        return []
    libraries = PEERS / "glibc/usr/lib/x86_64-linux-gnu"
    loader = libraries / "ld-linux-x86-64.so.2"
    return [str(loader), "--library-path", str(libraries)] if loader.exists() else None


def _limit(place: Place, name: str) -> Iterator[Contestant]:
    """What no gateway can undercut: the upstream's answer, passed on unread."""
    command = nginx_proxy(place.folder, place.upstream, ports.CONTESTANT)
    yield Contestant(name, command, path="/", by_name=True, passes=True, cannot=MERGED | {"4x100", "relation"})


MAKERS: Mapping[str, Callable[[Place, str], Iterator[Contestant]]] = {
    OURS: _ours,
    OURS_ROWS: _ours,
    OURS_CACHED: _ours,
    LIMIT: _limit,
    BY_HAND: _python("by_hand", "aiohttp", by_name=True),
    BY_HAND_ROWS: _python("by_hand_rows", "aiohttp", by_name=True),
    "Starlette by hand + httpx": _python("by_hand", "httpx", by_name=True),
    ORDINARY: _python("ordinary", "httpx"),
    "Strawberry + aiohttp, tuned": _python("ordinary", "aiohttp"),
    "Ariadne + httpx": _python("ariadne_stock", "httpx"),
    "Yoga": _node("yoga.mjs"),
    YOGA: _node("yoga.mjs", BENCH_JIT="1"),
    "node:http + graphql-jit": _node("jit.mjs"),
    HIVE: _hive,
    TAILCALL: _tailcall,
}
