"""Responses to requests that fail before GraphQL, as JSON with an error code."""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from telegraphql.gateway.http.request_headers import GRAPHQL, JSON, negotiate
from telegraphql.gateway.http.responses import JsonResponse, error_body
from telegraphql.gateway.telemetry.unexpected_errors import UNEXPECTED, log_unexpected

NOT_FOUND = "this path does not exist; the GraphQL endpoint is /graphql"


async def http_error_response(request: Request, error: Exception) -> Response:
    """Return the response for an HTTPException."""
    assert isinstance(error, HTTPException)
    message = NOT_FOUND if error.status_code == HTTPStatus.NOT_FOUND else error.detail
    response = _response(request, error.status_code, message, {"code": HTTPStatus(error.status_code).name})
    response.headers.update(error.headers or {})
    return response


async def unexpected_error_response(request: Request, error: Exception) -> Response:
    """Log an unexpected exception, and return a response with the id of the log line."""
    return _response(request, HTTPStatus.INTERNAL_SERVER_ERROR, UNEXPECTED, log_unexpected(error))


def _response(request: Request, status: int, message: str, extensions: Mapping[str, str]) -> Response:
    # Under /graphql a GraphQL response; elsewhere the form of the media routes' errors.
    if request.url.path.startswith("/graphql"):
        media_type = negotiate(request.headers.get("accept"), (JSON, GRAPHQL)) or JSON
        return JsonResponse(error_body(message, extensions), media_type, status)
    return JSONResponse({"error": {"message": message, **extensions}}, status)
