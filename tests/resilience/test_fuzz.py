"""Fuzz: however an upstream's answer is broken, the others' records arrive, and so do those of its own that are not broken."""

import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.endtoend.kinds import HEAD, KINDS, Kind
from tests.endtoend.world import simulate
from tests.resilience.response_mutations import ANYWHERE, DEEP, IN_A_ROW, Change, Meddler, SetField, meddled
from tests.resilience.simulated_gateway import DEADLINE, LIMITS, NAMES, SLACK, Key, Place, Row, place
from tests.support.clock import NOW

pytestmark = pytest.mark.slow

KNOWN = {
    *("UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND", "RATE_LIMITED", "TIMEOUT", "UNAVAILABLE"),
    *("BAD_ANSWER", "MALFORMED_RECORD", "MALFORMED_FIELD", "UNSUPPORTED", "SCAN_LIMIT"),
}
# The codes of a broken value: only a record's id and time are worth the record, and what stands for the whole of one.
OF_A_ROW = {"MALFORMED_FIELD", "MALFORMED_RECORD", "BAD_ANSWER"}
LIST = "{{ {root}(first: 500) {{ nodes {{ {fields} }} problems {{ provider {{ name }} code message }} }} }}"
RELATED = """session { id startedAt cost { amount } calls { id } } recordings { id media { url } } queue { id name }
  cost { amount } voicemessages { id } notes { id } transaction { id }"""
LISTED = {
    "voximplant": ("Call", "Session", "Recording", "Queue", "QueueVisit", "Transaction", "AuditEntry", "Report"),
    "voipstudio": ("Call", "Recording", "Voicemessage", "Chat", "Transaction", "MediaSession", "Queue", "TrackingNumber"),
    "portsip": ("Call", "Session", "Recording", "Voicemessage", "Queue", "Report", "ReportSchedule"),
    "boxis": ("Call",),
}
PAIRS = [(name, kind) for name in NAMES for kind in LISTED[name]]


class Fuzzed(NamedTuple):
    """A place whose upstreams can be meddled with, and what its lists are when nobody does."""

    place: Place
    meddlers: dict[str, Meddler]
    whole: dict[str, set[Key]]

    def ask(self, document: str) -> Row:
        """An answer that is one of GraphQL's, in time, and says nothing that was not foreseen."""
        start = time.perf_counter()
        answer = self.place.world.client.post(f"{self.place.world.url}/graphql", json={"query": document})
        assert answer.status_code == 200
        assert time.perf_counter() - start < DEADLINE + SLACK
        self.place.ears.hear(answer.text)
        assert self.place.ears.leaks == []
        body: Row = answer.json()
        assert "unexpected" not in answer.text[:2000] + str(body.get("errors")), body["errors"]
        return body

    def meddle(self, name: str, change: Change | SetField, document: str, skip: int = 0, times: int = 1000) -> Row:
        """An answer while some of one upstream's are changed."""
        meddler = self.meddlers[name]
        meddler.skip, meddler.times, meddler.change = skip, times, change
        try:
            return self.ask(document)
        finally:
            meddler.change = None


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    sandboxes = simulate(records=6, now=NOW)
    meddlers = meddled(sandboxes)
    limits = {"limits": LIMITS | {"breaker_failures": 1_000_000, "max_attempts": 1}}
    with place(tmp_path_factory.mktemp("fuzz"), sandboxes, **dict.fromkeys(sandboxes, limits)) as made:
        found = Fuzzed(made, meddlers, {})
        for kind in KINDS.values():
            body = found.ask(document_of(kind))
            assert "errors" not in body
            found.whole[kind.name] = keys(body, kind)
        yield found


def document_of(kind: Kind, fields: str = "") -> str:
    return LIST.format(root=kind.root, fields=f"{HEAD} {kind.fields} native {fields}")


def keys(body: Row, kind: Kind) -> set[Key]:
    """Which records the answer holds."""
    return {(node["provider"]["name"], node["nativeId"]) for node in ((body["data"] or {})[kind.root] or {"nodes": []})["nodes"]}


