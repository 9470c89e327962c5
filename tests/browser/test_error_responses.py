"""Whatever the server refuses it refuses in JSON with a code, so that a page or a client can say why."""

from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.slow

QUERY = {"query": "{ providers { name } }"}
JSON = {"content-type": "application/json"}

PATHS = [
    ("GET", "/graphql/x", 404, "NOT_FOUND"),
    ("POST", "/graphql/x", 404, "NOT_FOUND"),
    ("POST", "/graphqls", 404, "NOT_FOUND"),
    ("PUT", "/graphql", 405, "METHOD_NOT_ALLOWED"),
    ("DELETE", "/graphql", 405, "METHOD_NOT_ALLOWED"),
    ("GET", "/nothing", 404, "NOT_FOUND"),
    ("GET", "/graphiql/assets/nothing.js", 404, "NOT_FOUND"),
    ("POST", "/graphiql", 405, "METHOD_NOT_ALLOWED"),
    ("GET", "/media/", 404, "NOT_FOUND"),
    ("GET", "/media/nothing", 403, "BAD_TOKEN"),
    ("POST", "/media/nothing", 405, "METHOD_NOT_ALLOWED"),
    ("POST", "/healthz", 405, "METHOD_NOT_ALLOWED"),
]
BODIES = ["", "{", "5", "null", '"{ providers { name } }"', "{}", '{"query": 5}', '{"query": "{ a }", "variables": 5}']
NOT_TEXT = [b"\xff\xfe", b'{"query": "\xff"}', b"[" * 100_000]


def told(answer: httpx.Response) -> tuple[int, str, Any]:
    """Status, media type and code; GraphQL's clients read a list of errors."""
    body = answer.json()
    if "errors" not in body:
        assert body["error"]["message"]
        return answer.status_code, answer.headers["content-type"], body["error"]["code"]
    (error,) = body["errors"]
    assert error["message"]
    return answer.status_code, answer.headers["content-type"], error["extensions"]["code"]


@pytest.mark.parametrize(("method", "path", "status", "code"), PATHS)
def test_a_wrong_path_or_method_is_refused_in_json(origin: str, method: str, path: str, status: int, code: str) -> None:
    answer = httpx.request(method, f"{origin}{path}")
    assert told(answer) == (status, "application/json", code)
    assert ("errors" in answer.json()) is path.startswith("/graphql")
    assert ("allow" in answer.headers) is (status == 405)


@pytest.mark.parametrize("body", [*BODIES, *NOT_TEXT], ids=lambda body: str(body)[:30])
def test_a_body_that_is_no_request_of_graphql_is_refused_in_json(origin: str, body: str | bytes) -> None:
    answer = httpx.post(f"{origin}/graphql", content=body, headers=JSON)
    assert told(answer) == (400, "application/json", "BAD_REQUEST")


def test_a_form_is_refused_in_json(origin: str) -> None:
    assert told(httpx.post(f"{origin}/graphql", data=QUERY)) == (415, "application/json", "UNSUPPORTED_MEDIA_TYPE")


def test_a_batch_is_refused_in_json(origin: str) -> None:
    assert told(httpx.post(f"{origin}/graphql", json=[QUERY])) == (400, "application/json", "BATCHING_NOT_SUPPORTED")


def test_a_mutation_over_get_is_refused_in_json(origin: str) -> None:
    query = {"query": "mutation { deleteRecordings(input: {ids: []}) { succeededIds } }"}
    answer = httpx.get(f"{origin}/graphql", params=query, headers={"accept": "application/json"})
    assert told(answer) == (405, "application/json", "METHOD_NOT_ALLOWED")


def test_variables_that_are_null_are_none(origin: str) -> None:
    answer = httpx.get(f"{origin}/graphql", params={**QUERY, "variables": "null"}, headers={"accept": "application/json"})
    assert (answer.status_code, "errors" in answer.json()) == (200, False)
