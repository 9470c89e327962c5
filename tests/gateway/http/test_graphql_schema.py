"""What clients are told of errors, and what the log is; and that operations do not share what belongs to one of them."""

import asyncio
import logging
from typing import Any

import pytest
from graphql import GraphQLError

from telegraphql.gateway.errors import Unavailable
from telegraphql.gateway.http.graphql_schema import is_public_error
from telegraphql.gateway.pagination import connection
from telegraphql.gateway.plugin.provider import Keyset, ListRequest, Page, lists
from telegraphql.gateway.upstream.request_budget import RequestBudget, current
from telegraphql.schema.call import Call
from tests.support.graphql_client import ask, context, served_schema
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import call

SECRET = "https://upstream.example/?api_key=s3cr3t"
MASKED = "unexpected error; the log has its details under this id"


class Broken(Memory):
    """Has a bug."""

    @lists(Call, pages=Keyset(most=100))
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        await asyncio.sleep(self.store.latency)
        raise KeyError(SECRET)


async def test_an_unforeseen_error_is_masked_for_clients_and_logged(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("telegraphql.gateway.resolvers.pages.Lister", lambda *_: 1 / 0)
    answer = await ask([serving("a", Memory, Store())], "{ calls { nodes { id } } providers { name } }")
    assert answer.data is None
    (error,) = answer.errors or []
    (line,) = caplog.records
    id = line.__dict__["fields"]["id"]
    assert (error.message, error.path, error.extensions) == (MASKED, ["calls"], {"code": "INTERNAL_SERVER_ERROR", "id": id})
    assert [(record.name, record.levelname, record.getMessage()) for record in caplog.records] == [
        ("telegraphql", "ERROR", "unexpected ZeroDivisionError at ['calls']")
    ]


async def test_an_unforeseen_error_of_a_plugin_is_its_providers_and_logged_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    servings = [serving("a", Broken, Store()), serving("b", Memory, Store([call("1", 0, "b")]))]
    answer = await ask(servings, "{ calls { nodes { nativeId } problems { provider { name } code } } }")
    assert answer.errors is None
    assert answer.data == {"calls": {"nodes": [{"nativeId": "1"}], "problems": [{"provider": {"name": "a"}, "code": "BAD_ANSWER"}]}}
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith("the plugin of a failed with KeyError at test_graphql_schema.py:")
    assert SECRET not in caplog.text


async def test_a_refusal_is_told_and_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    answer = await ask(
        [serving("a", Memory, Store(failure=Unavailable("is down")))], "{ calls { nodes { id } } x: calls(first: 501) { nodes { id } } }"
    )
    assert answer.data is None
    assert [error.extensions for error in answer.errors or []] == [{"code": "BAD_USER_INPUT"}]
    assert [record for record in caplog.records if record.name.startswith("telegraphql")] == []


WRONG = ["{ calls { nodes { nothing } } }", "{ calls(first: true) { nodes { id } } }", "{"]


@pytest.mark.parametrize("document", WRONG)
async def test_what_is_wrong_with_a_document_is_told_and_not_logged(document: str, caplog: pytest.LogCaptureFixture) -> None:
    answer = await ask([serving("a", Memory, Store())], document)
    assert [error.message for error in answer.errors or []] != [MASKED]
    assert answer.data is None
    assert caplog.records == []


BAD_VALUES = [
    ('{ calls(filter: {startedAt: {since: "2024-03-01T12:00:00"}}) { nodes { id } } }', "has no time zone: end it with Z or an offset"),
    (
        "query ($t: DateTime) { calls(filter: {startedAt: {since: $t}}) { nodes { id } } }",
        "is not a DateTime: write it as 2026-11-22T08:30:00Z",
    ),
    ("{ calls(filter: {startedAt: {until: 7}}) { nodes { id } } }", "a DateTime is text such as 2026-11-22T08:30:00Z"),
]


@pytest.mark.parametrize(("document", "words"), BAD_VALUES)
async def test_a_value_that_a_scalar_refuses_is_the_clients_error(document: str, words: str, caplog: pytest.LogCaptureFixture) -> None:
    answer = await ask([serving("a", Memory, Store())], document, {"t": "yesterday"})
    (error,) = answer.errors or []
    assert (words in error.message, answer.data, caplog.records) == (True, None, [])


def test_an_error_without_a_place_in_the_document_is_not_told() -> None:
    assert not is_public_error(GraphQLError(SECRET, original_error=ValueError(SECRET)))
    assert not is_public_error(GraphQLError(SECRET, path=["calls"], original_error=ValueError(SECRET)))


async def test_operations_under_way_at_once_are_masked_each(monkeypatch: pytest.MonkeyPatch) -> None:
    # What is raised over no provider's answer is a fault of the gateway itself.
    monkeypatch.setattr(connection, "problems_of", lambda streams, merged: 1 / 0 if streams[0].error else [])
    slow, quick = serving("a", Broken, Store(latency=0.02)), serving("a", Memory, Store([call(1, 1, "a")], latency=0.04))
    document = "{ calls { nodes { nativeId } } }"
    failing, good, other = await asyncio.gather(ask([slow], document), ask([quick], document), ask([slow], document))
    assert [error.message for answer in (failing, other) for error in answer.errors or []] == [MASKED, MASKED]
    assert (good.data, good.errors) == ({"calls": {"nodes": [{"nativeId": "1"}]}}, None)


class Counting(Memory):
    """Counts its requests, and remembers for which operation."""

    seen: list[RequestBudget]

    @lists(Call, pages=Keyset(most=100))
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        current().count(self.name, "calls")
        self.seen.append(current())
        return await self._slice(self.store.calls, ask)


async def test_each_operation_of_one_connection_has_its_own_limits() -> None:
    served = serving("a", Counting, Store([call(1, 1, "a")]))
    provider: Any = served.provider
    provider.seen = []
    connection = context([served], operation=RequestBudget(max_requests=1))
    for _ in range(3):
        answer = await served_schema().execute("{ calls { nodes { nativeId } } }", context_value=connection)
        assert answer.errors is None
    assert [operation.spent for operation in provider.seen] == [1, 1, 1]
    assert len({id(operation) for operation in provider.seen}) == 3


async def test_the_lists_of_one_operation_share_its_limit() -> None:
    served = serving("a", Counting, Store([call(1, 1, "a")]))
    provider: Any = served.provider
    provider.seen = []
    answer = await ask([served], "{ a: calls { nodes { id } } b: calls { nodes { id } } }", operation=RequestBudget(max_requests=1))
    assert (answer.errors, answer.data is not None) == (None, True)
    assert sorted(len(answer.data[name]["nodes"]) for name in "ab") == [0, 1]
    assert [(each["code"], each["retryable"]) for each in answer.extensions["problems"]] == [("SCAN_LIMIT", True)]
