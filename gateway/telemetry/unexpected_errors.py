"""Accidents: what nobody foresaw is logged under an id that the client gets too, and told without a word of what it says."""

import logging
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graphql import GraphQLError

from telegraphql.gateway.errors import ACCIDENT
from telegraphql.gateway.telemetry.request_context import current_request, new_request_id

log = logging.getLogger("telegraphql")
UNEXPECTED = "something unexpected happened; it has been logged under this id"
MOST_FRAMES = 40


def log_unexpected(error: BaseException, where: str = "") -> dict[str, str]:
    """Log an exception that should not be, and give the `extensions` by which the client can name it."""
    running = current_request()
    id = running.id if running is not None and running.id else new_request_id()
    fields = {"id": id, "error": describe_error(error)}
    log.error("unexpected %s%s", type(error).__name__, f" at {where[:200]}" if where else "", extra={"fields": fields})
    return {"code": ACCIDENT, "id": id}


def mask_error(error: GraphQLError) -> None:
    """Keep to ourselves what an error says, and tell its id."""
    error.extensions = log_unexpected(error.original_error or error, f"{error.path}")
    error.message, error.original_error = UNEXPECTED, None


def describe_error(error: BaseException) -> list[dict[str, Any]]:
    """The exceptions that led to each other, the last one first: types and places. Their texts may hold secrets, and are left out."""
    return [{"type": f"{type(each).__module__}.{type(each).__qualname__}", "frames": _frames(each)} for each in _chain(error)]


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)


def _frames(error: BaseException) -> list[str]:
    """Where it went through: file, line and function; never a value."""
    frames = traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]
    return [f"{'/'.join(Path(frame.filename).parts[-3:])}:{frame.lineno} {frame.name}" for frame in frames]
