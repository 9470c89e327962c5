"""Contestants: this gateway and its peers, how each is started and asked."""

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import tomli_w

from bench import data

PEERS = Path(__file__).with_name("peers")
HIVE = PEERS / "node_modules/.bin/hive-gateway"
TAILCALL = PEERS / "node_modules/@tailcallhq/core-linux-x64-gnu/bin/tailcall"
PORT = 9710
TAILCALL_QUIET = {"TC_TRACKER": "false", "TC_LOG_LEVEL": "error"}


@dataclass(frozen=True, slots=True)
class Contestant:
    """One that takes part. `by_name`: asked for a cell by its name instead of a document; `cannot`: the cells it has no answer to."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    path: str = "/graphql"
    headers: Mapping[str, str] = field(default_factory=dict)
    by_name: bool = False
    cannot: frozenset[str] = frozenset()
    # Some cannot take a value out of a list in an argument: they are asked with plain arguments.
    plain: bool = False


def ours(folder: Path, upstream: str, cached: bool = False, compiled: bool = True) -> Contestant:
    """This gateway with limits, authentication and metrics on."""
    limits = {"per_second": 1_000_000.0, "at_once": 1000, "waiting": 10_000}
    key = "tgq_" + "b" * 43
    config = {
        "cache": {"enabled": cached},
        "logs": {"access": False},
        "execution": {"compiled": compiled},
        "callers": {"keys": {"bench": {"hash": _hash(key), "scopes": ["read"]}}},
        "providers": {
            each: {"plugin": "voipstudio", "base_url": f"{upstream}/{each}", "api_token": "t", "limits": limits} for each in data.ACCOUNTS
        },
    }
    path = folder / f"ours-{cached}-{compiled}.toml"
    path.write_text(tomli_w.dumps(config))
    command = [str(Path(sys.executable).with_name("telegraphql")), "serve", "--config", str(path), "--port", str(PORT)]
    return Contestant("TelegraphQL" + (", cache on" if cached else ""), command, headers={"X-API-Key": key})


def peers(folder: Path, upstream: str) -> list[Contestant]:
    """All that can run here."""
    merged = frozenset({"merged"})
    asking = {"BENCH_UPSTREAM": upstream, "PORT": str(PORT), "PATH": os.environ["PATH"]}
    aiohttp = asking | {"BENCH_CLIENT": "aiohttp"}
    found = [
        Contestant("Strawberry + httpx, ordinary", _uvicorn("ordinary"), asking, "/"),
        Contestant("Strawberry + aiohttp, tuned", _uvicorn("ordinary"), aiohttp, "/"),
        Contestant("Ariadne + httpx", _uvicorn("ariadne_stock"), asking, "/"),
        Contestant("Starlette by hand + httpx", _uvicorn("by_hand"), asking, "/", by_name=True),
        Contestant("Starlette by hand + aiohttp", _uvicorn("by_hand"), aiohttp, "/", by_name=True),
    ]
    if node := shutil.which("node"):
        found += [
            Contestant("Yoga", [node, str(PEERS / "yoga.mjs")], asking, cannot=merged),
            Contestant("Yoga + graphql-jit", [node, str(PEERS / "yoga.mjs")], asking | {"BENCH_JIT": "1"}, cannot=merged),
            Contestant("node:http + graphql-jit", [node, str(PEERS / "jit.mjs")], asking, cannot=merged),
        ]
    if HIVE.exists():
        command = [str(HIVE), "supergraph", str(_supergraph(folder, upstream)), "--port", str(PORT), "--host", "127.0.0.1"]
        quiet = asking | {"NODE_ENV": "production", "LOG_LEVEL": "error", "DISABLE_ANALYTICS": "1"}
        found.append(Contestant("Hive Gateway", command, quiet, cannot=merged | {"relation"}, plain=True))
    if TAILCALL.exists() and (loader := _loader()):
        found.append(
            Contestant(
                "Tailcall 1.6",
                [*loader, str(TAILCALL), "start", str(_tailcall(folder, upstream))],
                TAILCALL_QUIET,
                cannot=merged,
                plain=True,
            )
        )
    return found


def _supergraph(folder: Path, upstream: str) -> Path:
    """Hive Gateway's supergraph, composed anew; its moments stay text, as they do at the other peers."""
    made = folder / "supergraph.graphql"
    command = [str(HIVE.with_name("mesh-compose")), "-c", "mesh.config.mjs", "-o", str(made)]
    environment = {"BENCH_UPSTREAM": upstream, "PATH": os.environ["PATH"]}
    subprocess.run(command, cwd=PEERS / "hive", env=environment, check=True, capture_output=True)
    made.write_text(re.sub(r": DateTime\b", ": String", made.read_text()))
    return made


def _tailcall(folder: Path, upstream: str) -> Path:
    """Its configuration, which is its schema."""
    path = folder / "tailcall.graphql"
    path.write_text((PEERS / "tailcall.graphql").read_text().replace("UPSTREAM", upstream).replace("PORT", str(PORT)))
    return path


def _loader() -> list[str] | None:
    """What starts Tailcall's binary: nothing, or the newer glibc that `glibc.sh` has fetched. None where neither will do."""
    if tuple(int(part) for part in platform.libc_ver()[1].split(".")) >= (2, 39):
        return []
    libraries = PEERS / "glibc/usr/lib/x86_64-linux-gnu"
    loader = libraries / "ld-linux-x86-64.so.2"
    return [str(loader), "--library-path", str(libraries)] if loader.exists() else None


def _uvicorn(module: str) -> list[str]:
    return [sys.executable, "-m", "uvicorn", f"bench.peers.{module}:app", "--port", str(PORT), "--log-level", "critical", "--no-access-log"]


def _hash(key: str) -> str:
    import hashlib

    return "sha256:" + hashlib.sha256(key.encode()).hexdigest()
