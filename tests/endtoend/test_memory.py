"""Memory: pages of 500 over 40,000 records take no more room than the first ones did, and searches through all of them little."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.deploy.test_configuration import IDLE_MB
from tests.endtoend import processes_of_ours
from tests.endtoend.processes_of_ours import megabytes, status

RECORDS = 10_000
MOST_GROWTH_MB = 48.0
PAGE = """query ($after: String) { calls(first: 500, after: $after) {
  nodes { id nativeId provider { name } direction status startedAt durationSeconds
    from { number e164 name } to { number e164 name } native }
  pageInfo { endCursor hasNextPage } problems { code } } }"""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    with processes_of_ours.gateway(tmp_path_factory.mktemp("memory"), RECORDS) as found:
        yield found


needs_proc = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")


@pytest.mark.slow
@needs_proc
def test_it_takes_no_more_before_the_first_question_than_deployments_count_on(gateway: tuple[str, int]) -> None:
    assert status(gateway[1], "VmHWM") < IDLE_MB


@pytest.mark.slow
@needs_proc
def test_twenty_pages_take_little_more_memory_than_two(gateway: tuple[str, int], capsys: pytest.CaptureFixture[str]) -> None:
    url, pid = gateway
    held: dict[int, float] = {0: megabytes(pid)}
    seen: set[str] = set()
    cursor = None
    began = time.monotonic()
    with httpx.Client(timeout=60) as client:
        for page in range(1, 21):
            answer = client.post(f"{url}/graphql", json={"query": PAGE, "variables": {"after": cursor}}).json()
            calls = answer["data"]["calls"]
            assert calls["problems"] == []
            assert calls["pageInfo"]["hasNextPage"]
            assert len(calls["nodes"]) == 500
            seen |= {node["id"] for node in calls["nodes"]}
            cursor, held[page] = calls["pageInfo"]["endCursor"], megabytes(pid)
    took = time.monotonic() - began
    with capsys.disabled():
        told = ", ".join(f"{page}: {held[page]:.0f}" for page in (0, 1, 2, 5, 10, 15, 20))
        print(f"\n  gateway memory in MB after pages of 500: {told}; {took / 20 * 1000:.0f} ms a page")
    assert len(seen) == 20 * 500
    assert held[20] - held[2] < MOST_GROWTH_MB


def searched(url: str, document: str, variables: object = None) -> tuple[Any, Any]:
    """The data of an answer, and the work that it took."""
    body = {"query": document, "variables": variables}
    answer = httpx.post(f"{url}/graphql", json=body, timeout=60).json()
    assert "errors" not in answer
    return answer["data"], answer["extensions"]["cost"]["spent"]


HISTORY = """{ calls(filter: {number: {contains: "99887"}, startedAt: {since: "2015-01-01T00:00:00Z"}}) {
  nodes { id } pageInfo { hasNextPage endCursor } problems { code } } }"""
ENTITIES = """query ($of: [_Any!]!) { _entities(representations: $of) {
  ... on PhoneNumber { number calls(first: 1) { nodes { id } pageInfo { hasNextPage endCursor } problems { code } } } } }"""
# Beyond limits.cpu_time: what is under way is completed, and the answer is made.
MOST_CPU_MILLISECONDS = 2_000
MOST_MB = 350.0


@pytest.mark.slow
@needs_proc
def test_four_searches_through_everything_at_once_stay_within_bounds(gateway: tuple[str, int], capsys: pytest.CaptureFixture[str]) -> None:
    url, pid = gateway
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: searched(url, HISTORY), range(4)))
    with capsys.disabled():
        print(f"\n  peak {status(pid, 'VmHWM'):.0f} MB; {[work for _, work in found]}")
    for data, work in found:
        assert work["cpuMilliseconds"] <= MOST_CPU_MILLISECONDS
        # What was not searched can be continued.
        assert data["calls"]["pageInfo"]["hasNextPage"] is bool(data["calls"]["problems"])
    assert status(pid, "VmHWM") < MOST_MB


@pytest.mark.slow
@needs_proc
def test_a_thousand_numbers_are_one_search(gateway: tuple[str, int], capsys: pytest.CaptureFixture[str]) -> None:
    url, pid = gateway
    before = status(pid, "VmRSS")
    data, work = searched(url, ENTITIES, {"of": [{"__typename": "PhoneNumber", "number": f"+4161692{each:04}"} for each in range(1000)]})
    with capsys.disabled():
        print(f"\n  {before:.0f} MB before, {status(pid, 'VmHWM'):.0f} MB at most; {work}")
    assert len(data["_entities"]) == 1000
    assert work["cpuMilliseconds"] <= MOST_CPU_MILLISECONDS
    assert work["upstreamRequests"] <= 4 * 50
    assert status(pid, "VmHWM") < MOST_MB


@pytest.mark.slow
@needs_proc
def test_a_crowd_of_searches_stays_within_the_memory_that_is_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Thirty at once, of a gateway that may hold what one or two of them read."""
    limit_mb = 40
    limits = f"\n[limits]\nmemory = {limit_mb * 2**20}\ndeadline = '3s'\n"
    with processes_of_ours.gateway(tmp_path, RECORDS, limits) as (url, pid):
        before = status(pid, "VmRSS")
        documents = [HISTORY.replace("99887", f"9988{each}") for each in range(30)]
        with ThreadPoolExecutor(30) as pool:
            found = list(pool.map(lambda each: httpx.post(f"{url}/graphql", json={"query": each}, timeout=60), documents))
        peak = status(pid, "VmHWM")
    codes = Counter(each.status_code for each in found)
    with capsys.disabled():
        print(f"\n  {before:.0f} MB before, at most {peak:.0f} MB for a budget of {limit_mb} MB; {dict(codes)}")
    assert set(codes) <= {200, 503}
    assert codes[200] >= 1
    # A budget of bytes is no measure of a process: the allocator keeps as much again.
    assert peak - before < 3 * limit_mb
