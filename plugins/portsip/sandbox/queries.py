"""Parsing of the PBX's query options, as strictly as its manual describes them."""

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
    """One condition on one property. Times are compared as microseconds since 1970."""

    name: str
    operator: str
    value: Any
    kind: str

    def matches(self, row: Row) -> bool:
        """Return True if a row meets the condition."""
        value = row.get(self.name)
        if self.kind == TIME:
            value = parse_micros(value) if value else None
        compare = OPERATORS.get(self.operator) or FUNCTIONS[self.operator]
        return compare(value, self.value)


@dataclass(frozen=True, slots=True)
class ListQuery:
    """The query options of a list: alternatives of conditions that must all be met, an order and a page."""

    alternatives: list[list[Comparison]]
    order: list[tuple[str, bool]]
    terms: list[str]
    top: int
    skip: int
    count: bool


def parse_micros(text: str) -> int:
    """Return the microseconds since 1970 of an RFC 3339 time."""
    delta = datetime.fromisoformat(text).astimezone(UTC) - EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def parse_query(params: Mapping[str, str], properties: Mapping[str, str]) -> ListQuery:
    """Return the query options for a list with these properties.

    Raises:
        QueryError: an option is not valid.
    """
    return ListQuery(
        alternatives=_Parser(params["filter"], properties).alternatives() if params.get("filter") else [[]],
        order=list(_parse_order(params.get("orderby", ""), properties)),
        terms=[term.strip() for term in params.get("search", "").split(" or ") if term.strip()],
        top=_parse_integer(params.get("top", "100"), "top", 1, 100),
        skip=_parse_integer(params.get("skip", "0"), "skip", 0, 2**31 - 1),
        count=_parse_flag(params.get("count", "false")),
    )


def _parse_integer(text: str, name: str, minimum: int, maximum: int) -> int:
    if not re.fullmatch(r"\d+", text) or not minimum <= int(text) <= maximum:
        raise QueryError(f"{name} must be from {minimum} to {maximum}")
    return int(text)


def _parse_flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise QueryError("count must be true or false")
    return text == "true"


def _parse_order(text: str, properties: Mapping[str, str]) -> Iterator[tuple[str, bool]]:
    """Return property names, each with True if its order is descending."""
    for part in text.split(",") if text else ():
        name, *direction = part.split() if part.strip() else [""]
        if name not in properties or len(direction) > 1 or (direction and direction[0] not in ("asc", "desc")):
            raise QueryError("orderby names an unknown property or direction")
        yield name, direction == ["desc"]


class _Parser:
    """Parses the subset of OData. `and` binds more closely than `or`; parentheses are only allowed in functions."""

    def __init__(self, text: str, properties: Mapping[str, str]) -> None:
        self._tokens = list(tokenize(text))
        self._position = 0
        self._properties = properties

    def alternatives(self) -> list[list[Comparison]]:
        groups = [self._conjunction()]
        while self._take("or"):
            groups.append(self._conjunction())
        if self._position != len(self._tokens):
            raise QueryError("filter has unexpected text at its end")
        return groups

    def _conjunction(self) -> list[Comparison]:
        terms = [self._comparison()]
        while self._take("and"):
            terms.append(self._comparison())
        return terms

    def _comparison(self) -> Comparison:
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
        token, text = self._tokens[self._position] if self._position < len(self._tokens) else ("", "")
        self._position += 1
        if token == "text":
            return _parse_literal(text[1:-1].replace("''", "'"), kind)
        if token == "number" and kind == NUMBER:
            return float(text)
        raise QueryError("filter has a literal without quotes")

    def _take(self, word: str) -> bool:
        taken = self._position < len(self._tokens) and self._tokens[self._position] == ("word", word)
        self._position += taken
        return taken

    def _next(self, kind: str) -> str:
        if self._position >= len(self._tokens) or self._tokens[self._position][0] != kind:
            raise QueryError("filter is not an expression")
        self._position += 1
        return self._tokens[self._position - 1][1]

    def _expect(self, sign: str) -> None:
        if self._next("sign") != sign:
            raise QueryError("filter is not an expression")


def tokenize(text: str) -> Iterator[tuple[str, str]]:
    """Yield the kinds and texts of the tokens of a filter."""
    position = 0
    while text[position:].strip():
        match = TOKEN.match(text, position)
        if not match or match.lastgroup is None:
            raise QueryError("filter is not an expression")
        yield match.lastgroup, match[match.lastgroup]
        position = match.end()


def _parse_literal(text: str, kind: str) -> Any:
    """Return a quoted literal as a value of its property's type."""
    try:
        if kind == TIME:
            return parse_micros(text) if text else None
        return float(text) if kind == NUMBER else text
    except ValueError:
        raise QueryError("filter has a literal of the wrong type") from None
