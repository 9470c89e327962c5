"""Header numbers: read whole numbers of HTTP headers without trusting their length."""

# More than any file has bytes and any clock has seconds; int() of thousands of digits raises or takes long.
MAX_DIGITS = 18


def parse_count(text: str | None) -> int | None:
    """Return a whole number of at least 0; None if the text is none, or is longer than 18 digits."""
    text = (text or "").strip()
    return int(text) if len(text) <= MAX_DIGITS and text.isascii() and text.isdecimal() else None
