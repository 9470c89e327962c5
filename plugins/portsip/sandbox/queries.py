"""Queries: the query options of a PBX, read as strictly as its manual words them."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from telegraphql.plugin import Row

TEXT, TIME, NUMBER = "text", "time", "number"
TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_]\w*)|(?P<sign>[(),]))")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "gt": lambda a, b: a is not None and a > b,
    "ge": lambda a, b: a is not None and a >= b,
    "lt": lambda a, b: a is not None and a < b,
    "le": lambda a, b: a is not None and a <= b,
}
FUNCTIONS: dict[str, Callable[[Any, Any], bool]] = {
    "startswith": lambda a, b: str(a).startswith(b),
    "endswith": lambda a, b: str(a).endswith(b),
    "contains": lambda a, b: b in str(a),
}


class QueryError(ValueError):
    """A query option that the PBX refuses."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One condition on one property; times are compared as microseconds since 1970."""

    name: str
    operator: str
    value: Any
    kind: str

    def holds(self, row: Row) -> bool:
        """Whether a row meets it."""
        found = row.get(self.name)
        if self.kind == TIME:
            found = micros(found) if found else None
        compare = OPERATORS.get(self.operator) or FUNCTIONS[self.operator]
        return compare(found, self.value)


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a list is asked for: alternatives of conditions that all must hold, an order, a slice."""

    alternatives: list[list[Comparison]]
    order: list[tuple[str, bool]]
    terms: list[str]
    top: int
    skip: int
    count: bool


def micros(text: str) -> int:
    """Microseconds since 1970 of an RFC 3339 text."""
    delta = datetime.fromisoformat(text).astimezone(UTC) - EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def read(params: Mapping[str, str], properties: Mapping[str, str]) -> ListQuery:
    """The query options of a list with these properties; QueryError says what is wrong."""
    return ListQuery(
        alternatives=_Parser(params["filter"], properties).alternatives() if params.get("filter") else [[]],
        order=list(_order(params.get("orderby", ""), properties)),
        terms=[term.strip() for term in params.get("search", "").split(" or ") if term.strip()],
        top=_whole(params.get("top", "100"), "top", 1, 100),
        skip=_whole(params.get("skip", "0"), "skip", 0, 2**31 - 1),
        count=_flag(params.get("count", "false")),
    )


def _whole(text: str, name: str, least: int, most: int) -> int:
    if not re.fullmatch(r"\d+", text) or not least <= int(text) <= most:
        raise QueryError(f"{name} must be from {least} to {most}")
    return int(text)


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise QueryError("count must be true or false")
    return text == "true"


def _order(text: str, properties: Mapping[str, str]) -> Iterator[tuple[str, bool]]:
    """Property names and whether each descends."""
    for part in text.split(",") if text else ():
        name, *way = part.split() if part.strip() else [""]
        if name not in properties or len(way) > 1 or (way and way[0] not in ("asc", "desc")):
            raise QueryError("orderby names an unknown property or direction")
        yield name, way == ["desc"]


class _Parser:
    """The subset of OData: `and` binds more closely than `or`; there are no parentheses except in functions."""

    def __init__(self, text: str, properties: Mapping[str, str]) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0
        self._properties = properties

    def alternatives(self) -> list[list[Comparison]]:
        found = [self._all()]
        while self._take("or"):
            found.append(self._all())
        if self._at != len(self._tokens):
            raise QueryError("filter cannot be read to its end")
        return found

    def _all(self) -> list[Comparison]:
        found = [self._one()]
        while self._take("and"):
            found.append(self._one())
        return found

    def _one(self) -> Comparison:
        word = self._next("word")
        if word in FUNCTIONS:
            self._expect("(")
            name = self._next("word")
            self._expect(",")
            value = self._value(name, only=TEXT)
            self._expect(")")
            return Comparison(name, word, value, TEXT)
        operator = self._next("word")
        if operator not in OPERATORS:
            raise QueryError("filter has an unknown operator")
        return Comparison(word, operator, self._value(word), self._properties[word])

    def _value(self, name: str, only: str | None = None) -> Any:
        kind = self._properties.get(name)
        if kind is None or (only and kind != only):
            raise QueryError("filter names an unknown property")
        token, text = self._tokens[self._at] if self._at < len(self._tokens) else ("", "")
        self._at += 1
        if token == "text":
            return _meant(text[1:-1].replace("''", "'"), kind)
        if token == "number" and kind == NUMBER:
            return float(text)
        raise QueryError("filter has a literal without quotes")

    def _take(self, word: str) -> bool:
        taken = self._at < len(self._tokens) and self._tokens[self._at] == ("word", word)
        self._at += taken
        return taken

    def _next(self, kind: str) -> str:
        if self._at >= len(self._tokens) or self._tokens[self._at][0] != kind:
            raise QueryError("filter is not an expression")
        self._at += 1
        return self._tokens[self._at - 1][1]

    def _expect(self, sign: str) -> None:
        if self._next("sign") != sign:
            raise QueryError("filter is not an expression")


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while text[at:].strip():
        found = TOKEN.match(text, at)
        if not found or found.lastgroup is None:
            raise QueryError("filter is not an expression")
        yield found.lastgroup, found[found.lastgroup]
        at = found.end()


def _meant(text: str, kind: str) -> Any:
    """A quoted literal as its property's type."""
    try:
        if kind == TIME:
            return micros(text) if text else None
        return float(text) if kind == NUMBER else text
    except ValueError:
        raise QueryError("filter has a literal of the wrong type") from None
