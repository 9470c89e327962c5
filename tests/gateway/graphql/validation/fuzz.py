"""Fuzz: generated operations for a running gateway over a small sandbox.

python -m tests.gateway.graphql.validation.fuzz --operations 10000"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.browser.gateway_process import free_port, wait_until_served
from tests.gateway.graphql.validation.operation_strategies import operations

RECORDS = 30
TOLD_EACH = 500
DEADLINE = 10.0
# Over the deadline, on a machine that has others to serve.
PATIENCE = 10.0
KEYS = {"data", "errors", "extensions"}
LISTS = "calls", "sessions", "queues", "recordings", "voicemessages", "chats", "transactions", "reports", "reportSchedules"
IDS = "{" + " ".join(f"{name}(first: 5) {{ nodes {{ id }} }}" for name in LISTS) + "}"


@dataclass
class Outcome:
    """What became of the operations."""

    codes: Counter[str] = field(default_factory=Counter)
    executed: int = 0
    asked: int = 0
    slowest: float = 0.0
    complaints: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        share = self.executed / max(self.asked, 1)
        codes = ", ".join(f"{code} {count}" for code, count in self.codes.most_common())
        return (
            f"{self.asked} operations, {share:.0%} executed, the slowest took {self.slowest:.2f} s, "
            f"{len(self.complaints)} complaints; errors: {codes}"
        )


@contextmanager
def gateway() -> Iterator[tuple[str, Callable[[], str]]]:
    """Its address, and how to read its log."""
    port = free_port()
    command = [sys.executable, "-m", "telegraphql.gateway.cli.main", "serve", "--port", str(port)]
    sandbox = ["--sandbox", "--sandbox-port-base", "0", "--sandbox-records", str(RECORDS), "--sandbox-calls-per-minute", "0"]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("wb") as out, subprocess.Popen(command + sandbox, stdout=out, stderr=out, env=os.environ) as server:
            try:
                wait_until_served(f"http://127.0.0.1:{port}", server, log)
                yield f"http://127.0.0.1:{port}/graphql", lambda: log.read_text("utf-8", "replace")
            finally:
                server.terminate()
                server.wait(30)


def ids(client: httpx.Client, address: str) -> list[str]:
    """Some that exist, of every kind."""
    found = client.post(address, json={"query": IDS}).json()["data"]
    return [node["id"] for name in LISTS for node in (found[name] or {"nodes": []})["nodes"]]


def wrong_with(answer: httpx.Response) -> str | None:
    """What no answer may be, whatever was asked."""
    if answer.status_code != 200:
        return f"status {answer.status_code}"
    try:
        body: Any = answer.json()
    except ValueError:
        return "no JSON"
    if not isinstance(body, dict) or not body or body.keys() - KEYS or not ("data" in body or body.get("errors")):
        return "no answer of GraphQL"
    for error in body.get("errors", []):
        code = (error.get("extensions") or {}).get("code")
        if not isinstance(error.get("message"), str) or code in (None, "INTERNAL_SERVER_ERROR"):
            return f"an error with the code {code}: {error.get('message')!r} at {error.get('path')}"
    return None


def ask(client: httpx.Client, address: str, document: str, outcome: Outcome) -> None:
    """One operation."""
    began = time.monotonic()
    try:
        answer = client.post(address, json={"query": document}, timeout=DEADLINE + PATIENCE)
        wrong = wrong_with(answer)
    except httpx.HTTPError as error:
        answer, wrong = None, f"no answer: {type(error).__name__}"
    outcome.asked += 1
    outcome.slowest = max(outcome.slowest, time.monotonic() - began)
    if wrong:
        outcome.complaints.append(f"{wrong}\n{document}")
    if answer is not None and not wrong:
        body = answer.json()
        outcome.executed += "data" in body
        outcome.codes.update({error["extensions"]["code"] for error in body.get("errors", [])})


def fuzz(number: int, start: int = 1) -> Outcome:
    """Ask so many operations, the same each time for the same start."""
    outcome = Outcome()
    with gateway() as (address, log), httpx.Client() as client:
        known = ids(client, address)

        @seed(start)
        @settings(
            max_examples=number,
            phases=[Phase.generate],
            deadline=None,
            database=None,
            derandomize=False,
            suppress_health_check=list(HealthCheck),
        )
        @given(operations(known))
        def run(document: str) -> None:
            ask(client, address, document, outcome)
            if outcome.asked % TOLD_EACH == 0:
                print(outcome, file=sys.stderr, flush=True)

        run()
        for line in log().splitlines():
            if "unexpected" in line or "Traceback" in line or " failed with " in line:
                outcome.complaints.append(f"the log: {line[:500]}")
    return outcome


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=10_000, help="how many")
    parser.add_argument("--seed", type=int, default=1, help="other seeds give other operations")
    given = parser.parse_args()
    outcome = fuzz(given.operations, given.seed)
    for complaint in outcome.complaints[:20]:
        print(complaint, end="\n\n")
    print(outcome)
    sys.exit(bool(outcome.complaints))


if __name__ == "__main__":
    main()
