"""Irregular: values that no field can hold, objects that are not quite what they seem, and the failures of upstreams."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import strawberry
from graphql import Undefined

from telegraphql.gateway.errors import Malformed, Unavailable, Unsupported
from telegraphql.schema.call import Call
from telegraphql.schema.enums import TimeOrder


class Odd:
    """Something with words of its own."""

    def __repr__(self) -> str:
        return "<odd>"


class Waiting:
    """Something that can be awaited, as often as one likes."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __await__(self) -> Iterator[Any]:
        yield from asyncio.sleep(0).__await__()
        if isinstance(self.value, Exception):
            raise self.value
        return self.value

    def __repr__(self) -> str:
        return "<waiting>"


class Once:
    """Two items, to be taken once."""

    def __init__(self) -> None:
        self.items = [1, 2]

    def __iter__(self) -> "Once":
        return self

    def __next__(self) -> int:
        if not self.items:
            raise StopIteration
        return self.items.pop()

    def __repr__(self) -> str:
        return f"<once {self.items}>"


class Text(str):
    """Text, but not quite."""


class Number(int):
    """A number, but not quite."""


class OddCall(Call):
    """A call, but not quite."""


WRONG: tuple[Callable[[], Any], ...] = (
    lambda: None,
    lambda: "text",
    lambda: "INBOUND",
    lambda: 7,
    lambda: 2**31 - 1,
    lambda: 2**31,
    lambda: -(2**31) - 1,
    lambda: 2**40,
    lambda: 3.0,
    lambda: 3.5,
    lambda: float("nan"),
    lambda: float("inf"),
    lambda: True,
    list,
    dict,
    lambda: {"number": "1", "name": 2},
    lambda: [None],
    lambda: ["text", 7],
    lambda: (1, 2),
    lambda: Once(),
    lambda: b"bytes",
    lambda: Odd(),
    lambda: Text("text"),
    lambda: Number(7),
    lambda: ValueError("as a value"),
    lambda: Unavailable("as a value", provider="a"),
    lambda: Undefined,
    lambda: strawberry.UNSET,
    lambda: Decimal("NaN"),
    lambda: Decimal("1e99"),
    lambda: datetime(2024, 3, 1),
    lambda: date(2024, 3, 1),
    lambda: TimeOrder.NEWEST_FIRST,
    lambda: Waiting("text"),
    lambda: Waiting(7),
    lambda: Waiting(None),
    lambda: Waiting(ValueError("waited for")),
)
FAILURES: tuple[Callable[[], Exception], ...] = (
    lambda: Unavailable("is down", provider="a"),
    lambda: Malformed("sent nonsense", provider="b", retry_after=3),
    lambda: Unsupported("cannot", provider="a"),
    lambda: ValueError("unforeseen"),
    lambda: KeyError("missing"),
)
