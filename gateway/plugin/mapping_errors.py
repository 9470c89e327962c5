"""Mapping errors: mistakes in a plugin's mapping, with the file and the line."""

import sys
from types import FrameType

LIBRARY = "telegraphql.gateway.plugin."


class MappingError(TypeError):
    """A mapping names something that does not exist, or gives a value of the wrong type. The message starts with the file and the line."""


def written_at() -> str:
    """Return the file and line of the plugin that is calling into this package."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and str(frame.f_globals.get("__name__", "")).startswith(LIBRARY):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame else "?"


def fail(where: str, complaint: str) -> MappingError:
    """Return the error of a mistake at a line of a plugin."""
    return MappingError(f"{where}: {complaint}")
