"""GraphQLRequest: what a client sends for one operation, checked; the same over every transport."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from telegraphql.gateway.errors import RequestError

T = TypeVar("T")
# GraphQL over HTTP's own word, and those of Relay's examples.
DOCUMENT_ID_KEYS = ("documentId", "doc_id", "id")
NOTHING = 'send {"query": "…"}, or the id of a persisted document as {"documentId": "…"}'


class BadRequest(RequestError):
    """What was sent is no request of GraphQL."""

    code = "BAD_REQUEST"


class BatchRequest(BadRequest):
    """Several requests in one."""

    code = "BATCHING_NOT_SUPPORTED"


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """One operation. `digest` is what Apollo's clients send for a document: its SHA-256 in hexadecimal digits."""

    query: str | None
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None
    document_id: str | None = None
    digest: str | None = None

    @classmethod
    def of(cls, given: object) -> "GraphQLRequest":
        """From decoded JSON; BadRequest says what is wrong with it."""
        if isinstance(given, list):
            raise BatchRequest("one request holds one operation here; send several requests, or several root fields in one operation")
        if not isinstance(given, dict):
            raise BadRequest(f"a request of GraphQL is a JSON object: {NOTHING}")
        extensions = _of(given, "extensions", dict, "an object")
        asked = cls(
            query=_of(given, "query", str, "text") or None,
            variables=_of(given, "variables", dict, "an object"),
            operation_name=_of(given, "operationName", str, "text") or None,
            extensions=extensions,
            document_id=next((text for name in DOCUMENT_ID_KEYS if (text := _of(given, name, str, "text"))), None),
            digest=_digest(extensions or {}),
        )
        asked._check()
        return asked

    def _check(self) -> None:
        if self.query is None and self.document_id is None and self.digest is None:
            raise BadRequest(f"the request names no document: {NOTHING}")
        if self.query is not None and self.document_id is not None:
            raise BadRequest("send a document or the id of one, not both")


def _of(given: Mapping[str, object], name: str, kind: type[T], told: str) -> T | None:
    value = given.get(name)
    if value is None or isinstance(value, kind):
        return value
    raise BadRequest(f"{name} must be {told}, or null")


def _digest(extensions: Mapping[str, object]) -> str | None:
    told = extensions.get("persistedQuery")
    if told is None:
        return None
    if not isinstance(told, dict) or told.get("version") != 1 or not isinstance(told.get("sha256Hash"), str):
        raise BadRequest('extensions.persistedQuery must be {"version": 1, "sha256Hash": "…"}')
    return str(told["sha256Hash"]).lower()
