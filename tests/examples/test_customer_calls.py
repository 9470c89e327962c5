"""The example of a service: run as its README says, it tells what the gateway has."""

import re
import subprocess
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.endtoend.world import Row, World, simulate, world
from tests.support.clock import NOW, ago
from tests.support.repository import ROOT

FOLDER = ROOT / "examples/python"
PYTHON = FOLDER / ".venv/bin/python"
SINCE = ago(days=7).isoformat()
RECORDED = """query ($since: DateTime) { calls(first: 500, filter: {startedAt: {since: $since}, hasRecording: true}) {
  nodes { from { e164 } to { e164 } } } }"""
CALLS = """query ($of: [String!]!, $since: DateTime) { calls(first: 500, filter: {number: {equals: $of}, startedAt: {since: $since}}) {
  nodes { startedAt provider { name } direction status from { number } to { number } recordings { media { url } } } } }"""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(simulate(records=300, now=NOW), tmp_path_factory.mktemp("gateway")) as made:
        yield made


@pytest.fixture(scope="module")
def customer(gateway: World) -> str:
    """The number that is in most calls of the week that were recorded."""
    found = gateway.ask(RECORDED, since=SINCE)["calls"]["nodes"]
    return Counter(number for each in found for end in ("from", "to") if (number := each[end]["e164"])).most_common(1)[0][0]


def command(url: str, *arguments: str) -> list[str]:
    if not PYTHON.exists():
        pytest.fail("the example is not installed; `make test` does it")
    return [str(PYTHON), str(FOLDER / "customer_calls.py"), "--url", f"{url}/graphql", *arguments]


def run(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(url, *arguments), capture_output=True, text=True, timeout=60, check=False)


def line(call: Row) -> str:
    moment = datetime.fromisoformat(call["startedAt"])
    ends = f"{call['from']['number'] or '?'} -> {call['to']['number'] or '?'}"
    return f"{moment:%Y-%m-%d %H:%M:%S}  {call['provider']['name']:<12} {call['direction']:<8} {call['status']:<10} {ends}"


def wanted(gateway: World, customer: str) -> list[Row]:
    found: list[Row] = gateway.ask(CALLS, of=[customer], since=SINCE)["calls"]["nodes"]
    return found


def test_it_tells_the_calls_with_a_customer_and_fetches_what_was_recorded(gateway: World, customer: str, tmp_path: Path) -> None:
    calls = wanted(gateway, customer)
    done = run(gateway.url, customer, "--since", SINCE, "--into", str(tmp_path))
    assert (done.stderr, done.returncode) == ("", 0)
    told = done.stdout.splitlines()
    assert [each for each in told if not each.startswith(" ")] == [line(each) for each in calls]
    sounds = [gateway.fetch(each["media"]["url"]).content for call in calls for each in call["recordings"] or () if each["media"]]
    assert [(tmp_path / each.strip()).read_bytes() for each in told if each.startswith(" ")] == sounds
    assert (len(calls) > 1, len(sounds) > 0, len(list(tmp_path.iterdir()))) == (True, True, len(sounds))


def test_it_goes_on_to_the_last_page_and_loses_nothing(gateway: World, customer: str) -> None:
    calls = wanted(gateway, customer)
    done = run(gateway.url, customer, "--since", SINCE, "--page", "2")
    assert (done.stdout.splitlines(), done.stderr, len(calls) > 4) == ([line(each) for each in calls], "", True)


def test_it_says_what_the_gateway_refuses(gateway: World) -> None:
    done = run(gateway.url, "+41616925879", "--page", "501")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "customer-calls: `first` is 501; it must be from 0 to 500\n"


def test_it_says_what_is_missing(gateway: World, customer: str) -> None:
    gateway.upstreams["boxis"].misbehave(status=503)
    done = run(gateway.url, customer, "--since", SINCE)
    gateway.behave()
    others = [line(each) for each in wanted(gateway, customer) if each["provider"]["name"] != "boxis"]
    assert (done.stdout.splitlines(), done.returncode) == (others, 1)
    assert done.stderr == "missing: boxis: UNAVAILABLE: failed (status 503); try again later\n"


def test_a_problem_tells_when_to_retry_and_names_the_gateway_where_no_provider_is_meant() -> None:
    script = """from telephony import ListProblem
from telephony.connections import problem_text
for provider, seconds in (({"name": "boxis"}, 30), (None, None)):
    given = {"provider": provider, "code": "UNAVAILABLE", "message": "failed", "retryAfter": seconds}
    print(problem_text(ListProblem.model_validate(given)))"""
    done = subprocess.run([str(PYTHON), "-c", script], cwd=FOLDER, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["boxis: UNAVAILABLE: failed (in 30 s)", "gateway: UNAVAILABLE: failed"]


def test_every_scalar_of_the_schema_is_generated_as_a_python_type() -> None:
    scalars = set(re.findall(r"^scalar (\w+)", (ROOT / "schema/schema.graphql").read_text("utf-8"), re.MULTILINE))
    assert set(tomllib.loads((FOLDER / "pyproject.toml").read_text("utf-8"))["tool"]["ariadne-codegen"]["scalars"]) == scalars


def test_it_says_that_nobody_answers() -> None:
    done = run("http://127.0.0.1:9", "+41616925879")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("customer-calls: ")


def test_it_follows_calls_as_they_end(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAPHQL_SUBSCRIPTIONS__POLL_INTERVAL", "200ms")
    with world(simulate(["voipstudio"], records=20, now=None), tmp_path_factory.mktemp("live")) as made:
        made.upstreams["voipstudio"].add("calls")
        call = made.ask("{ calls(first: 1) { nodes { startedAt provider { name } direction status from { number } to { number } } } }")
        (newest,) = call["calls"]["nodes"]
        since = newest["startedAt"]
        arguments = command(made.url, newest["from"]["number"], "--follow", "--since", since)
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            told = process.stdout.readline()
            process.kill()
    assert told == f"{line(newest)}\n"
