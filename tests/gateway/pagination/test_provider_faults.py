"""Whatever is raised over one provider's answer is that provider's problem: the others' records are all there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest

from telegraphql.gateway.errors import Unforeseen
from telegraphql.gateway.pagination import bound_provider, page_values
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.dataloaders import LoaderBatch
from telegraphql.gateway.pagination.list_query import Search
from telegraphql.gateway.pagination.stream import Stream
from telegraphql.gateway.plugin.phone_numbers import Numbering
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.node import global_id
from telegraphql.schema.values import Party
from tests.support.graphql_client import ask
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import at, call, recording

SECRET = "the caller's name"
LISTS = """{ calls(first: 20, filter: {number: {contains: "7"}, startedAt: {since: "2000-01-01T00:00:00Z"}}) {
  nodes { id from { number } } problems { provider { name } code message } } }"""
TIMELINE = (
    """{ timeline(number: "+41225101877", first: 20) { nodes { ... on Call { id } } problems { provider { name } code message } } }"""
)
STATISTICS = """{ callStatistics(
  filter: {number: {contains: "7"}, startedAt: {since: "2000-01-01T00:00:00Z", until: "2030-01-01T00:00:00Z"}}) {
  total { calls } problems { provider { name } code message } } }"""


class Broken(Exception):
    """Not foreseen."""


@contextmanager
def raising(owner: Any, name: str, *, of: Callable[..., str]) -> Iterator[None]:
    """Raise in place of a function when it is called for provider `bad`."""
    original = getattr(owner, name)

    def broken(*arguments: Any, **named: Any) -> Any:
        if of(*arguments, **named) == "bad":
            raise Broken(SECRET)
        return original(*arguments, **named)

    with patch.object(owner, name, broken):
        yield


BAD_ROWS = 3
STEPS: dict[str, Any] = {
    "reading": lambda: raising(Memory, "_slice", of=lambda plugin, *_: plugin.name),
    "counting rows": lambda: raising(bound_provider, "check_row_count", of=lambda rows, _: "bad" if rows == BAD_ROWS else "good"),
    "decoding": lambda: raising(BoundProvider, "_placed", of=lambda serving, *_: serving.name),
    "bounding": lambda: raising(Search, "_bounds", of=lambda _, serving, common: serving.name),
    "filtering": lambda: raising(Numbering, "matcher", of=lambda numbering, *_: "bad" if numbering.region == "DE" else "good"),
    "sorting": lambda: raising(Stream, "_sorted", of=lambda stream, *_: stream.provider),
}


def servings() -> list[BoundProvider]:
    found = []
    for name, number in (("bad", BAD_ROWS), ("good", 5)):
        fields = {"from_": Party(number="+41225101877"), "to": Party(number="+41225101878")}
        calls = [call(each, each, name, ended_at=at(each + 1), refs={"recordings": str(each)}, **fields) for each in range(number)]
        found.append(serving(name, Memory, Store(calls, [recording(each, each, each, name) for each in range(number)])))
    found[0].provider.numbering = Numbering("DE")
    return found


def good_ids() -> list[str]:
    return [global_id("Call", "good", str(each)) for each in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("document", [LISTS, TIMELINE, STATISTICS], ids=["list", "timeline", "statistics"])
async def test_what_is_raised_in_a_step_is_one_providers_problem(step: str, document: str, caplog: pytest.LogCaptureFixture) -> None:
    with STEPS[step]():
        answer = await ask(servings(), document)
    assert answer.errors is None
    assert answer.data is not None
    (found,) = answer.data.values()
    assert {(each["provider"]["name"], each["code"]) for each in found["problems"]} == {("bad", ProblemCode.BAD_ANSWER.value)}
    if "nodes" in found:
        assert [each["id"] for each in found["nodes"]] == good_ids()
    else:
        assert found["total"]["calls"] == 5
    assert SECRET not in caplog.text + str(answer)


async def test_what_is_raised_while_records_are_made_costs_the_others_nothing() -> None:
    with patch.object(page_values, "_made", failing_for("bad", page_values._made)):
        answer = await ask(servings(), LISTS)
    assert answer.errors is None
    assert answer.data is not None
    assert [each["id"] for each in answer.data["calls"]["nodes"]] == good_ids()
    assert [(each["provider"]["name"], each["code"]) for each in answer.data["calls"]["problems"]] == [("bad", "BAD_ANSWER")]


def failing_for(name: str, original: Any) -> Any:
    def made(found: Any, projector: Any = None) -> Any:
        if any(each.provider_name == name for each in found):
            raise Broken(SECRET)
        return original(found, projector)

    return made


async def test_a_record_that_cannot_be_placed_costs_only_itself() -> None:
    stream_of = Search.stream

    def stream(search: Search, each: BoundProvider) -> Stream:
        found = stream_of(search, each)
        original = found.place

        def placing(record: Any) -> Any:
            # Only once it is ready: what is raised before concerns the whole page.
            if record.provider_name == "bad" and record.native_id == "1" and found.head and found.head[0] is record:
                raise Broken(SECRET)
            return original(record)

        found.place = placing
        return found

    with patch.object(Search, "stream", stream):
        answer = await ask(servings(), LISTS)
    assert answer.errors is None
    assert answer.data is not None
    assert len(answer.data["calls"]["nodes"]) == 5 + BAD_ROWS - 1
    assert [each["provider"]["name"] for each in answer.data["calls"]["problems"]] == ["bad"]


RECORDINGS = "{ calls(first: 20) { nodes { id recordings { id } } problems { provider { name } code field count } } }"


@pytest.mark.parametrize("document", ["{ nodes(ids: $ids) { id } }", RECORDINGS])
async def test_what_is_raised_while_nodes_or_relations_are_loaded_is_an_error_or_a_problem_of_their_own(document: str) -> None:
    ids = [global_id("Call", provider, "1") for provider in ("bad", "good")]
    query = f"query($ids: [ID!]!) {document}" if "$ids" in document else document
    with raising(LoaderBatch, "load", of=lambda batch, _: batch.serving.name):
        answer = await ask(servings(), query, {"ids": ids} if "$ids" in document else None)
    assert answer.data is not None
    if "$ids" in document:
        assert {(error.extensions or {})["code"] for error in answer.errors or ()} == {ProblemCode.BAD_ANSWER.value}
        assert [each and each["id"] for each in answer.data["nodes"]] == [None, ids[1]]
    else:
        assert answer.errors is None
        (problem,) = answer.data["calls"]["problems"]
        assert problem == {"provider": {"name": "bad"}, "code": "BAD_ANSWER", "field": "recordings", "count": BAD_ROWS}
        shown = [each for each in answer.data["calls"]["nodes"] if each["recordings"] is not None]
        assert [each["id"] for each in shown] == good_ids()


async def test_a_fault_that_cannot_be_told_is_told_in_other_words() -> None:
    class Speechless(Unforeseen):
        def as_problem(self) -> Any:
            raise Broken(SECRET)

    served = servings()
    served[0].provider.store.failure = Speechless("unspeakable", provider="bad")  # type: ignore[attr-defined]
    answer = await ask(served, LISTS)
    assert answer.errors is None
    assert answer.data is not None
    assert [each["id"] for each in answer.data["calls"]["nodes"]] == good_ids()
    assert [(each["provider"]["name"], each["code"]) for each in answer.data["calls"]["problems"]] == [("bad", "BAD_ANSWER")]