def problems(body: Row, kind: Kind) -> set[Key]:
    """Who has which problem, be it one of the list or of a field."""
    told: list[Any] = [each.get("extensions", {}) for each in body.get("errors", ())]
    told += body.get("extensions", {}).get("problems", ())
    return {(each.get("provider", ""), each.get("code", "")) for each in told}


@settings(max_examples=100)
@given(pair=some.sampled_from(PAIRS), change=ANYWHERE, skip=some.integers(0, 1))
def test_a_broken_answer_costs_the_others_nothing(fuzzed: Fuzzed, pair: tuple[str, str], change: Change, skip: int) -> None:
    name, kind = pair[0], KINDS[pair[1]]
    body = fuzzed.meddle(name, change, document_of(kind), skip)
    others = {key for key in fuzzed.whole[kind.name] if key[0] != name}
    assert problems(body, kind) <= {(name, code) for code in KNOWN}
    if others:
        assert others <= keys(body, kind)


# The reference shows a call where a note should be, and the sandbox sends what the reference shows.
NOT_A_NOTE = {("voipstudio", "MALFORMED_RECORD")}


@settings(max_examples=40)
@given(name=some.sampled_from(NAMES), change=ANYWHERE, skip=some.integers(0, 4))
def test_a_broken_answer_to_what_hangs_on_a_record_costs_the_others_nothing(fuzzed: Fuzzed, name: str, change: Change, skip: int) -> None:
    kind = KINDS["Call"]
    body = fuzzed.meddle(name, change, document_of(kind, RELATED), skip)
    assert problems(body, kind) - NOT_A_NOTE <= {(name, code) for code in KNOWN}
    assert {key for key in fuzzed.whole["Call"] if key[0] != name} <= keys(body, kind)


@settings(max_examples=120)
@given(pair=some.sampled_from(PAIRS), change=IN_A_ROW)
def test_a_broken_row_costs_only_itself(fuzzed: Fuzzed, pair: tuple[str, str], change: Change) -> None:
    """At Voximplant a row of calls is a session with all its legs."""
    name, kind = pair[0], KINDS[pair[1]]
    body = fuzzed.meddle(name, change, document_of(kind), times=1)
    lost = fuzzed.whole[kind.name] - keys(body, kind)
    new = keys(body, kind) - fuzzed.whole[kind.name]
    assert problems(body, kind) <= {(name, code) for code in OF_A_ROW}
    assert {provider for provider, _ in lost} <= {name}
    assert len({native.partition(".")[0] if name == "voximplant" else native for _, native in lost}) <= 1
    assert not lost or new or problems(body, kind)


HALF = '"\\ud83d of an emoji"'
FOUND = {
    "a cost that would fill the memory": ("voximplant", "Transaction", "amount", '"1e999999999"', {"MALFORMED_RECORD"}),
    "a cost that is no number": ("voximplant", "Transaction", "amount", '"NaN"', {"MALFORMED_RECORD"}),
    "a duration that would fill the memory": ("boxis", "Call", "duration", '"1e999999999"', {"MALFORMED_FIELD"}),
    "a character cut in half": ("voipstudio", "Call", "src_name", HALF, set()),
    "a number that JSON can write but nobody can hold": ("voipstudio", "Call", "not_known", "1e400", {"MALFORMED_RECORD"}),
    "an array deeper than any stack": ("portsip", "Call", "not_known", DEEP[-1], {"BAD_ANSWER"}),
    "a number beyond 32 bits": ("voipstudio", "Call", "duration", "2147483648", set()),
}


@pytest.mark.parametrize("case", FOUND)
def test_what_once_broke_more_than_itself(fuzzed: Fuzzed, case: str) -> None:
    """Each of these took the whole list, or the whole gateway, with it."""
    name, kind, field, text, codes = FOUND[case]
    body = fuzzed.meddle(name, SetField(field, text), document_of(KINDS[kind]), times=1)
    lost = fuzzed.whole[kind] - keys(body, KINDS[kind])
    assert {code for _, code in problems(body, KINDS[kind])} == codes
    assert {provider for provider, _ in lost} <= {name}
    assert len(lost) <= 1 or codes == {"BAD_ANSWER"}
    assert "2147483648" not in str(body.get("errors"))
