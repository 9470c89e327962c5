"""Answers: results of GraphQL as HTTP responses - their bytes, their status, and who may keep them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from graphql import GraphQLError
from starlette.responses import Response
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError

from telegraphql.gateway.errors import Overloaded
from telegraphql.gateway.http.content_negotiation import GRAPHQL, JSON
from telegraphql.schema.scalars import write_moment

# What an answer depends on besides its address.
VARY = "Accept, Authorization, X-API-Key"
NO_STORE = "no-store"
VARYING = (b"vary", VARY.encode())
CONTENT_TYPES = {JSON: (b"content-type", JSON.encode()), GRAPHQL: (b"content-type", f"{GRAPHQL}; charset=utf-8".encode())}


def encode_json(told: object) -> bytes:
    """JSON; what orjson cannot write, such as half a surrogate pair or a number beyond 64 bits, the slow way."""
    try:
        return orjson.dumps(told, option=orjson.OPT_UTC_Z)
    except TypeError:
        return json.dumps(told, separators=(",", ":"), default=write_moment).encode()


def result_body(result: ExecutionResult) -> dict[str, Any]:
    """A result as GraphQL's specification writes it: without data where nothing was executed."""
    told: dict[str, Any] = {}
    if result.errors:
        told["errors"] = [error.formatted for error in result.errors]
    if not is_request_error(result):
        told["data"] = result.data
    if result.extensions:
        told["extensions"] = result.extensions
    return told


def is_request_error(result: ExecutionResult) -> bool:
    """Whether the request itself was refused: its document, its variables, its limits."""
    if isinstance(result, PreExecutionError):
        return True
    return result.data is None and bool(result.errors) and all(error.path is None for error in result.errors or ())


def result_response(result: ExecutionResult, media_type: str, keeping: str = NO_STORE) -> Response:
    """The response for a result."""
    retry_after = retry_after_seconds(result) if result.errors else None
    if retry_after is not None:
        response = told(result_body(result), media_type, 503)
        response.headers["Retry-After"] = str(retry_after)
        return response
    return told(result_body(result), media_type, status_code(result, media_type), keeping)


def retry_after_seconds(result: ExecutionResult) -> int | None:
    """After how many seconds to try again, where too many operations were under way; None for any other result."""
    causes = (error.original_error for error in result.errors or () if error.path is None)
    return next((cause.retry_after for cause in causes if isinstance(cause, Overloaded)), None)


class RawResponse(Response):
    """A response whose bytes are there already."""

    def __init__(self, body: bytes, status: int, headers: Sequence[tuple[bytes, bytes]]) -> None:
        self.status_code, self.body, self.background = status, body, None
        self.raw_headers = [(b"content-length", b"%d" % len(body)), *headers]


def told(content: Mapping[str, Any], media_type: str, status: int = 200, keeping: str = NO_STORE) -> Response:
    """A response of GraphQL, kept by nobody unless it is said who may."""
    return RawResponse(encode_json(content), status, (CONTENT_TYPES[media_type], VARYING, (b"cache-control", keeping.encode())))


def status_code(result: ExecutionResult, media_type: str) -> int:
    """The status: under application/json 200 for every request that is well formed, else also what became of it."""
    if media_type != GRAPHQL or not is_request_error(result):
        return 200
    return 500 if any(_is_accident(error) for error in result.errors or ()) else 400


def _is_accident(error: GraphQLError) -> bool:
    return (error.extensions or {}).get("code") == "INTERNAL_SERVER_ERROR"


def error_body(message: str, extensions: Mapping[str, Any]) -> dict[str, Sequence[Mapping[str, Any]]]:
    """An answer that is one error."""
    return {"errors": [{"message": message, "extensions": extensions}]}
