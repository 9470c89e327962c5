"""Prism between the plugin and the sandbox: a proxy that refuses each request and each answer that the vendor's document does not allow."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from telegraphql.gateway.conformance.kit import PROMISES
from telegraphql.gateway.conformance.simulation import Simulation, run_sandbox
from telegraphql.plugins.twilio import Twilio
from tests.resilience.processes import free_port
from tests.support.clock import FIXED_NOW
from tests.support.programs import require_npm_packages, require_program
from tests.support.repository import ROOT

pytestmark = pytest.mark.slow
PRISM = ROOT / "tests/third_party/prism"
DOCUMENT = ROOT / "tests/third_party/twilio_oai/openapi.json"
SECONDS = 90
# Every way in which the plugin reads, with true values. Files are not in the document.
READING = ("delivers_every_row", "follows_links", "loses_nothing_between_bounds", "filters_as_declared", "gets_what_is_listed")
READING += ("finds_all_children", "follows_relations_both_ways")
CASES = [(name, subject) for name in READING for subject in PROMISES[name].subjects(Twilio)]


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulation]:
    """The plugin in front of the proxy, and the sandbox behind it."""
    require_npm_packages(PRISM)
    folder: Path = tmp_path_factory.mktemp("prism")
    port = free_port()
    program = (require_program("node"), PRISM / "node_modules/@stoplight/prism-cli/dist/index.js", "proxy", DOCUMENT)
    with run_sandbox(Twilio, folder, 60, FIXED_NOW) as simulation, (folder / "prism.log").open("wb") as log:
        command = [*program, simulation.sandbox.base_url, "--errors", "--validate-request", "--host", "127.0.0.1", "--port", str(port)]
        with subprocess.Popen(command, stdout=log, stderr=log) as process:
            try:
                simulation.table["base_url"] = f"http://127.0.0.1:{port}"
                wait_for(simulation.table["base_url"], process, folder / "prism.log")
                yield simulation
            finally:
                process.terminate()


def wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait until the proxy answers."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            httpx.get(url)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text("utf-8"))


@pytest.mark.parametrize(("name", "subject"), CASES, ids=[f"{name}-{subject}" for name, subject in CASES])
def test_the_proxy_lets_through_what_the_plugin_reads(proxied: Simulation, name: str, subject: str) -> None:
    promise = PROMISES[name]
    proxied.run(promise.keep(proxied, promise.subjects(Twilio)[subject]))


def test_the_proxy_lets_through_the_deletion_of_a_recording(proxied: Simulation) -> None:
    rows = proxied.sandbox.records["recordings"]
    gone = rows[-1]["sid"]
    answer = ask(proxied, "DELETE", f"Recordings/{gone}.json")
    assert (answer.status_code, gone in {row["sid"] for row in rows}) == (204, False)


@pytest.mark.parametrize(("path", "status"), [("Calls.json?PageSize=5000", 422), ("Calls.json?ParentCallSid=x", 422), ("Songs.json", 404)])
def test_the_proxy_refuses_what_is_not_documented(proxied: Simulation, path: str, status: int) -> None:
    before = len(proxied.sandbox.journal)
    answer = ask(proxied, "GET", path)
    assert (answer.status_code, "stoplight.io" in answer.text, len(proxied.sandbox.journal) - before) == (status, True, 0)


def test_the_proxy_refuses_an_answer_that_is_not_documented(proxied: Simulation) -> None:
    row: dict[str, Any] = proxied.sandbox.records["queues"][0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(row, "max_size", "many")
        answer = ask(proxied, "GET", "Queues.json")
    assert (answer.status_code, "queues.0.max_size must be integer" in answer.text) == (500, True)


def ask(proxied: Simulation, method: str, path: str) -> httpx.Response:
    """The answer of the proxy to a request with the right credentials."""
    table = proxied.table
    url = f"{table['base_url']}/2010-04-01/Accounts/{table['account_sid']}/{path}"
    return httpx.request(method, url, auth=(table["username"], table["password"]), timeout=30)
