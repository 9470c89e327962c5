"""Values that their fields cannot hold are told with the provider whose record holds them, compiled or not."""

from decimal import Decimal
from typing import Any

import pytest

from telegraphql.gateway.graphql.compiler.settings import ExecutionSettings
from telegraphql.gateway.http.graphql_schema import create_schema
from telegraphql.schema.values import Money
from tests.support.graphql_client import context
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import call, recording

TOO_LONG = 2**31
CALLS = "{ calls { nodes { nativeId durationSeconds cost { amount } } } }"


async def errors(document: str, compiled: bool = True) -> tuple[Any, list[tuple[Any, Any, Any]]]:
    """What is answered of two providers, each with a good call and two with values that do not fit."""
    money = Money(amount=Decimal(1), currency="CHF")
    money.amount = Decimal("NaN")
    stores = {
        name: Store(
            [call(f"{name}1", 9, name), call(f"{name}2", 8, name, duration_seconds=TOO_LONG), call(f"{name}3", 7, name, cost=money)]
        )
        for name in ("a", "b")
    }
    made = create_schema(ExecutionSettings(compile=compiled))
    answer = await made.execute(document, context_value=context([serving(name, Memory, store) for name, store in stores.items()]))
    told = [(error.path, error.message, error.extensions) for error in answer.errors or []]
    told += [(each["path"], each["message"], each) for each in (answer.extensions or {}).get("problems", ())]
    return answer.data, sorted(told, key=str)


@pytest.mark.parametrize("compiled", [True, False])
async def test_a_value_that_does_not_fit_is_told_with_its_provider(compiled: bool) -> None:
    data, told = await errors(CALLS, compiled)
    natives = [node["nativeId"] for node in data["calls"]["nodes"]]
    assert sorted(natives) == ["a1", "a2", "a3", "b1", "b2", "b3"]
    assert [node["durationSeconds"] for node in data["calls"]["nodes"]] == [None] * 6
    expected = {f"{name}{number}": name for name in "ab" for number in "23"}
    assert {natives[path[2]]: extensions["provider"] for path, _, extensions in told} == expected
    # The length is null with a problem; of a cost without an amount the amount is missing, so that the cost is null.
    assert {(extensions["provider"], extensions["code"], extensions.get("field")) for _, _, extensions in told} == {
        (name, "MALFORMED_FIELD", field) for name in "ab" for field in ("durationSeconds", "cost")
    }
    for _, message, _ in told:
        assert message == "sent a value that does not fit this field's type"


async def test_one_beneath_a_relation_is_told_with_its_provider() -> None:
    _, told = await errors("{ calls { edges { node { nativeId durationSeconds } } } providers { name } }")
    assert {(path[-1], extensions["provider"]) for path, _, extensions in told} == {("durationSeconds", "a"), ("durationSeconds", "b")}


async def test_an_error_of_another_kind_stays_as_it_is() -> None:
    _, told = await errors("{ calls(first: 501) { nodes { id } } }")
    assert [(path, extensions["code"]) for path, _, extensions in told] == [(["calls"], "BAD_USER_INPUT")]


@pytest.mark.parametrize("compiled", [True, False])
async def test_a_file_of_more_than_2_gib_has_a_size(compiled: bool) -> None:
    store = Store(recordings=[recording(1, 1, size_bytes=3 * 2**30)])
    made = create_schema(ExecutionSettings(compile=compiled))
    answer = await made.execute("{ recordings { nodes { sizeBytes } } }", context_value=context([serving("a", Memory, store)]))
    assert (answer.errors, answer.data) == (None, {"recordings": {"nodes": [{"sizeBytes": 3221225472}]}})
