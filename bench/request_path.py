"""Request path: `python -m bench.request_path` counts the files and functions of this project that one warm query passes."""

import argparse
import asyncio
import signal
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType

import httpx

import telegraphql
from telegraphql.gateway import sandbox_servers
from telegraphql.gateway.auth.api_keys import hash_key, new_key
from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.http import app
from telegraphql.gateway.http.server_process import ServerProcess, server_config
from telegraphql.gateway.plugin.sandbox import Sandbox
from telegraphql.gateway.runtime import Runtime

PACKAGE = Path(telegraphql.__file__).parent
WARM_UP, MEASURED = 5, 5
COMPREHENSIONS = frozenset({"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"})
QUERY = """{ calls(first: 25) {
  nodes { id startedAt endedAt direction status durationSeconds talkSeconds from { number name } to { number name } }
  pageInfo { hasNextPage endCursor }
  problems { code }
} }"""


@dataclass
class RequestPath:
    """The functions that were called in this thread while the profile was on, in the order of their first calls."""

    functions: dict[CodeType, int] = field(default_factory=lambda: defaultdict(int))

    def profile(self, frame: FrameType, event: str, argument: object) -> None:
        """Note a call; a profile function as `sys.setprofile` takes it."""
        code = frame.f_code
        if event == "call" and code.co_name not in COMPREHENSIONS and Path(code.co_filename).is_relative_to(PACKAGE):
            self.functions[code] += 1

    def by_file(self) -> dict[str, list[CodeType]]:
        """Return the functions by the paths of their files."""
        found: dict[str, list[CodeType]] = {}
        for code in self.functions:
            found.setdefault(str(Path(code.co_filename).relative_to(PACKAGE)), []).append(code)
        return found


def main() -> None:
    """Measure once and print both numbers, and the files with their functions."""
    parser = argparse.ArgumentParser(prog="python -m bench.request_path", description=__doc__)
    parser.add_argument("--plugin", default="portsip", help="whose sandbox is the one provider (default: %(default)s)")
    options = parser.parse_args()
    path, requests = measure(options.plugin)
    files = path.by_file()
    theirs = {file for file in files if file.startswith("plugins/")}
    functions = sum(len(codes) for file, codes in files.items() if file not in theirs)
    print(f"gateway and schema: {len(files) - len(theirs)} files, {functions} functions")
    print(f"with the plugin: {len(files)} files, {len(path.functions)} functions, {sum(path.functions.values())} calls of functions")
    print(f"upstream requests: {requests}")
    for file, codes in files.items():
        print(f"\n{file}")
        for code in codes:
            print(f"  {code.co_qualname:<60} line {code.co_firstlineno:<4} {path.functions[code]} ×")


def measure(plugin: str) -> tuple[RequestPath, int]:
    """Serve a sandbox of the plugin with a gateway of this process, and return the path of one warm query and its upstream requests."""
    (sandbox,) = (each for each in sandbox_servers.create_sandboxes(records=200, seed=1) if each.plugin == plugin)
    key = new_key()
    with tempfile.TemporaryDirectory() as name, sandbox_servers.run_sandboxes([sandbox], 0):
        settings = sandbox_servers.sandbox_config([sandbox], Path(name))
        settings |= {"cache": {"enabled": False}, "callers": {"keys": {"bench": {"hash": hash_key(key), "scopes": ["read"]}}}}
        runtime = Runtime.build(build_config(settings, Path(name)))
        return asyncio.run(_measured(runtime, sandbox, key))


async def _measured(runtime: Runtime, sandbox: Sandbox, key: str) -> tuple[RequestPath, int]:
    process = ServerProcess(server_config(app.create_app(runtime), runtime, "127.0.0.1", 0), runtime)
    serving = asyncio.create_task(process.serve())
    while not process.started:  # noqa: ASYNC110 - uvicorn tells nobody
        await asyncio.sleep(0.01)
    port = process.port
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"X-API-Key": key}) as client:
        for _ in range(WARM_UP):
            await asyncio.to_thread(_ask, client)
        measured = [await _measured_once(sandbox, client) for _ in range(MEASURED)]
    signal.raise_signal(signal.SIGINT)
    await serving
    # A request or an answer that arrives in pieces passes a few functions more.
    return min(measured, key=lambda each: len(each[0].functions))


async def _measured_once(sandbox: Sandbox, client: httpx.Client) -> tuple[RequestPath, int]:
    """Ask in another thread, so that only the gateway's functions are seen."""
    before, path = len(sandbox.journal), RequestPath()
    sys.setprofile(path.profile)
    try:
        await asyncio.to_thread(_ask, client)
    finally:
        sys.setprofile(None)
    return path, len(sandbox.journal) - before


def _ask(client: httpx.Client) -> None:
    answer = client.post("/graphql", json={"query": QUERY}).raise_for_status().json()
    calls = answer["data"]["calls"]
    if "errors" in answer or calls["problems"] or len(calls["nodes"]) != 25:
        raise RuntimeError("the query was not answered with 25 calls and without problems")


if __name__ == "__main__":
    main()
