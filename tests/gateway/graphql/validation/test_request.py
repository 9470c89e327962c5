"""What clients send for one operation, and what is refused before anything is looked at."""

from typing import Any

import pytest

from telegraphql.gateway.graphql.validation.request import BadRequest, GraphQLRequest

QUERY = "{ calls { nodes { id } } }"
DIGEST = "AB" * 32


def test_all_parameters_are_taken() -> None:
    given = {"query": QUERY, "variables": {"n": 1}, "operationName": "one", "extensions": {"x": 1}, "unheardOf": 5}
    assert GraphQLRequest.parse(given) == GraphQLRequest(QUERY, {"n": 1}, "one", {"x": 1})


def test_null_and_empty_text_are_as_if_not_sent() -> None:
    given = {"query": QUERY, "variables": None, "operationName": "", "extensions": None, "documentId": None}
    assert GraphQLRequest.parse(given) == GraphQLRequest(QUERY)


@pytest.mark.parametrize("name", ["documentId", "doc_id", "id"])
def test_a_document_is_named_as_the_specification_or_relay_name_it(name: str) -> None:
    assert GraphQLRequest.parse({name: "sha256:1"}).document_id == "sha256:1"
    assert GraphQLRequest.parse({"query": "", name: "1"}) == GraphQLRequest(None, document_id="1")


def test_apollos_digest_is_read_in_any_case() -> None:
    assert GraphQLRequest.parse({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": DIGEST}}}).digest == DIGEST.lower()


WRONG: list[tuple[Any, str]] = [
    ([], "BATCHING_NOT_SUPPORTED"),
    ([{"query": QUERY}], "BATCHING_NOT_SUPPORTED"),
    *((each, "BAD_REQUEST") for each in (None, 5, "text", True, {}, {"query": ""}, {"qeury": QUERY})),
    *(({"query": each}, "BAD_REQUEST") for each in (0, False, {"a": 1}, ["a"])),
    *(({"query": QUERY, name: each}, "BAD_REQUEST") for name in ("variables", "extensions") for each in ("text", 0, False, ["a"])),
    *(({"query": QUERY, "operationName": each}, "BAD_REQUEST") for each in (0, False, {"a": 1}, ["a"])),
    ({"documentId": 5}, "BAD_REQUEST"),
    ({"query": QUERY, "documentId": "1"}, "BAD_REQUEST"),
    *(
        ({"query": QUERY, "extensions": {"persistedQuery": each}}, "BAD_REQUEST")
        for each in (5, {}, {"version": 2, "sha256Hash": DIGEST}, {"version": 1, "sha256Hash": 7})
    ),
]


@pytest.mark.parametrize(("given", "code"), WRONG, ids=str)
def test_what_is_no_request_of_graphql_is_refused_with_a_code(given: Any, code: str) -> None:
    with pytest.raises(BadRequest) as caught:
        GraphQLRequest.parse(given)
    assert caught.value.extensions == {"code": code}
