"""Text repair: replace what is broken in a text, so that one character never costs the whole answer."""

import re

REPLACEMENT = "\ufffd".encode()
JSON_REPLACEMENT = rb"\ufffd"
# Repairs beyond UTF-8 read a text several times; a longer one is refused instead.
MAX_REPAIRABLE = 2 * 1024 * 1024
# Group 1 is sound, group 2 half of a surrogate pair. Group 1 may be empty, so that every position matches and the time stays linear.
HALF_SURROGATE = re.compile(
    rb"((?:[^\\]++|\\[^u]|\\u(?![dD][89a-fA-F])|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})*+)"
    rb"(\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\?)",
    re.DOTALL,
)
JSON_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
CONTROL = re.compile(rb"[\x00-\x1f]")
SHORT_ESCAPES = {b"\t": rb"\t", b"\n": rb"\n", b"\r": rb"\r"}
# A reference by number, an ampersand that begins no reference XML knows, or a character that XML forbids.
XML_FAULT = re.compile(rb"&#(?:x([0-9a-fA-F]{1,8})|([0-9]{1,8}));|&(?!(?:amp|lt|gt|quot|apos);)|[\x00-\x08\x0b\x0c\x0e-\x1f]")


def repaired(body: bytes) -> bytes:
    """Return JSON or XML with its broken characters replaced; equal to `body` if there is nothing to repair or it is too long."""
    if len(body) > MAX_REPAIRABLE:
        return body
    if body.lstrip()[:1] == b"<":
        return XML_FAULT.sub(_xml_reference, body)
    if b"\\u" in body:
        body = HALF_SURROGATE.sub(_whole_characters, body)
    return JSON_STRING.sub(_escaped, body) if CONTROL.search(body) else body


def _whole_characters(match: re.Match[bytes]) -> bytes:
    return match[1] + (JSON_REPLACEMENT if len(match[2]) > 1 else match[2])


def _escaped(match: re.Match[bytes]) -> bytes:
    return CONTROL.sub(lambda found: SHORT_ESCAPES.get(found[0], JSON_REPLACEMENT), match[0])


def _xml_reference(match: re.Match[bytes]) -> bytes:
    digits = match[1] or match[2]
    if digits is None:
        return b"&amp;" if match[0] == b"&" else REPLACEMENT
    code = int(digits, 16 if match[1] else 10)
    is_character = code in (0x9, 0xA, 0xD) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
    return match[0] if is_character else REPLACEMENT
