"""Refusals: what is wrong with a request before it is GraphQL, told as JSON with a code."""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from telegraphql.gateway.http.content_negotiation import GRAPHQL, JSON, negotiate
from telegraphql.gateway.http.responses import error_body, told
from telegraphql.gateway.telemetry.unexpected_errors import UNEXPECTED, log_unexpected

LOST = "there is nothing at this path; GraphQL is at /graphql"


async def http_error_response(request: Request, error: Exception) -> Response:
    """The answer to a request that no route takes, or that is none of GraphQL's."""
    assert isinstance(error, HTTPException)
    message = LOST if error.status_code == HTTPStatus.NOT_FOUND else error.detail
    answer = _told(request, error.status_code, message, {"code": HTTPStatus(error.status_code).name})
    answer.headers.update(error.headers or {})
    return answer


async def unexpected_error_response(request: Request, error: Exception) -> Response:
    """The answer where something broke; the log says what, under the id that the answer gives."""
    return _told(request, HTTPStatus.INTERNAL_SERVER_ERROR, UNEXPECTED, log_unexpected(error))


def _told(request: Request, status: int, message: str, extensions: Mapping[str, str]) -> Response:
    # Under /graphql the way GraphQL's clients read errors, elsewhere the way media's are told.
    if request.url.path.startswith("/graphql"):
        media_type = negotiate(request.headers.get("accept"), (JSON, GRAPHQL)) or JSON
        return told(error_body(message, extensions), media_type, status)
    return JSONResponse({"error": {"message": message, **extensions}}, status)
