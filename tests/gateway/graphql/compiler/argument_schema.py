"""Wishes: a small schema whose resolvers tell what they were called with, in all the ways in which arguments are written."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.scalars import JSON
from strawberry.types import Info


@strawberry.enum
class Colour(Enum):
    RED = "r"
    BLUE = strawberry.enum_value("b", name="AZURE")


@strawberry.input
class Size:
    width: int
    height: float | None = None
    unit: str = "cm"


@strawberry.input
class Wish:
    name: str | None = UNSET
    colours: list[Colour] | None = UNSET
    size: Size | None = UNSET
    sizes: list[Size | None] | None = UNSET
    grid: list[list[int]] | None = UNSET
    since: datetime | None = strawberry.field(default=UNSET, name="from")
    among: "Among | None" = UNSET


@strawberry.input
class Among:
    either: list[Wish] | None = UNSET
    count: Decimal | None = UNSET


@strawberry.input(one_of=True)
class One:
    left: strawberry.Maybe[int]
    right: strawberry.Maybe[str]


Told = Annotated[int | None, strawberry.argument(name="as")]


@strawberry.type
class Query:
    @strawberry.field
    async def plain(
        self,
        info: Info,
        count: int | None = UNSET,
        text: str | None = None,
        colour: Colour | None = Colour.RED,
        day: date | None = UNSET,
        told: Told = 7,
    ) -> str | None:
        return shown(info, count, text, colour, day, told)

    @strawberry.field
    async def needed(self, id: strawberry.ID, size: int, often: int = 3) -> str | None:
        return repr((id, size, often))

    @strawberry.field
    async def lists(self, ids: list[strawberry.ID] | None = UNSET, wishes: list[Wish] | None = None, grid: list[list[int]] = UNSET) -> str:
        return repr((ids, wishes, grid))

    @strawberry.field
    async def wished(self, which: Wish | None = UNSET, must: Size | None = None) -> str | None:
        return repr((which, must))

    @strawberry.field
    async def left(self, one: One | None = UNSET, any: JSON | None = UNSET) -> str | None:
        return repr((one, any))

    @strawberry.field
    async def failing(self, size: int) -> str | None:
        raise ValueError(f"no {size}")


def shown(info: Info, *given: Any) -> str:
    return f"{info.field_name} {info.path.as_list()} {info.variable_values} {given!r}"


@strawberry.type
class Changing:
    @strawberry.field
    async def grown(self, of: list[str]) -> int | None:
        of.append("more")
        return len(of)
