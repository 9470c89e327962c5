"""Hostile: a context made of nothing but a seed, whose upstream sends what no field can hold, as often as it is told to."""

import asyncio
import dataclasses
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from random import Random
from typing import Any

import strawberry
from strawberry.scalars import JSON
from strawberry.types import Info
from strawberry.types.base import StrawberryList, StrawberryOptional, get_object_definition
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.lazy_type import LazyType

from telegraphql.schema.call import Call
from telegraphql.schema.context import CommandOutcome, PageArguments
from telegraphql.schema.kinds import KINDS, RELATIONS
from telegraphql.schema.message import Message
from telegraphql.schema.paging import Connection, Edge, PageInfo, Problem
from telegraphql.schema.provider import ProviderHealth, ProviderNode
from telegraphql.schema.record import Record, TimedRecord
from telegraphql.schema.recording import Recording, Transcription
from telegraphql.schema.report import Report
from telegraphql.schema.scalars import Long
from telegraphql.schema.statistics import CallStatistics
from telegraphql.schema.values import Media
from telegraphql.schema.viewer import Viewer
from telegraphql.schema.voicemessage import Voicemessage
from tests.gateway.graphql.compiler.irregular_values import FAILURES, WRONG, OddCall, Waiting

MOST_ROWS = 3


@dataclasses.dataclass
class Hostile:
    """The same seed always answers the same, whatever is asked first; `rate` is how often something is wrong."""

    seed: int
    rate: float = 0.0

    def draw(self, *where: object) -> Random:
        return Random(f"{self.seed}:{':'.join(map(str, where))}")

    def wrong(self, draw: Random, part: float = 1.0) -> bool:
        return draw.random() < self.rate * part

    def fails(self, draw: Random) -> None:
        if self.wrong(draw):
            raise draw.choice(FAILURES)()

    async def page(self, kind: type[Record], arguments: PageArguments, info: Info) -> Any:
        await asyncio.sleep(0)
        draw = self.draw("page", kind.__name__, *info.path.as_list())
        self.fails(draw)
        return self.connected(draw, self.items(draw, kind))

    async def timeline(self, arguments: PageArguments, info: Info) -> Any:
        await asyncio.sleep(0)
        draw = self.draw("timeline", *info.path.as_list())
        self.fails(draw)
        return self.connected(draw, [each for kind in (Call, Recording, Voicemessage, Message) for each in self.items(draw, kind)])

    async def statistics(self, kind: type[Record], question: Any, info: Info) -> Any:
        draw = self.draw("statistics", *info.path.as_list())
        self.fails(draw)
        return self.made(draw, CallStatistics)

    def connected(self, draw: Random, nodes: list[Any]) -> Any:
        edges = [self.spoiled(draw, Edge(node=node, cursor="c"), 0.2) for node in nodes]
        info_ = self.spoiled(draw, PageInfo(has_next_page=True, has_previous_page=False, end_cursor="e"), 0.2)
        problems = [self.made(draw, Problem) for _ in range(draw.randrange(2))]
        found = Connection(edges=edges, nodes=nodes, page_info=info_, total_count=draw.choice([None, 3]), problems=problems)
        return self.spoiled(draw, found, 0.1)

    async def records(self, ids: Sequence[str], info: Info) -> list[Any]:
        draw = self.draw("records", *info.path.as_list())
        self.fails(draw)
        return [self.item(draw, draw.choice(list(KINDS.values()))) if draw.random() < 0.9 else None for _ in ids]

    async def related(self, record: Record, info: Info) -> Any:
        await asyncio.sleep(0)
        return self.relation(record, info.field_name)

    async def related_all(self, records: Sequence[Record], info: Info) -> list[Any]:
        await asyncio.sleep(0)
        return [self.caught(record, info.field_name) for record in records]

    def caught(self, record: Record, field: str) -> Any:
        try:
            return self.relation(record, field)
        except Exception as error:
            return error

    def relation(self, record: Record, field: str) -> Any:
        self.fails(self.draw("batch", field))
        draw = self.draw("related", record.native_id, type(record).__name__, field)
        self.fails(draw)
        relation = RELATIONS[_kind(record), field]
        if draw.random() < 0.2:
            return None
        if self.wrong(draw, 0.3):
            return draw.choice(WRONG)()
        return self.items(draw, relation.kind) if relation.many else self.item(draw, relation.kind)

    async def media(self, record: Record, info: Info, field: str | None = None) -> Any:
        draw = self.draw("media", record.native_id, field or info.field_name)
        self.fails(draw)
        return self.made(draw, Media) if draw.random() < 0.7 else None

    async def text(self, record: Record, info: Info) -> Any:
        await asyncio.sleep(0)
        draw = self.draw("text", record.native_id, info.field_name)
        self.fails(draw)
        return draw.choice(WRONG)() if self.wrong(draw) else draw.choice([None, "INVITE"])

    async def command(self, name: str, arguments: dict[str, Any]) -> Any:
        draw = self.draw("command", name)
        self.fails(draw)
        named = [kind for kind in KINDS.values() if kind.__name__.lower() in name.lower()]
        kind = max(named, key=lambda each: len(each.__name__), default=Report)
        problems = [self.made(draw, Problem)]
        return CommandOutcome(ids=[strawberry.ID("x")], problems=problems, records=[self.item(draw, kind)], value={"a": 1})

    def export(self, provider: str, file: str, native_id: str) -> Any:
        draw = self.draw("export", provider)
        self.fails(draw)
        return CommandOutcome(ids=[strawberry.ID("x")], problems=[self.made(draw, Problem)], value=self.made(draw, Media))

    def native(self, record: Record) -> Any:
        draw = self.draw("native", record.native_id)
        self.fails(draw)
        return draw.choice(WRONG)() if self.wrong(draw) else draw.choice([None, {"a": [1, None]}, [], "x", 0, False])

    def viewer(self) -> Any:
        draw = self.draw("viewer")
        self.fails(draw)
        return self.made(draw, Viewer)

    def providers(self) -> list[Any]:
        return [self.provider(name) for name in "ab"]

    def provider(self, name: str) -> Any:
        draw = self.draw("provider", name)
        self.fails(draw)
        return self.made(draw, ProviderNode)

    def known_provider(self, name: str) -> Any:
        draw = self.draw("known provider", name)
        self.fails(draw)
        return self.made(draw, ProviderNode) if draw.random() < 0.7 else None

    def health(self, name: str) -> Any:
        draw = self.draw("health", name)
        self.fails(draw)
        return self.made(draw, ProviderHealth)

    def items(self, draw: Random, kind: type[Any]) -> list[Any]:
        return [self.item(draw, kind) for _ in range(draw.randrange(MOST_ROWS + 1))]

    def item(self, draw: Random, kind: type[Any]) -> Any:
        """A record, or what stands where one should."""
        if not self.wrong(draw, 0.3):
            return self.made(draw, kind)
        other = draw.choice([*KINDS.values(), OddCall])
        return draw.choice([*WRONG, lambda: self.made(draw, other), lambda: Waiting(self.made(draw, kind))])()

    def made(self, draw: Random, kind: type[Any]) -> Any:
        """An object of a type, some of it wrong."""
        definition = get_object_definition(kind, strict=True)
        given = {each.python_name: self.value(draw, each.type) for each in definition.fields if each.base_resolver is None}
        if issubclass(kind, Record):
            given |= {"provider_name": draw.choice("ab"), "native_id": f"{draw.getrandbits(40):x}"}
        if issubclass(kind, TimedRecord) and given.get(kind.time_field or "") is None:
            given["position_time"] = self.value(draw, datetime)
        if kind is Problem:
            given["provider"] = draw.choice("ab")
        if kind is ProviderNode:
            given["account"] = draw.choice("ab")
        found = kind(**given)
        if isinstance(found, Transcription):
            found.recording = self.made(draw, KINDS["Note"])
        return self.spoiled(draw, found, 0.15)

    def spoiled(self, draw: Random, found: Any, part: float = 0.5) -> Any:
        """The same with wrong values in some of its fields."""
        for each in get_object_definition(found, strict=True).fields:
            if each.base_resolver is None and each.python_name != "native_id" and self.wrong(draw, part):
                if draw.random() < 0.05:
                    found.__dict__.pop(each.python_name, None)
                else:
                    setattr(found, each.python_name, draw.choice(WRONG)())
        return found

    def value(self, draw: Random, of: Any) -> Any:
        if isinstance(of, LazyType):
            of = of.resolve_type()
        if isinstance(of, StrawberryOptional):
            return None if draw.random() < 0.3 else self.value(draw, of.of_type)
        if isinstance(of, StrawberryList):
            return [self.value(draw, of.of_type) for _ in range(draw.randrange(MOST_ROWS))]
        if isinstance(of, StrawberryEnumDefinition):
            return draw.choice(list(of.wrapped_cls))
        if isinstance(of, type) and issubclass(of, Enum):
            return draw.choice(list(of))
        return self.made(draw, of) if get_object_definition(of) else LEAVES[of](draw)


LEAVES: dict[Any, Callable[[Random], Any]] = {
    str: lambda draw: draw.choice(["", "text", "é\u2028", "+41"]),
    int: lambda draw: draw.choice([0, -1, 7, 2**31 - 1, -(2**31)]),
    Long: lambda draw: draw.choice([0, 7, 2**40]),
    bool: lambda draw: draw.choice([True, False]),
    float: lambda draw: draw.choice([0.0, 0.5, 2.0**40]),
    date: lambda draw: date(2024, 3, draw.choice([1, 31])),
    datetime: lambda draw: datetime(2024, 3, 1, tzinfo=UTC) + timedelta(microseconds=draw.choice([0, 1, 10**6])),
    Decimal: lambda draw: Decimal(draw.choice(["1.50", "-0.0125", "1E+2"])),
    strawberry.ID: lambda draw: strawberry.ID("id"),
    JSON: lambda draw: draw.choice([{"a": 1}, [], "x", 1, 2.5, None]),
}


def _kind(record: Record) -> type[Record]:
    return Call if isinstance(record, Call) else type(record)
