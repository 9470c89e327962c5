"""Nearest names: advice for a name that does not exist."""

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches

# A shorter word is part of too many names.
LEAST_PART = 3
# A slip of one letter is more like its name than a part is.
SLIP = 0.85


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most like a wrong one: one that contains it, otherwise one that is spelled alike. None if there is none."""
    names = sorted(known)
    containing = [each for each in names if len(name) >= LEAST_PART and name in each]
    close = get_close_matches(name, names, n=1)
    is_slip = bool(close) and SequenceMatcher(None, name, close[0]).ratio() >= SLIP
    if containing and not is_slip:
        return min(containing, key=len)
    return close[0] if close else None


def nearest(name: str, known: Iterable[str]) -> str:
    """Return advice that names the known word most like a wrong one, otherwise all of them."""
    names = sorted(known)
    found = nearest_name(name, names)
    return f"did you mean {found!r}?" if found else f"it has {', '.join(names) or 'none'}"
