"""Unexpected errors: logged under an id that the client receives too. Neither log nor client sees the exception's text."""

import logging
import secrets
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graphql import GraphQLError

from telegraphql.gateway.errors import ACCIDENT
from telegraphql.gateway.telemetry.request_context import CURRENT_REQUEST, ID_BYTES

log = logging.getLogger("telegraphql")
UNEXPECTED = "unexpected error; the log has its details under this id"
MAX_FRAMES = 40
MAX_PATH_LENGTH = 200


def log_unexpected(error: BaseException, path: str = "") -> dict[str, str]:
    """Log an unexpected exception and return the `extensions` of its GraphQL error. `path` is the path of the field."""
    request = CURRENT_REQUEST.get()
    id = request.id if request is not None and request.id else secrets.token_hex(ID_BYTES)
    fields = {"id": id, "error": describe_error(error)}
    log.error("unexpected %s%s", type(error).__name__, f" at {path[:MAX_PATH_LENGTH]}" if path else "", extra={"fields": fields})
    return {"code": ACCIDENT, "id": id}


def mask_error(error: GraphQLError) -> None:
    """Log an unexpected error, and replace its message and extensions."""
    error.extensions = log_unexpected(error.original_error or error, f"{error.path}")
    error.message, error.original_error = UNEXPECTED, None


def describe_error(error: BaseException) -> list[dict[str, Any]]:
    """Return the types and places of an exception and its causes. Their texts may contain secrets and are left out."""
    return [{"type": f"{type(each).__module__}.{type(each).__qualname__}", "frames": _frames(each)} for each in _chain(error)]


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)


def _frames(error: BaseException) -> list[str]:
    """Return the frames of an exception: file, line and function, without values."""
    frames = traceback.extract_tb(error.__traceback__)[-MAX_FRAMES:]
    return [f"{'/'.join(Path(frame.filename).parts[-3:])}:{frame.lineno} {frame.name}" for frame in frames]
