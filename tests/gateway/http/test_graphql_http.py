"""GraphQL over HTTP: methods, media types, status codes, and who may keep an answer."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from telegraphql.gateway.errors import Unavailable
from telegraphql.gateway.graphql.validation.persisted import PersistedQueries, PersistedQuerySettings, sha256_hex
from telegraphql.gateway.http import app
from telegraphql.gateway.http.responses import encode_json
from telegraphql.gateway.runtime import Runtime
from tests.clients.gateway_servers import CALLS, FOLLOW, NEWEST, engine, reporting

JSON, GRAPHQL, EVENTS = "application/json", "application/graphql-response+json", "text/event-stream"
QUERY = str(CALLS["query"])
VARIABLES = json.dumps(CALLS["variables"])


@pytest.fixture
def made() -> Runtime:
    return engine()


@pytest.fixture
async def client(made: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app.create_app(made))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers={"accept": JSON}) as client:
        yield client
    await made.aclose()


async def post(client: httpx.AsyncClient, given: Any, accept: str = JSON) -> httpx.Response:
    return await client.post("/graphql", json=given, headers={"accept": accept})


def code(answer: httpx.Response) -> str:
    (error,) = answer.json()["errors"]
    assert error["message"]
    return str(error["extensions"]["code"])


@pytest.mark.parametrize(("accept", "media_type"), [(JSON, JSON), (GRAPHQL, f"{GRAPHQL}; charset=utf-8")])
async def test_an_answer_has_the_media_type_that_is_asked_for(client: httpx.AsyncClient, accept: str, media_type: str) -> None:
    answer = await post(client, CALLS, accept)
    assert (answer.status_code, answer.headers["content-type"], answer.json()) == (200, media_type, NEWEST)
    assert answer.headers["vary"].split(", ")[:3] == ["Accept", "Authorization", "X-API-Key"]
    assert answer.headers["cache-control"] == "no-store"


WRONG = [
    ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
    ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
    ({"query": FOLLOW["query"].replace("subscription", "query"), "variables": {}}, "GRAPHQL_VALIDATION_FAILED"),  # type: ignore[attr-defined]
    ({"query": QUERY, "variables": {"n": "x"}}, "BAD_USER_INPUT"),
    ({"query": "query a { __typename } query b { __typename }"}, "OPERATION_RESOLUTION_FAILURE"),
    ({"query": "query a { __typename }", "operationName": "b"}, "OPERATION_RESOLUTION_FAILURE"),
    ({"documentId": "none"}, "PERSISTED_QUERY_NOT_FOUND"),
]


@pytest.mark.parametrize(("given", "wrong"), WRONG, ids=str)
@pytest.mark.parametrize(("accept", "status"), [(JSON, 200), (GRAPHQL, 400)])
async def test_what_cannot_be_executed_has_no_data(client: httpx.AsyncClient, given: Any, wrong: str, accept: str, status: int) -> None:
    answer = await post(client, given, accept)
    assert (answer.status_code, code(answer), "data" in answer.json()) == (status, wrong, False)


async def test_what_was_executed_and_failed_is_an_answer(client: httpx.AsyncClient, made: Runtime) -> None:
    reporting(made).store.failure = Unavailable("is down")
    answer = await post(client, CALLS, GRAPHQL)
    (problem,) = answer.json()["extensions"]["problems"]
    assert (answer.status_code, answer.json()["data"]["calls"]["nodes"], problem["code"]) == (200, [], "UNAVAILABLE")


async def test_an_accident_before_anything_was_executed_is_the_servers_fault(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("telegraphql.gateway.http.operation_runner.check_document", lambda *_: 1 / 0)
    answer = await post(client, CALLS, GRAPHQL)
    assert (answer.status_code, code(answer)) == (500, "INTERNAL_SERVER_ERROR")


async def test_variables_and_extensions_of_an_address_are_json(client: httpx.AsyncClient) -> None:
    answer = await client.get("/graphql", params={"query": QUERY, "variables": VARIABLES, "extensions": "{}", "operationName": ""})
    assert (answer.status_code, answer.json()) == (200, NEWEST)
    answer = await client.get("/graphql", params={"query": QUERY, "variables": "{"})
    assert (answer.status_code, code(answer)) == (400, "BAD_REQUEST")


async def test_a_mutation_is_refused_by_get(client: httpx.AsyncClient) -> None:
    answer = await client.get("/graphql", params={"query": "mutation { __typename }"})
    assert (answer.status_code, code(answer), answer.headers["allow"]) == (405, "METHOD_NOT_ALLOWED", "POST")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", f"{JSON}; charset=utf-16"]
)
async def test_only_json_is_posted(client: httpx.AsyncClient, kind: str) -> None:
    answer = await client.post("/graphql", content=json.dumps(CALLS), headers={"content-type": kind} if kind else {})
    assert (answer.status_code, code(answer)) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_batch_is_refused_with_what_to_do(client: httpx.AsyncClient) -> None:
    answer = await post(client, [CALLS, CALLS])
    assert (answer.status_code, code(answer)) == (400, "BATCHING_NOT_SUPPORTED")
    assert "send several requests" in answer.json()["errors"][0]["message"]


async def test_what_nobody_can_give_is_not_acceptable(client: httpx.AsyncClient) -> None:
    answer = await post(client, CALLS, "image/png")
    assert (answer.status_code, code(answer)) == (406, "NOT_ACCEPTABLE")


async def test_head_tells_the_same_as_get_without_the_body(client: httpx.AsyncClient) -> None:
    address = {"query": QUERY, "variables": VARIABLES}
    got, headed = await client.get("/graphql", params=address), await client.head("/graphql", params=address)
    assert (headed.status_code, headed.content) == (200, b"")
    names = ("content-length", "content-type", "cache-control", "vary")
    assert [headed.headers[name] for name in names] == [got.headers[name] for name in names]


async def test_options_tell_what_can_be_done(client: httpx.AsyncClient) -> None:
    answer = await client.options("/graphql")
    assert (answer.status_code, answer.content) == (204, b"")
    assert (answer.headers["allow"], answer.headers["accept-post"]) == ("GET, HEAD, POST, OPTIONS", JSON)


async def test_a_subscription_needs_a_stream(client: httpx.AsyncClient, made: Runtime) -> None:
    answer = await post(client, FOLLOW)
    assert (answer.status_code, code(answer)) == (400, "BAD_REQUEST")
    assert "text/event-stream" in answer.json()["errors"][0]["message"]


async def test_documents_are_known_by_id_in_a_body_and_in_an_address(client: httpx.AsyncClient, made: Runtime, tmp_path: Path) -> None:
    made.persisted_queries = kept(tmp_path)
    rest = {"variables": VARIABLES}
    for answer in (
        await post(client, {"documentId": "1", "variables": CALLS["variables"]}),
        await client.get("/graphql", params={"documentId": "1", **rest}),
        await client.get("/graphql", params={"documentId": f"sha256:{sha256_hex(QUERY)}", **rest}),
        await client.get("/graphql", params={"extensions": by_digest(), **rest}),
    ):
        assert (answer.status_code, answer.json()) == (200, NEWEST)


def by_digest() -> str:
    return json.dumps({"persistedQuery": {"version": 1, "sha256Hash": sha256_hex(QUERY)}})


LONG = "x" * 20_000
ECHOED: dict[str, dict[str, object]] = {
    "a field": {"query": f"{{ {LONG} }}"},
    "an argument": {"query": f"{{ calls({LONG}: 1) {{ nodes {{ id }} }} }}"},
    "a text": {"query": f'{{ calls(first: "{LONG}") {{ nodes {{ id }} }} }}'},
    "a number": {"query": f"{{ calls(first: {'9' * 20_000}) {{ nodes {{ id }} }} }}"},
    "a syntax error": {"query": f'{{ calls "{LONG}" }}'},
    "a name": {"query": "{ __typename }", "operationName": LONG},
    "a key": {"query": "query ($f: CallFilter) { calls(filter: $f) { nodes { id } } }", "variables": {"f": {LONG: 1}}},
}


@pytest.mark.parametrize("body", ECHOED.values(), ids=ECHOED)
async def test_an_error_repeats_no_long_value(client: httpx.AsyncClient, body: dict[str, object]) -> None:
    answer = (await post(client, body)).json()
    assert {len(each["message"]) for each in answer["errors"]} == {1000}


async def test_a_slash_at_the_end_redirects_relatively(client: httpx.AsyncClient) -> None:
    for path, location in (
        ("/graphql/", "../graphql"),
        ("/graphql/?query=%7Ba%7D", "../graphql?query=%7Ba%7D"),
        ("/graphiql/", "../graphiql"),
    ):
        answer = await client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (307, location)
    assert (await client.post("/graphql/")).headers["location"] == "../graphql"
    assert (await client.get("/healthz/")).status_code == 404


async def test_only_a_valid_document_is_registered(client: httpx.AsyncClient) -> None:
    too_many = "{" + " ".join(f"a{number}: __typename" for number in range(1000)) + "}"
    for query in ("{ calls {", "{ calls { nodes { unheardOf } } }", too_many):
        digest = {"persistedQuery": {"version": 1, "sha256Hash": sha256_hex(query)}}
        refused = await post(client, {"query": query, "extensions": digest})
        unknown = await post(client, {"extensions": digest})
        assert refused.json().get("data") is None
        assert [each["extensions"]["code"] for each in unknown.json()["errors"]] == ["PERSISTED_QUERY_NOT_FOUND"]
    digest = {"persistedQuery": {"version": 1, "sha256Hash": sha256_hex("{ __typename }")}}
    answers = [await post(client, {"query": "{ __typename }", "extensions": digest}), await post(client, {"extensions": digest})]
    assert [each.json()["data"] for each in answers] == [{"__typename": "Query"}] * 2


def kept(folder: Path, max_age: int = 60) -> PersistedQueries:
    (folder / "manifest.json").write_text(json.dumps({"1": QUERY, "2": "{ calls { nodes { unheardOf } } }"}))
    return PersistedQueries(PersistedQuerySettings(manifest_file=str(folder / "manifest.json"), max_age=f"{max_age}s"))


@pytest.mark.parametrize(
    ("headers", "whose"),
    [({}, "public"), ({"authorization": "Bearer x"}, "private"), ({"x-api-key": "x"}, "private"), ({"cookie": "a=b"}, "private")],
    ids=str,
)
async def test_a_complete_answer_to_a_get_of_a_persisted_document_may_be_kept(
    client: httpx.AsyncClient, made: Runtime, tmp_path: Path, headers: dict[str, str], whose: str
) -> None:
    made.persisted_queries = kept(tmp_path)
    answer = await client.get("/graphql", params={"documentId": "1"}, headers=headers)
    assert answer.headers["cache-control"] == f"{whose}, max-age=60"


async def test_nothing_else_may_be_kept(client: httpx.AsyncClient, made: Runtime, tmp_path: Path) -> None:
    made.persisted_queries = kept(tmp_path)
    by_id = {"documentId": "1"}
    answers = [
        await post(client, by_id),
        await client.get("/graphql", params={"query": QUERY}),
        await client.get("/graphql", params={"documentId": "2"}),
        await client.get("/graphql", params={"documentId": "3"}),
    ]
    reporting(made).store.problems = [Unavailable("is down", provider="a").as_problem()]
    answers.append(await client.get("/graphql", params=by_id))
    reporting(made).store.failure = Unavailable("is down")
    answers.append(await client.get("/graphql", params={**by_id, "variables": '{"n": 2}'}))
    made.persisted_queries = kept(tmp_path, max_age=0)
    answers.append(await client.get("/graphql", params=by_id))
    assert [answer.headers["cache-control"] for answer in answers] == ["no-store"] * 7


def test_what_json_cannot_hold_the_fast_way_is_written_the_slow_way() -> None:
    assert encode_json({"a": 2**70, "b": "\ud800"}) == b'{"a":1180591620717411303424,"b":"\\ud800"}'
