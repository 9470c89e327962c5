"""Refusals: what is wrong with a request before it is GraphQL, told as JSON with a code."""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

LOST = "there is nothing at this path; GraphQL is at /graphql"
UNEXPECTED = "something unexpected happened; it has been logged"


async def refused(request: Request, error: Exception) -> Response:
    """The answer to a request that no route takes, or that is none of GraphQL's."""
    assert isinstance(error, HTTPException)
    return _told(request, error.status_code, LOST if error.status_code == HTTPStatus.NOT_FOUND else error.detail, error.headers)


async def unexpected(request: Request, error: Exception) -> Response:
    """The answer where something broke; the server logs what."""
    return _told(request, HTTPStatus.INTERNAL_SERVER_ERROR, UNEXPECTED)


def _told(request: Request, status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    code = HTTPStatus(status).name
    # Under /graphql the way GraphQL's clients read errors, elsewhere the way media's are told.
    if request.url.path.startswith("/graphql"):
        return JSONResponse({"errors": [{"message": message, "extensions": {"code": code}}]}, status, headers)
    return JSONResponse({"error": {"message": message, "code": code}}, status, headers)
