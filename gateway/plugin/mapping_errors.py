"""Mapping errors: mistakes in a plugin's mapping, with the file, the line and the nearest right name."""

import sys
from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches
from types import FrameType

LIBRARY = "telegraphql.gateway.plugin."
# A shorter word is part of too many names.
LEAST_PART = 3


class MappingError(TypeError):
    """A mapping names something that does not exist, or gives a value of the wrong type. The message starts with the file and the line."""


def written_at() -> str:
    """Return the file and line of the plugin that is calling into this package."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and str(frame.f_globals.get("__name__", "")).startswith(LIBRARY):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame else "?"


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most like a wrong one: one that contains it, otherwise one that is spelled alike. None if there is none."""
    names = sorted(known)
    containing = [each for each in names if len(name) >= LEAST_PART and name in each]
    close = get_close_matches(name, names, n=1)
    alike = SequenceMatcher(None, name, close[0]).ratio() if close else 0.0
    # A slip of one letter is more like its name than a part is.
    return min(containing, key=len) if containing and alike < 0.85 else close[0] if close else None


def nearest(name: str, known: Iterable[str]) -> str:
    """Return advice that names the known word most like a wrong one, otherwise all of them."""
    names = sorted(known)
    found = nearest_name(name, names)
    return f"did you mean {found!r}?" if found else f"it has {', '.join(names) or 'none'}"


def fail(where: str, complaint: str) -> MappingError:
    """Return the error of a mistake at a line of a plugin."""
    return MappingError(f"{where}: {complaint}")
