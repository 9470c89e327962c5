"""HTTP responses of GraphQL results: body, status and Cache-Control."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from graphql import GraphQLError
from starlette.responses import Response
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError

from telegraphql.gateway.errors import ACCIDENT, Overloaded
from telegraphql.gateway.graphql.error_codes import shortened
from telegraphql.gateway.http.request_headers import GRAPHQL, JSON
from telegraphql.schema.scalars import write_moment

# The headers that a response depends on.
VARY = "Accept, Authorization, X-API-Key"
NO_STORE = "no-store"
VARY_HEADER = (b"vary", VARY.encode())
CONTENT_TYPE_HEADERS = {JSON: (b"content-type", JSON.encode()), GRAPHQL: (b"content-type", f"{GRAPHQL}; charset=utf-8".encode())}


# All moments are written with the same number of digits.
MOMENTS = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS


def encode_json(value: object) -> bytes:
    """Encode a value as JSON. Values that orjson refuses, such as lone surrogates and integers beyond 64 bits, are encoded by `json`."""
    try:
        return orjson.dumps(value, option=MOMENTS)
    except TypeError:
        return json.dumps(value, separators=(",", ":"), default=write_moment).encode()


def result_body(result: ExecutionResult) -> dict[str, Any]:
    """Return a result as a GraphQL response. After a request error it has no `data` (GraphQL specification, section 7.1)."""
    body: dict[str, Any] = {}
    if result.errors:
        body["errors"] = [error.formatted for error in result.errors]
    if not result.errors or not is_request_error(result):
        body["data"] = result.data
    if result.extensions:
        body["extensions"] = result.extensions
    return body


def is_request_error(result: ExecutionResult) -> bool:
    """Return True if the operation was not executed: its document, variables or size were refused."""
    if isinstance(result, PreExecutionError):
        return True
    return result.data is None and bool(result.errors) and all(error.path is None for error in result.errors or ())


def result_response(result: ExecutionResult, media_type: str, cache_control: str = NO_STORE) -> Response:
    """Return the response for a result."""
    retry_after = retry_after_seconds(result) if result.errors else None
    if retry_after is not None:
        response = JsonResponse(result_body(result), media_type, 503)
        response.headers["Retry-After"] = str(retry_after)
        return response
    return JsonResponse(result_body(result), media_type, status_code(result, media_type) if result.errors else 200, cache_control)


def retry_after_seconds(result: ExecutionResult) -> int | None:
    """Return the seconds after which to retry, if the gateway was overloaded; else None."""
    causes = (error.original_error for error in result.errors or () if error.path is None)
    return next((cause.retry_after for cause in causes if isinstance(cause, Overloaded)), None)


class JsonResponse(Response):
    """A response with a JSON body. Its headers are written as they are sent."""

    def __init__(self, content: Mapping[str, Any], media_type: str, status: int = 200, cache_control: str = NO_STORE) -> None:
        self.status_code, self.body, self.background = status, encode_json(content), None
        length = (b"content-length", b"%d" % len(self.body))
        self.raw_headers = [length, CONTENT_TYPE_HEADERS[media_type], VARY_HEADER, (b"cache-control", cache_control.encode())]


def status_code(result: ExecutionResult, media_type: str) -> int:
    """Return the HTTP status of a result: with application/json 200 for every well-formed request (GraphQL over HTTP, section 6.4)."""
    if media_type != GRAPHQL or not is_request_error(result):
        return 200
    return 500 if any(_is_unexpected(error) for error in result.errors or ()) else 400


def _is_unexpected(error: GraphQLError) -> bool:
    return (error.extensions or {}).get("code") == ACCIDENT


def error_body(message: str, extensions: Mapping[str, Any]) -> dict[str, Sequence[Mapping[str, Any]]]:
    """Return a GraphQL response with one error."""
    return {"errors": [{"message": shortened(message), "extensions": extensions}]}
