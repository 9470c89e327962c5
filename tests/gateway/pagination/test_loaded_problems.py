"""What is missing or unreadable of records that were reached by an id or a relation stands in `extensions.problems`."""

import json
from typing import Any

import msgspec
import pytest

from telegraphql.gateway.plugin.columns import Column
from telegraphql.gateway.plugin.mapping import Mapping
from telegraphql.gateway.plugin.provider import GetRequest, Keyset, ListRequest, Page, TimeWindowJoin, gets, lists
from telegraphql.gateway.plugin.readers import ident
from telegraphql.gateway.plugin.time_readers import seconds
from telegraphql.schema.node import global_id
from telegraphql.schema.recording import Recording
from tests.support.graphql_client import ask
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import at, call

RELATION = "{ calls(first: 5) { nodes { nativeId recordings { nativeId durationSeconds } } problems { code } } }"
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Recording { durationSeconds } } }"


class Row(msgspec.Struct):
    """A recording."""

    id: str
    of: str
    at: float
    length: Any = None


SOUND = Mapping(
    Recording, Row, native_id=ident("id"), started_at=Column(at, "at"), duration_seconds=seconds("length"), refs={"call": ident("of")}
)


class Rows(Memory):
    """Recordings as rows, by their calls and by their ids."""

    plugin = "rows"
    rows: list[dict[str, Any]]

    @lists(Recording, pages=Keyset(most=100), joins={"call": TimeWindowJoin()})
    async def recordings(self, ask: ListRequest) -> Page:
        """Recordings."""
        return self._page(self.rows)

    @gets(Recording, at_most=10)
    async def recordings_by_id(self, wanted: GetRequest) -> Page:
        """Recordings by their ids; of a row without an id nobody knows whether it was meant."""
        return self._page([row for row in self.rows if row.get("id", "r9") in wanted.keys])

    def _page(self, rows: list[dict[str, Any]]) -> Page:
        return self.page(SOUND, [msgspec.Raw(json.dumps(row).encode()) for row in rows])


def row(id: str = "r1", of: str = "1", at: float = 1, **rest: Any) -> dict[str, Any]:
    return {"id": id, "of": of, "at": at, **rest}


async def asked(rows: list[dict[str, Any]], document: str, *ids: str) -> Any:
    served = serving("a", Rows, Store([call(1, 1, refs={"recordings": "1"})]))
    served.provider.rows = rows  # type: ignore[attr-defined]
    variables = {"ids": [global_id("Recording", "a", each) for each in ids]} if ids else None
    return await ask([served], document, variables)


TWINS = [row(length=1), row(length=2)]
NO_TIME = [row(length=1), {"id": "r9", "of": "1", "at": None}]
WRONG_FIELD = [row(length="long")]


@pytest.mark.parametrize(
    ("rows", "code", "words"),
    [
        (TWINS, "MALFORMED_RECORD", "the Recording r1 came more than once in one answer"),
        (NO_TIME, "MALFORMED_RECORD", "the record r9 cannot be read: `$.at` is missing or wrong"),
        (WRONG_FIELD, "MALFORMED_FIELD", "the field durationSeconds of the record r1 cannot be read"),
    ],
    ids=["equal ids", "no time", "wrong field"],
)
@pytest.mark.parametrize("document", [RELATION, NODES], ids=["relation", "nodes"])
async def test_what_is_wrong_with_what_was_reached_is_told(rows: list[dict[str, Any]], code: str, words: str, document: str) -> None:
    answer = await asked(rows, document, *(["r1", "r9"] if document == NODES else []))
    (problem,) = answer.extensions["problems"]
    assert (problem["provider"], problem["code"], problem["retryable"]) == ("a", code, False)
    assert problem["message"].startswith(words)
    shown = answer.data["nodes"][:1] if document == NODES else answer.data["calls"]["nodes"][0]["recordings"]
    assert len(shown) == 1


async def test_a_record_that_was_asked_for_and_cannot_be_read_is_an_error_and_not_unknown() -> None:
    answer = await asked(NO_TIME, NODES, "r1", "r9")
    assert [each and each["durationSeconds"] for each in answer.data["nodes"]] == [1, None]
    (error,) = answer.errors
    assert (error.path, error.extensions["code"]) == (["nodes", 1], "MALFORMED_RECORD")


async def test_nothing_is_told_where_nothing_is_wrong() -> None:
    assert "problems" not in (await asked([row(length=1), row("r2", length=2)], RELATION)).extensions
