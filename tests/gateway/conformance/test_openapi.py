"""OpenAPI documents: what of a request or an answer is not as the document says."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from telegraphql.gateway.conformance.openapi import OpenApiDocument

DOCUMENT = """
openapi: 3.0.3
info: {title: Acme, version: "1"}
servers: [{url: "https://{region}.acme.example/v1"}]
security: [{basic: []}]
paths:
  /calls:
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer, maximum: 100}}
        - {name: from, in: query, required: true, schema: {type: string, format: phone-number}}
      responses:
        "200": {description: "", content: {application/json: {schema: {$ref: "#/components/schemas/Page"}}}}
components:
  securitySchemes: {basic: {type: http, scheme: basic}}
  schemas:
    Page: {type: object, properties: {data: {type: array, items: {$ref: "#/components/schemas/Whole"}}}}
    Whole: {allOf: [{$ref: "#/components/schemas/Row"}, {properties: {b: {type: integer}}}]}
    Row: {type: object, required: [id], properties: {id: {type: string, nullable: true}, more: {type: object}}}
"""
GOOD = {"data": [{"id": "c1", "b": 1, "more": {"any": 1}}, {"id": None}]}


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> OpenApiDocument:
    file = tmp_path_factory.mktemp("document") / "acme.yaml"
    file.write_text(DOCUMENT)
    return OpenApiDocument(file)


@pytest.mark.parametrize("base", ["/v1", "/api/v3"])
@pytest.mark.parametrize(
    ("query", "answer", "mistakes"),
    [
        ("/calls?from=1&limit=5", GOOD, []),
        ("/messages", GOOD, ["it is not in acme.yaml"]),
        ("/calls?limit=5", GOOD, ["request: Missing required query parameter: from"]),
        ("/calls?from=1&limit=500", GOOD, ["request: Invalid query parameter: limit: 500 is greater than the maximum of 100"]),
        ("/calls?from=1&offset=5&sort=id", GOOD, [f"request: acme.yaml has no parameter `{name}` of it" for name in ("offset", "sort")]),
        ("/calls?from=1", {"data": [{"id": 7}]}, ["answer 200 of the sandbox: `data.0.id`: 7 is not of type 'string'"]),
        ("/calls?from=1", {"data": [{"b": 1}]}, ["answer 200 of the sandbox: `data.0`: 'id' is a required property"]),
        ("/calls?from=1", {"data": [], "total": 1}, ["Additional properties are not allowed ('total' was unexpected)"]),
    ],
)
def test_what_differs_is_told(document: OpenApiDocument, base: str, query: str, answer: Any, mistakes: list[str]) -> None:
    request = httpx.Request("GET", f"http://127.0.0.1:9{base}{query}", headers={"authorization": "Basic eDp5"})
    found = list(document.mistakes(request, httpx.Response(200, json=answer), base))
    assert len(found) == len(mistakes)
    assert all(text.endswith(mistake) for text, mistake in zip(found, mistakes, strict=True)), found


def test_a_request_without_the_documented_credentials_differs(document: OpenApiDocument) -> None:
    request = httpx.Request("GET", "http://127.0.0.1:9/v1/calls?from=1")
    (mistake,) = document.mistakes(request, httpx.Response(200, json=GOOD), "/v1")
    assert "Security not found" in mistake


@pytest.mark.parametrize("text", ["{}", "[]", '{"swagger": "2.0", "paths": {}}'])
def test_a_file_that_is_no_document_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "acme.json"
    file.write_text(text)
    with pytest.raises(ValueError, match=r"^acme.json is no OpenAPI document"):
        OpenApiDocument(file)
