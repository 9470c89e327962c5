"""Entities: routers ask for what other graphs refer to; each reference stands for itself."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from telegraphql.gateway.auth.caller import Caller, Scope
from telegraphql.gateway.errors import Unavailable
from telegraphql.gateway.federation.settings import FederationSettings
from telegraphql.gateway.graphql.validation.limits import Limits
from telegraphql.gateway.http.graphql_schema import create_schema
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.schema.node import global_id
from telegraphql.schema.values import Party
from tests.support.graphql_client import ask, data
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import call

ENTITIES = """query ($of: [_Any!]!) { _entities(representations: $of) {
  __typename ... on Call { nativeId from { number } session { nativeId calls { nativeId } } } ... on Session { nativeId }
  ... on PhoneNumber { number calls(first: 1) { nodes { nativeId } pageInfo { hasNextPage endCursor } } } ... on Provider { name plugin }
} }"""
ID = "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Call { nativeId } } }"
ADA, BO = "+41616925879", "+41449379015"


def refer(native: object, provider: str = "a", kind: str = "Call") -> dict[str, str]:
    return {"__typename": kind, "id": global_id(kind, provider, str(native))}


@pytest.fixture
def stores() -> dict[str, Store]:
    calls = {
        name: [call(number, number, name, session=f"s{number}", from_=Party(number=ADA if number % 2 else BO)) for number in range(6)]
        for name in "ab"
    }
    return {name: Store(each) for name, each in calls.items()}


@pytest.fixture
def servings(stores: Mapping[str, Store]) -> list[BoundProvider]:
    return [serving(name, Memory, store) for name, store in stores.items()]


async def codes(servings: Sequence[BoundProvider], of: Any, document: str = ID, **options: Any) -> tuple[Any, list[Any]]:
    """The data, and the path and code of each error."""
    answer = await ask(servings, document, {"of": of}, **options)
    return answer.data, [(error.path, error.extensions["code"]) for error in answer.errors or ()]


async def test_entities_come_in_the_order_of_their_references(servings: list[BoundProvider]) -> None:
    of = [refer(5), refer(0, "b"), refer(2), refer(5)]
    found = await data(servings, ID, {"of": of})
    assert found == {"_entities": [{"nativeId": native} for native in ("5", "0", "2", "5")]}


async def test_many_references_are_one_request_per_provider(servings: list[BoundProvider], stores: Mapping[str, Store]) -> None:
    await data(servings, ID, {"of": [refer(number, name) for number in range(6) for name in "ab"]})
    assert [[sorted(wanted.keys) for wanted in store.wanted] for store in stores.values()] == [[list("012345")]] * 2
    assert [store.asks for store in stores.values()] == [[], []]


async def test_what_hangs_on_many_entities_is_asked_for_together(servings: list[BoundProvider], stores: Mapping[str, Store]) -> None:
    found = await data(servings, ENTITIES, {"of": [refer(number) for number in range(6)]})
    assert [each["session"] for each in found["_entities"]] == [
        {"nativeId": f"s{number}", "calls": [{"nativeId": str(number)}]} for number in range(6)
    ]
    assert len(stores["a"].asked) == 2


async def test_what_does_not_exist_is_null(servings: list[BoundProvider]) -> None:
    assert await codes(servings, [refer(77), refer(1)]) == ({"_entities": [None, {"nativeId": "1"}]}, [])


WRONG: dict[str, tuple[Any, str]] = {
    "no object": ("Call", "BAD_USER_INPUT"),
    "no type": ({"id": global_id("Call", "a", "1")}, "BAD_USER_INPUT"),
    "a type that is no text": ({"__typename": ["Call"], "id": "x"}, "BAD_USER_INPUT"),
    "an unknown type": ({"__typename": "Customer", "id": "1"}, "BAD_USER_INPUT"),
    "a type that is no entity": ({"__typename": "PageInfo", "id": "1"}, "BAD_USER_INPUT"),
    "no id": ({"__typename": "Call", "nativeId": "1"}, "BAD_USER_INPUT"),
    "null": ({"__typename": "Call", "id": None}, "BAD_USER_INPUT"),
    "a number": ({"__typename": "Call", "id": 1}, "BAD_USER_INPUT"),
    "no text": ({"__typename": "PhoneNumber", "number": ""}, "BAD_USER_INPUT"),
    "garbage": ({"__typename": "Call", "id": "garbage"}, "BAD_ID"),
    "another type's id": ({"__typename": "Call", "id": global_id("Session", "a", "1")}, "BAD_ID"),
    "an unknown provider's id": (refer(1, "nobody"), "UNKNOWN_PROVIDER"),
    "an unknown provider": ({"__typename": "Provider", "name": "nobody"}, "UNKNOWN_PROVIDER"),
}


@pytest.mark.parametrize("what", WRONG)
async def test_a_bad_reference_is_told_at_its_place_and_spoils_no_other(servings: list[BoundProvider], what: str) -> None:
    bad, code = WRONG[what]
    found, errors = await codes(servings, [refer(1), bad, refer(2, "b")])
    assert found == {"_entities": [{"nativeId": "1"}, None, {"nativeId": "2"}]}
    assert errors == [(["_entities", 1], code)]


async def test_too_many_are_refused_before_any_upstream_is_asked(servings: list[BoundProvider], stores: Mapping[str, Store]) -> None:
    answer = await ask(servings, ID, {"of": [refer(1)] * 4}, limits=Limits(entities=3))
    assert answer.data is None
    (error,) = answer.errors or ()
    assert (error.path, error.extensions) == (["_entities"], {"code": "TOO_MANY_ENTITIES", "limit": 3, "requested": 4})
    assert "limits.entities" in error.message
    assert stores["a"].asked == []


async def test_more_than_a_page_of_entities_can_be_asked_for_at_once(servings: list[BoundProvider]) -> None:
    found = await data(servings, ID, {"of": [refer(1)] * 1000})
    assert found["_entities"] == [{"nativeId": "1"}] * 1000


async def test_a_failing_upstream_spoils_its_own_entities_only(servings: list[BoundProvider], stores: Mapping[str, Store]) -> None:
    stores["a"].failure = Unavailable("is down", provider="a")
    found, errors = await codes(servings, [refer(1), refer(1, "b")])
    assert (found, errors) == ({"_entities": [None, {"nativeId": "1"}]}, [(["_entities", 0], "UNAVAILABLE")])


async def test_entities_cost_what_nodes_cost(servings: list[BoundProvider]) -> None:
    answer = await ask(servings, ENTITIES.replace("calls(first: 1)", "calls(first: 10)"), {"of": [refer(1)] * 3})
    assert answer.extensions is not None
    # Each: itself, its session, two calls of that; ten calls of a number.
    assert answer.extensions["cost"]["requested"] == 3 * (1 + 1 + 2 + 10)
    refused = await ask(servings, ID, {"of": [refer(1)] * 3}, limits=Limits(cost=2))
    assert [error.extensions["code"] for error in refused.errors or ()] == ["TOO_EXPENSIVE"]


async def test_a_number_leads_to_its_calls_with_the_cursor_of_the_root_list(servings: list[BoundProvider]) -> None:
    (number, provider) = (
        await data(servings, ENTITIES, {"of": [{"__typename": "PhoneNumber", "number": ADA}, {"__typename": "Provider", "name": "a"}]})
    )["_entities"]
    assert provider == {"__typename": "Provider", "name": "a", "plugin": "memory"}
    page = number["calls"]
    assert (number["number"], page["nodes"], page["pageInfo"]["hasNextPage"]) == (ADA, [{"nativeId": "5"}], True)
    rest = 'query ($after: String) { calls(after: $after, filter: {number: {equals: ["%s"]}}) { nodes { nativeId provider { name } } } }'
    found = await data(servings, rest % ADA, {"after": page["pageInfo"]["endCursor"]})
    assert [(each["nativeId"], each["provider"]["name"]) for each in found["calls"]["nodes"]] == [
        ("5", "a"),
        ("3", "b"),
        ("3", "a"),
        ("1", "b"),
        ("1", "a"),
    ]


CALLS = "query ($of: [_Any!]!) { _entities(representations: $of) { ... on PhoneNumber { calls(filter: %s) { nodes { nativeId } } } } }"


async def test_a_number_s_calls_can_be_narrowed_but_not_to_another_number(servings: list[BoundProvider]) -> None:
    of = [{"__typename": "PhoneNumber", "number": ADA}]
    narrowed, errors = await codes(servings, of, CALLS % '{providers: ["b"]}')
    assert ([each["nativeId"] for each in narrowed["_entities"][0]["calls"]["nodes"]], errors) == (["5", "3", "1"], [])
    told = await codes(servings, of, CALLS % '{number: {startsWith: "+41"}}')
    assert told == ({"_entities": [None]}, [(["_entities", 0, "calls"], "BAD_USER_INPUT")])


async def test_entities_need_the_scope_to_read(servings: list[BoundProvider], stores: Mapping[str, Store]) -> None:
    for of in ([refer(1)], [{"__typename": "Provider", "name": "a"}], [{"__typename": "PhoneNumber", "number": ADA}], []):
        found, errors = await codes(servings, of, caller=Caller("press", frozenset({Scope.MEDIA})))
        assert (found, errors) == (None, [(["_entities"], "FORBIDDEN")])
    assert stores["a"].asked == []


async def test_a_kind_for_administrators_is_for_administrators(servings: list[BoundProvider]) -> None:
    _, errors = await codes(servings, [refer(1, kind="AuditEntry"), refer(1)], caller=Caller("desk", frozenset({Scope.READ})))
    assert errors == [(["_entities", 0], "FORBIDDEN")]


async def test_what_is_withheld_from_a_caller_is_withheld_of_entities(servings: list[BoundProvider]) -> None:
    caller = Caller("desk", frozenset({Scope.READ}), redact=frozenset({"personal"}))
    found, errors = await codes(servings, [refer(1), {"__typename": "PhoneNumber", "number": ADA}], ENTITIES, caller=caller)
    assert (found["_entities"][0]["from"], found["_entities"][1]) == ({"number": None}, None)
    assert errors == [(["_entities", 1, "calls"], "FORBIDDEN")]


async def test_the_service_tells_its_schema_to_whom_it_is_told(servings: list[BoundProvider]) -> None:
    told = await data(servings, "{ _service { sdl } }")
    assert told["_service"]["sdl"].startswith("extend schema @link(")
    refused = await ask(servings, "{ _service { sdl } }", allows_introspection=lambda _: False)
    assert [error.extensions["code"] for error in refused.errors or ()] == ["INTROSPECTION_DISABLED"]


async def test_without_federation_there_is_nothing_of_it(servings: list[BoundProvider]) -> None:
    plain = create_schema(None, FederationSettings(enabled=False)).as_str()
    assert [word for word in ("_entities", "_service", "_Any", "_Entity", "PhoneNumber") if word in plain] == []
