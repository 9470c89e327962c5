"""Content check: tell a file from JSON or HTML that came in its place with a good status."""

from collections.abc import Mapping

from telegraphql.gateway.upstream.header_numbers import parse_count

# A longer text is a file and no refusal.
MAX_REFUSAL_BYTES = 64 * 1024
# The formats in which upstreams refuse, whatever the status.
JSON, HTML = "application/json", "text/html"
# Says nothing about the content.
ANY = "application/octet-stream"


def is_instead(headers: Mapping[str, str], mime_type: str | None) -> bool:
    """Return True if JSON or HTML came where a file of another type was expected."""
    return _known(mime_type) not in (None, ANY, _refusal_format(headers)) and _refusal_format(headers) is not None


def may_be_instead(headers: Mapping[str, str], mime_type: str | None) -> bool:
    """Return True if a short text in JSON or HTML came and the file's type is unknown: then only the provider knows a refusal."""
    length = parse_count(headers.get("content-length"))
    is_short = length is not None and length <= MAX_REFUSAL_BYTES
    return is_short and _known(mime_type) in (None, ANY) and _refusal_format(headers) is not None


def _refusal_format(headers: Mapping[str, str]) -> str | None:
    """Return JSON or HTML, without suffix and parameters; None for any other content type."""
    mime_type = _known(headers.get("content-type"))
    if mime_type is not None and mime_type.endswith("+json"):
        return JSON
    return mime_type if mime_type in (JSON, HTML) else None


def _known(mime_type: str | None) -> str | None:
    return (mime_type or "").partition(";")[0].strip().lower() or None
