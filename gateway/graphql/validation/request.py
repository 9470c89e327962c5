"""A GraphQL request, parsed and checked. It is the same over every transport."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from telegraphql.gateway.errors import RequestError

T = TypeVar("T")
# The key of GraphQL over HTTP's draft on persisted documents, and those of Relay's examples.
DOCUMENT_ID_KEYS = ("documentId", "doc_id", "id")
EXAMPLES = 'send {"query": "…"}, or the id of a persisted query as {"documentId": "…"}'


class BadRequest(RequestError):
    """The request is not a GraphQL request."""

    code = "BAD_REQUEST"


class BatchRequest(BadRequest):
    """The request holds several operations."""

    code = "BATCHING_NOT_SUPPORTED"


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """A request for one operation. `digest` is the document's SHA-256 in hexadecimal digits (automatic persisted queries)."""

    query: str | None
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None
    document_id: str | None = None
    digest: str | None = None

    @classmethod
    def parse(cls, body: object) -> "GraphQLRequest":
        """Parse decoded JSON.

        Raises:
            BadRequest: The body is not a GraphQL request.
        """
        if isinstance(body, list):
            raise BatchRequest("batching is not supported: send several requests, or several root fields in one operation")
        if not isinstance(body, dict):
            raise BadRequest(f"a GraphQL request is a JSON object: {EXAMPLES}")
        extensions = _entry(body, "extensions", dict, "an object")
        request = cls(
            query=_entry(body, "query", str, "a string") or None,
            variables=_entry(body, "variables", dict, "an object"),
            operation_name=_entry(body, "operationName", str, "a string") or None,
            extensions=extensions,
            document_id=next((id for name in DOCUMENT_ID_KEYS if (id := _entry(body, name, str, "a string"))), None),
            digest=_digest(extensions) if extensions else None,
        )
        if request.query is None and request.document_id is None and request.digest is None:
            raise BadRequest(f"the request has no document: {EXAMPLES}")
        if request.query is not None and request.document_id is not None:
            raise BadRequest("send either a document or the id of one")
        return request


def _entry(body: Mapping[str, object], name: str, kind: type[T], expected: str) -> T | None:
    value = body.get(name)
    if value is None or isinstance(value, kind):
        return value
    raise BadRequest(f"{name} must be {expected} or null")


def _digest(extensions: Mapping[str, object]) -> str | None:
    entry = extensions.get("persistedQuery")
    if entry is None:
        return None
    if not isinstance(entry, dict) or entry.get("version") != 1 or not isinstance(entry.get("sha256Hash"), str):
        raise BadRequest('extensions.persistedQuery must be {"version": 1, "sha256Hash": "…"}')
    return str(entry["sha256Hash"]).lower()
