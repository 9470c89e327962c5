"""Line numbers of the keys of a TOML file, which tomllib does not tell."""

import re
from collections.abc import Mapping

HEADER = re.compile(r"\s*\[\[?\s*(?P<key>[^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
PART = re.compile(r"""\s*(?:"(?P<basic>[^"]*)"|'(?P<literal>[^']*)'|(?P<bare>[A-Za-z0-9_-]+))\s*(?P<end>[.=]|$)""")
# Opens and closes texts of several lines, in which nothing is a key.
QUOTES = re.compile('"""|' + "'''")

Key = tuple[str, ...]


def key_lines(text: str) -> Mapping[Key, int]:
    """Return the line, from 1 on, on which each key of a valid TOML file stands. A key within an inline table has none of its own."""
    lines: dict[Key, int] = {}
    table: Key = ()
    open_quotes = ""
    for number, line in enumerate(text.splitlines(), 1):
        is_within_text = bool(open_quotes)
        for quotes in QUOTES.findall(line):
            open_quotes = "" if open_quotes == quotes else open_quotes or quotes
        if is_within_text:
            continue
        if header := HEADER.match(line):
            table = _parts(header["key"])[0]
            _note(lines, table, number)
        else:
            key, is_assigned = _parts(line)
            if is_assigned:
                _note(lines, (*table, *key), number)
    return lines


def line_of(lines: Mapping[Key, int], key: Key) -> int | None:
    """Return the line of a key, else that of the nearest table around it; None if none is known."""
    return next((lines[key[:length]] for length in range(len(key), 0, -1) if key[:length] in lines), None)


def _note(lines: dict[Key, int], key: Key, number: int) -> None:
    for length in range(1, len(key) + 1):
        lines.setdefault(key[:length], number)


def _parts(text: str) -> tuple[Key, bool]:
    """Return the parts of a dotted key at the start of a text, and whether "=" follows it."""
    parts: list[str] = []
    position = 0
    while match := PART.match(text, position):
        parts.append(match["basic"] or match["literal"] or match["bare"] or "")
        position = match.end()
        if match["end"] != ".":
            return tuple(parts), match["end"] == "="
    return (), False
