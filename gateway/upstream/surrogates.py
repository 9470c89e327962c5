"""Surrogates: characters that an upstream cut in half, so that no decoder takes the whole answer for one text in it."""

import re

# In JSON: an escaped character that is whole, one that is half, any other escape (so that a backslash itself is not taken for one).
ESCAPE = re.compile(rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL)
REPLACEMENT = rb"\ufffd"


def mended(body: bytes) -> bytes:
    """The body with U+FFFD in the place of half characters."""
    return ESCAPE.sub(lambda found: REPLACEMENT if found[1] else found[0], body)
