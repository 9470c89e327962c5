"""What scanners of GraphQL servers probe for is blocked in production, and nothing of it breaks GraphiQL where it is served."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.http import app
from telegraphql.gateway.http.thread_server import serve_in_thread
from telegraphql.gateway.plugin.registry import Plugins
from telegraphql.gateway.runtime import Runtime
from tests.gateway.graphql.validation.test_introspection import GRAPHIQL
from tests.support.memory_provider import Memory, Store
from tests.support.records import call

JSON = {"accept": "application/json"}


class Plain(Memory):
    """Three calls."""

    plugin = "plain"


def running(production: bool) -> Iterator[httpx.Client]:
    given = {"providers": {"a": {"plugin": "plain"}}, "server": {"production": production, "startup_check": False}}
    engine = Runtime.build(build_config(given, Path()), Plugins({"plain": Plain}, {}))
    provider: Any = engine.providers["a"].provider
    provider.store = Store([call(number, number, "a") for number in range(3)])
    with serve_in_thread(app.create_app(engine)) as address, httpx.Client(base_url=address) as client:
        yield client


@pytest.fixture(scope="module")
def production() -> Iterator[httpx.Client]:
    yield from running(True)


@pytest.fixture(scope="module")
def open_to_all() -> Iterator[httpx.Client]:
    yield from running(False)


@pytest.fixture(params=["production", "open_to_all"])
def client(request: pytest.FixtureRequest) -> httpx.Client:
    made: httpx.Client = request.getfixturevalue(request.param)
    return made


def codes(answer: httpx.Response) -> set[str]:
    body = answer.json()
    assert "data" not in body
    return {error["extensions"]["code"] for error in body["errors"]}


def asked(client: httpx.Client, document: str) -> httpx.Response:
    return client.post("/graphql", json={"query": document}, headers=JSON)


CIRCLE = "fields { type { " * 9 + "name" + " } }" * 9
OVERLOADS = {
    "aliases": ("query cop { " + " ".join(f"alias{number}: __typename" for number in range(101)) + " }", "TOO_MANY_ALIASES"),
    "directives": ("query cop { __typename @aa@aa@aa@aa@aa@aa@aa@aa@aa@aa }", "TOO_MANY_DIRECTIVES"),
    "repetition": ("query cop { " + "__typename \n" * 500 + "}", "TOO_MANY_REPEATS"),
    "depth": ("{ calls { nodes { " + "session { calls { " * 8 + "id" + " } }" * 8 + " } } }", "TOO_DEEP"),
    "cost": (
        "{ " + " ".join(f"a{n}: calls(first: 500) {{ nodes {{ session {{ calls {{ notes {{ id }} }} }} }} }}" for n in range(10)) + " }",
        "TOO_EXPENSIVE",
    ),
    "circular fragments": ("query cop { ...A } fragment A on Query { ...B } fragment B on Query { ...A }", "GRAPHQL_VALIDATION_FAILED"),
    "tokens": ("{ __typename" + " @skip(if: false)" * 2000 + " }", "TOO_MANY_TOKENS"),
}


@pytest.mark.parametrize(("document", "code"), OVERLOADS.values(), ids=list(OVERLOADS))
def test_overloading_is_refused(client: httpx.Client, document: str, code: str) -> None:
    answer = asked(client, document)
    assert answer.status_code == 200
    assert code in codes(answer)


def test_circular_introspection_is_refused(client: httpx.Client) -> None:
    assert codes(asked(client, f"query cop {{ __schema {{ types {{ {CIRCLE} }} }} }}")) <= {"TOO_DEEP", "INTROSPECTION_DISABLED"}


def test_arrays_of_operations_are_refused(client: httpx.Client) -> None:
    answer = client.post("/graphql", json=[{"query": "query cop { __typename }"}] * 10, headers=JSON)
    assert (answer.status_code, codes(answer)) == (400, {"BATCHING_NOT_SUPPORTED"})


MUTATION = 'mutation cop { deleteRecordings(input: {ids: ["x"]}) { succeededIds } }'


def test_a_mutation_is_not_taken_by_get(client: httpx.Client) -> None:
    answer = client.get("/graphql", params={"query": MUTATION}, headers=JSON)
    assert (answer.status_code, "data" in answer.json()) == (405, False)


@pytest.mark.parametrize("media_type", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", ""])
def test_what_a_page_of_another_site_can_post_without_asking_is_refused(client: httpx.Client, media_type: str) -> None:
    body = b"query=query+cop+%7B__typename%7D" if "urlencoded" in media_type else b'{"query": "{ __typename }"}'
    answer = client.post("/graphql", content=body, headers=JSON | ({"content-type": media_type} if media_type else {}))
    assert (answer.status_code, "data" in answer.json()) == (415, False)


def test_nothing_is_traced_for_clients(client: httpx.Client) -> None:
    body = asked(client, "query cop { __typename }").json()
    assert body == {"data": {"__typename": "Query"}, "extensions": {"cost": {"requested": 0, "limit": 30_000}}}


def test_errors_hold_no_traces(client: httpx.Client) -> None:
    (error,) = asked(client, "qwerty cop { abc }").json()["errors"]
    assert error["extensions"].keys() == {"code"}


def test_a_large_body_is_refused(client: httpx.Client) -> None:
    answer = client.post("/graphql", content=b" " * 262_145, headers=JSON | {"content-type": "application/json"})
    assert (answer.status_code, codes(answer)) == (413, {"PAYLOAD_TOO_LARGE"})


def test_production_tells_no_schema_and_suggests_nothing(production: httpx.Client) -> None:
    assert codes(asked(production, GRAPHIQL)) == {"INTROSPECTION_DISABLED"}
    (error,) = asked(production, "query cop { cals { id } }").json()["errors"]
    assert error["message"] == "Cannot query field 'cals' on type 'Query'."
    assert "Did you mean" not in asked(production, "query cop { __schema { directive } }").text


@pytest.mark.parametrize("path", ["/graphql", "/graphiql", "/playground", "/console"])
def test_production_has_no_page(production: httpx.Client, path: str) -> None:
    answer = production.get(path, headers={"accept": "text/html"})
    assert (answer.status_code, "html" in answer.headers["content-type"]) == (404, False)


def test_graphiql_works_where_it_is_served(open_to_all: httpx.Client) -> None:
    for path in ("/graphql", "/graphiql"):
        assert open_to_all.get(path, headers={"accept": "text/html"}).headers["content-type"].startswith("text/html")
    body = open_to_all.post("/graphql", json={"query": GRAPHIQL, "operationName": "IntrospectionQuery"}).json()
    assert "errors" not in body
    assert len(body["data"]["__schema"]["types"]) > 50
    (error,) = asked(open_to_all, "query cop { cals { id } }").json()["errors"]
    assert "Did you mean 'calls'" in error["message"]


def test_both_answer_what_is_fair(client: httpx.Client) -> None:
    body = asked(client, "{ calls { nodes { nativeId } } }").json()
    assert body["data"] == {"calls": {"nodes": [{"nativeId": "2"}, {"nativeId": "1"}, {"nativeId": "0"}]}}
    cost = body["extensions"]["cost"]
    assert (body["extensions"].keys(), cost["requested"], cost["limit"]) == ({"cost"}, 25, 30_000)
