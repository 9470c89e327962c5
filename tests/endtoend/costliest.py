"""The hunt for the costliest operation that is admitted, over a gateway in a process of its own.

python -m tests.endtoend.costliest --operations 300"""

import argparse
import random
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.endtoend.processes_of_ours import gateway, status

# Of each of the four providers over HTTP.
RECORDS = 12_500
MOST_CPU_MILLISECONDS, MOST_MB, MOST_STEP = 2_000, 150.0, 0.1
SINCE = '{since: "2015-01-01T00:00:00Z"}'
STEP = "telegraphql_operation_longest_step_seconds"


@dataclass(slots=True)
class Found:
    """An operation, and what it took."""

    document: str
    cpu_milliseconds: int = 0
    megabytes: float = 0.0
    long_steps: int = 0
    code: str = ""

    @property
    def complaints(self) -> list[str]:
        """What is beyond what any operation may take."""
        told = []
        if self.cpu_milliseconds > MOST_CPU_MILLISECONDS:
            told.append(f"{self.cpu_milliseconds} ms of CPU")
        if self.megabytes > MOST_MB:
            told.append(f"{self.megabytes:.0f} MB")
        if self.long_steps:
            told.append(f"a step of more than {MOST_STEP} s")
        if self.code == "INTERNAL_SERVER_ERROR":
            told.append(self.code)
        return told


class Author:
    """Writes operations that cost much: filters that keep little, many aliases, entities, timelines and statistics."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def document(self) -> str:
        """One operation. Documents beyond a limit are refused, which costs nothing."""
        kinds = [self._calls, self._calls, self._sessions, self._recordings, self._timeline, self._statistics, self._queues, self._entities]
        number = self._random.choice([1, 1, 2, 4, 8])
        parts = [f"a{index}: {self._random.choice(kinds)()}" for index in range(number)]
        return "{ " + " ".join(parts) + " }"

    def _number(self) -> str:
        return str(self._random.choice([41, 4161, 99887, 1, 44, 7])) + str(self._random.randrange(1000))

    def _size(self) -> int:
        return self._random.choice([25, 100, 500])

    def _paged(self, root: str, filters: list[str], fields: list[str]) -> str:
        chosen = self._random.sample(filters, self._random.randint(0, len(filters)))
        given = f", filter: {{{' '.join(chosen)}}}" if chosen else ""
        selected = " ".join(self._random.sample(fields, self._random.randint(1, len(fields))))
        count = self._random.choice(["", "totalCount"])
        order = self._random.choice(["", ", order: OLDEST_FIRST"])
        nodes = f"{count} nodes {{ id {selected} }} pageInfo {{ endCursor }}"
        return f"{root}(first: {self._size()}{given}{order}) {{ {nodes} problems {{ code }} }}"

    def _calls(self) -> str:
        filters = [
            f'number: {{contains: "{self._number()}"}}',
            f"startedAt: {SINCE}",
            f'search: "{self._number()}"',
            f"durationSeconds: {{min: {self._random.choice([1, 60, 100_000])}}}",
            "status: [BUSY]",
        ]
        fields = [
            "native",
            "from { number e164 name }",
            "session { id calls { id } }",
            "recordings { id media { url } }",
            "notes { text }",
            "queue { name }",
        ]
        return self._paged("calls", filters, fields)

    def _sessions(self) -> str:
        return self._paged(
            "sessions",
            [f"startedAt: {SINCE}", "durationSeconds: {min: 100000}"],
            ["calls { id recordings { id } }", "recordings { id }", "native"],
        )

    def _recordings(self) -> str:
        filters = [f"startedAt: {SINCE}", f'from: {{contains: "{self._number()}"}}', "durationSeconds: {min: 100000}"]
        return self._paged("recordings", filters, ["call { id from { number } }", "session { id }", "transcription { text }", "native"])

    def _timeline(self) -> str:
        return f'timeline(number: "+{self._number()}", first: {self._size()}) {{ totalCount nodes {{ __typename }} problems {{ code }} }}'

    def _statistics(self) -> str:
        by = self._random.choice(["", ", by: [NUMBER]", ", by: [PROVIDER, STATUS]", ", by: [AGENT]"])
        return f"callStatistics(filter: {{startedAt: {SINCE}}}{by}) {{ total {{ calls }} groups {{ calls }} problems {{ code }} }}"

    def _queues(self) -> str:
        visits = f"visits(first: {self._size()}) {{ totalCount nodes {{ id call {{ id }} }} }}"
        return f"queues(first: 25) {{ nodes {{ name {visits} }} problems {{ code }} }}"

    def _entities(self) -> str:
        numbers = " ".join(f'{{__typename: "PhoneNumber", number: "+{self._number()}"}}' for _ in range(self._random.choice([10, 100])))
        calls = f"calls(first: {self._random.choice([1, 25])}) {{ nodes {{ id }} problems {{ code }} }}"
        return f"_entities(representations: [{numbers}]) {{ ... on PhoneNumber {{ {calls} }} }}"


def long_steps(client: httpx.Client, url: str) -> int:
    """How many operations have had a step of more than MOST_STEP so far."""
    told = client.get(f"{url}/metrics").text
    within, every = (
        float(re.search(rf"^{STEP}_{name} ([\d.]+)", told, re.MULTILINE)[1])  # type: ignore[index]
        for name in (rf'bucket\{{le="{MOST_STEP}"\}}', "count")
    )
    return int(every - within)


def hunt(url: str, pid: int, documents: Iterator[str]) -> Iterator[Found]:
    """Ask each document, and yield what it took."""
    with httpx.Client(timeout=90) as client:
        for document in documents:
            found = Found(document)
            before, steps = status(pid, "VmRSS"), long_steps(client, url)
            Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak begins anew
            body = client.post(f"{url}/graphql", json={"query": document}).json()
            found.megabytes = status(pid, "VmHWM") - before
            found.long_steps = long_steps(client, url) - steps
            spent = body.get("extensions", {}).get("cost", {}).get("spent", {})
            found.cpu_milliseconds = spent.get("cpuMilliseconds", 0)
            found.code = next((each.get("extensions", {}).get("code", "") for each in body.get("errors", ())), "")
            yield found


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=300, help="how many")
    parser.add_argument("--records", type=int, default=RECORDS, help="calls of each provider")
    parser.add_argument("--seed", type=int, default=1, help="other seeds give other operations")
    given = parser.parse_args()
    author, every = Author(given.seed), list[Found]()
    with tempfile.TemporaryDirectory() as folder, gateway(Path(folder), given.records) as (url, pid):
        for found in hunt(url, pid, (author.document() for _ in range(given.operations))):
            every.append(found)
            if found.complaints:
                print(f"{', '.join(found.complaints)}: {found.document[:500]}", flush=True)
    print(summary(every))
    sys.exit(any(found.complaints for found in every))


def summary(every: list[Found]) -> str:
    """Return the most that any of the operations took."""
    read = [found for found in every if found.cpu_milliseconds]
    return (
        f"{len(every)} operations, {len(read)} of them read something; at most {max(found.cpu_milliseconds for found in read)} ms of CPU, "
        f"{max(found.megabytes for found in read):.0f} MB more memory; {sum(bool(found.long_steps) for found in read)} had long steps"
    )


if __name__ == "__main__":
    main()
