"""Instead: whether an answer with a good status is the file that was asked for, or words that came in its place."""

from collections.abc import Mapping

MOST_WORDS = 64 * 1024
# What upstreams refuse in, good status or not.
JSON, HTML = "application/json", "text/html"
# Says nothing of what is inside.
ANY = "application/octet-stream"


def is_instead(headers: Mapping[str, str], mime_type: str | None) -> bool:
    """Whether JSON or HTML came where a file of another type is known to be."""
    return _known(mime_type) not in (None, ANY, _told_in(headers)) and _told_in(headers) is not None


def may_be_instead(headers: Mapping[str, str], mime_type: str | None) -> bool:
    """Whether short words in JSON or HTML came where nothing is known of the file: only the provider can tell a refusal from it."""
    length = headers.get("content-length", "")
    short = length.isascii() and length.isdecimal() and int(length) <= MOST_WORDS
    return short and _known(mime_type) in (None, ANY) and _told_in(headers) is not None


def _told_in(headers: Mapping[str, str]) -> str | None:
    """JSON or HTML, whatever its suffix or parameters; None where it is anything else."""
    found = _known(headers.get("content-type"))
    if found is not None and found.endswith("+json"):
        return JSON
    return found if found in (JSON, HTML) else None


def _known(mime_type: str | None) -> str | None:
    return (mime_type or "").partition(";")[0].strip().lower() or None
