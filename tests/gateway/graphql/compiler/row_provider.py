"""Sheet: a provider of rows with any mapping function, asked with rows that become what is sent of them and with records."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from weakref import ref

import msgspec
import strawberry
from graphql import parse

from telegraphql.gateway.plugin.mapping import RowPosition, Unmapped, read_rows
from telegraphql.gateway.plugin.provider import Download, ListRequest, Page, Whole, files, lists
from telegraphql.gateway.plugin.pruning import only
from telegraphql.gateway.upstream.client import Request
from telegraphql.gateway.upstream.request_budget import running
from telegraphql.schema.call import Call
from tests.gateway.graphql.compiler.differential import Answer, answer, compiled, shown, stock
from tests.support.graphql_client import context
from tests.support.memory_provider import Memory, Store, serving

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
Make = Callable[[Any, Any], Call]


class Row(msgspec.Struct, weakref=True):
    """A row, whose parts may be anything."""

    id: int
    a: Any = None
    b: Any = None
    c: Any = None


ROW = msgspec.json.Decoder(Row)


def at(row: Row) -> datetime:
    """When a row happened."""
    return NOON - timedelta(seconds=row.id)


class Sheet(Memory):
    """Rows, read by whatever maps them."""

    plugin = "sheet"
    make: Make
    rows: list[msgspec.Raw]
    sent: list[bool]
    seen: "list[ref[Row]]"

    @lists(Call, pages=Whole(most=100))
    async def calls(self, ask: ListRequest) -> Page:
        """All rows."""
        await self.store.answer(ask)
        part = self.rows[ask.offset : ask.offset + ask.size]
        place = (lambda row: RowPosition(str(row.id), at(row))) if ask.unmapped else None
        make = only(self.make, ask, place)

        def made(row: Row) -> Call:
            self.seen.append(ref(row))
            found = make(row, self)
            self.sent.append(type(found) is tuple)
            return found

        records, problems = read_rows(part, ROW, made, self.name, place=place)
        assert all(type(each) is Unmapped for each in records) is ask.unmapped
        return Page(records=records, read=len(part), problems=problems)

    @files("Call.capture")
    async def capture(self, native_id: str) -> Download:
        """A file of a row."""
        return Download(request=Request(operation="GET /capture", path="/capture"))


@cache
def fast() -> strawberry.Schema:
    return compiled()


@dataclass
class Told:
    """What was answered, which was the same both ways, and how many of the rows were sent as they are."""

    answer: Answer
    sent: int

    @property
    def nodes(self) -> Any:
        return self.answer[0]["calls"]["nodes"]

    @property
    def problems(self) -> list[str]:
        return [each["message"] for each in self.answer[0]["calls"]["problems"]]


async def both(make: Make, fields: str, *rows: dict[str, Any], **options: Any) -> Told:
    """The answer to a list with these fields, or with all of a selection in braces."""
    text = fields if fields.startswith("{") else f"{{ nodes {{ {fields} }} problems {{ message }} }}"
    wanted, _ = await asked(stock(), make, text, rows, **options)
    found, sheet = await asked(fast(), make, text, rows, **options)
    assert repr(found[0]) == repr(wanted[0])
    assert sorted(map(shown, found[1])) == sorted(map(shown, wanted[1]))
    return Told(found, sum(sheet.sent))


async def asked(
    schema: strawberry.Schema, make: Make, text: str, rows: tuple[dict[str, Any], ...], more: str = "", **options: Any
) -> tuple[Answer, Sheet]:
    """The answer of one schema, and the provider it asked."""
    served = serving("a", Sheet, Store())
    sheet: Any = served.provider
    sheet.make, sheet.sent, sheet.seen = make, [], []
    sheet.rows = [msgspec.Raw(json.dumps({"id": number, **row}).encode()) for number, row in enumerate(rows or ({},), 1)]
    request = context([served], **options)
    with running(request.budget):
        return await answer(schema, parse(f"{{ calls(first: 50) {text} }} {more}"), request, {}), sheet
