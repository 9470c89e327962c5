"""CRM: a company's other subgraph, that knows customers by their numbers; made with Strawberry's federation."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import strawberry
from starlette.applications import Starlette
from starlette.routing import Mount
from strawberry.asgi import GraphQL
from strawberry.federation.schema import Schema
from strawberry.federation.schema_directives import Key
from strawberry.types import Info


@dataclass
class Book:
    """What the CRM keeps: names by numbers, and the ids of calls that somebody filed; `asked` counts operations."""

    names: dict[str, str] = field(default_factory=dict)
    filed: dict[str, Sequence[str]] = field(default_factory=dict)
    asked: int = 0


@strawberry.federation.type(keys=[Key(fields="number", resolvable=False)])
class PhoneNumber:
    number: str


@strawberry.federation.type
class Party:
    number: str | None = strawberry.federation.field(external=True)


@strawberry.federation.type(keys=["id"])
class Customer:
    id: strawberry.ID
    name: str

    @strawberry.field
    def phone(self) -> PhoneNumber:
        return PhoneNumber(number=self.id)

    @strawberry.field
    def filed(self, info: Info) -> list["Call | None"]:
        return [Call.of(each) for each in info.context["book"].filed.get(self.id, ())]

    @classmethod
    def resolve_reference(cls, id: str, info: Info) -> Self:
        return cls(id=strawberry.ID(id), name=info.context["book"].names[id])


@strawberry.federation.type(keys=["id"])
class Call:
    id: strawberry.ID
    from_: Party | None = strawberry.federation.field(external=True, name="from")
    to: Party | None = strawberry.federation.field(external=True)
    numbers: strawberry.Private[tuple[str | None, ...]] = ()

    @strawberry.federation.field(requires=["from { number } to { number }"])
    def customer(self, info: Info) -> Customer | None:
        names = info.context["book"].names
        return next((Customer(id=strawberry.ID(each), name=names[each]) for each in self.numbers if each in names), None)

    @classmethod
    def of(cls, id: str, numbers: Sequence[str | None] = ()) -> Self:
        return cls(id=strawberry.ID(id), from_=Party(number=None), to=Party(number=None), numbers=tuple(numbers))

    @classmethod
    def resolve_reference(cls, id: str, **given: Any) -> Self:
        return cls.of(id, [given[end]["number"] for end in ("from", "to") if end in given])


@strawberry.type
class Query:
    @strawberry.field
    def customers(self, info: Info) -> list[Customer]:
        return [Customer(id=strawberry.ID(number), name=name) for number, name in info.context["book"].names.items()]


class Served(GraphQL[dict[str, Any], None]):
    """The CRM's endpoint, which counts what it is asked."""

    def __init__(self, book: Book) -> None:
        super().__init__(Schema(query=Query, federation_version="2.3"))
        self._book = book

    async def get_context(self, request: Any, response: Any) -> dict[str, Any]:
        self._book.asked += 1
        return {"book": self._book}


def app(book: Book) -> Starlette:
    """The CRM over a book."""
    return Starlette(routes=[Mount("/graphql", Served(book))])
