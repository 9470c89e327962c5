"""Toys: a small schema with everything that compiled code must not take for granted."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Any

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.permission import BasePermission
from strawberry.types import Info

from telegraphql.schema.fields import ResolverPromise, promising


class Allowed(BasePermission):
    message = "not for you"

    def has_permission(self, source: Any, info: Info, **_: Any) -> bool:
        return bool(info.context.allowed)


class Shouting(FieldExtension):
    def resolve(self, next_: Callable[..., Any], source: Any, info: Info, **arguments: Any) -> Any:
        return f"{next_(source, info, **arguments)}!"


@strawberry.enum
class Colour(Enum):
    RED = "r"
    BLUE = strawberry.enum_value("b", name="AZURE")


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Wheel:
    size: float


@strawberry.type
class Toy(Named):
    colour: Colour = Colour.BLUE
    weight: float | None = 1.5
    grid: list[list[int]] = strawberry.field(default_factory=lambda: [[1], [], [2, 3]])
    wheels: list[Wheel | None] = strawberry.field(default_factory=lambda: [Wheel(size=1.0), None])
    secret: str | None = strawberry.field(default="s", permission_classes=[Allowed])
    loud: str = strawberry.field(default="hey", extensions=[Shouting()])

    @strawberry.field
    def counted(self, info: Info) -> int | None:
        return info.context.count("counted")

    @strawberry.field
    async def slowly(self, info: Info) -> int | None:
        return info.context.count("slowly")

    @strawberry.field
    def scaled(self, by: int = 2) -> int | None:
        return by * len(self.name)

    @strawberry.field
    def must(self, info: Info) -> int:
        return info.context.count("must")

    @strawberry.field
    @promising(ResolverPromise.AT_ONCE)
    def initial(self) -> str:
        return self.name[0]

    @strawberry.field
    @promising(ResolverPromise.AT_ONCE)
    async def soon(self, info: Info) -> int | None:
        if info.context.late:
            await asyncio.sleep(0)
        return 1

    @strawberry.field
    @promising(ResolverPromise.TOGETHER)
    async def friends(self, info: Info) -> "list[Toy] | None":
        return await info.context.related(self, info)  # type: ignore[no-any-return]

    @strawberry.field
    async def friend(self, info: Info) -> "Toy | None":
        return Toy(name=f"{self.name}s friend")


@strawberry.type
class Doll(Named):
    hair: str | None = None


Any_ = Annotated[Toy | Doll, strawberry.union("Any_")]


@dataclass
class Shelf:
    """The context: what is on the shelf, and how often each was asked."""

    toys: list[Any] = field(default_factory=lambda: [Toy(name="ball"), Toy(name="car")])
    allowed: bool = True
    asked: dict[str, int] = field(default_factory=dict)
    parents: list[list[str]] = field(default_factory=list)
    failing: dict[str, Exception] = field(default_factory=dict)
    failure: Exception | None = None
    late: bool = False

    def count(self, name: str) -> int:
        self.asked[name] = self.asked.get(name, 0) + 1
        return self.asked[name]

    async def related(self, toy: Toy, info: Info) -> Any:
        (found,) = await self.related_all([toy], info)
        if isinstance(found, Exception):
            raise found
        return found

    async def related_all(self, toys: list[Toy], info: Info) -> list[Any]:
        self.parents.append([toy.name for toy in toys])
        if self.failure:
            raise self.failure
        return [self.failing.get(toy.name) or [Toy(name=f"{toy.name}{number}") for number in range(2)] for toy in toys]


@strawberry.type
class Query:
    @strawberry.field
    async def toys(self, info: Info) -> list[Toy] | None:
        return info.context.toys  # type: ignore[no-any-return]

    @strawberry.field
    def named(self, info: Info) -> list[Named | None]:
        return info.context.toys  # type: ignore[no-any-return]

    @strawberry.field
    def either(self, info: Info) -> list[Any_]:
        return info.context.toys  # type: ignore[no-any-return]

    @strawberry.field
    def first(self, info: Info) -> Named | None:
        return info.context.toys[0]  # type: ignore[no-any-return]
