"""Sheet: a provider of rows with any mapping, asked with rows that become what is sent of them and with records."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from weakref import ref

import msgspec
import strawberry
from graphql import parse

from telegraphql.gateway.plugin.columns import ROW, Column
from telegraphql.gateway.plugin.mapping import Mapping
from telegraphql.gateway.plugin.provider import Download, ListRequest, Page, Whole, files, lists
from telegraphql.gateway.plugin.readers import ident
from telegraphql.gateway.upstream.client import Request
from telegraphql.gateway.upstream.request_budget import running
from telegraphql.schema.call import Call
from telegraphql.schema.values import Party
from tests.gateway.graphql.compiler.differential import Answer, answer, compiled, shown, stock
from tests.support.graphql_client import context
from tests.support.memory_provider import Memory, Store, serving

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
PROBLEMS = "problems { code field count id message }"


class Row(msgspec.Struct, weakref=True):
    """A row, whose parts may be anything."""

    id: int
    a: Any = None
    b: Any = None
    c: Any = None


def at(row: Row) -> datetime:
    """When a row happened."""
    return NOON - timedelta(seconds=row.id)


def nobody(row: Row) -> Party:
    """A party of which nothing is known."""
    return Party(number=None)


def of_rows(**columns: Any) -> Mapping[Call]:
    """A mapping of calls with some columns."""
    needed = {"native_id": ident("id"), "started_at": Column(at, ROW), "from_": Column(nobody, ROW), "to": Column(nobody, ROW)}
    return Mapping(Call, Row, **needed | columns)


class Sheet(Memory):
    """Rows, read by any mapping."""

    plugin = "sheet"
    mapping: Mapping[Call]
    rows: list[msgspec.Raw]
    pages: list[Page]

    @lists(Call, pages=Whole(most=100))
    async def calls(self, ask: ListRequest) -> Page:
        """All rows."""
        await self.store.answer(ask)
        part = self.rows[ask.offset : ask.offset + ask.size]
        found = self.page(self.mapping, part)
        self.pages.append(found)
        return found

    @property
    def sent(self) -> list[bool]:
        """Which rows were sent as they are."""
        return [view.sent is not None for page in self.pages for view in page.records]

    def seen(self) -> "list[ref[Row]]":
        """The rows, without keeping them."""
        found = [ref(view.row) for page in self.pages for view in page.records]
        self.pages.clear()
        return found

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
    def problems(self) -> Any:
        return self.answer[0]["calls"]["problems"]


async def both(mapping: Mapping[Call], fields: str, *rows: dict[str, Any], **options: Any) -> Told:
    """The answer to a list with these fields, or with all of a selection in braces."""
    text = fields if fields.startswith("{") else f"{{ nodes {{ {fields} }} {PROBLEMS} }}"
    wanted, _ = await asked(stock(), mapping, text, rows, **options)
    found, sheet = await asked(fast(), mapping, text, rows, **options)
    assert repr(found[0]) == repr(wanted[0])
    assert sorted(map(shown, found[1])) == sorted(map(shown, wanted[1]))
    return Told(found, sum(sheet.sent))


def serve(mapping: Mapping[Call], *rows: dict[str, Any] | bytes) -> Any:
    """A provider of such rows."""
    served = serving("a", Sheet, Store())
    sheet: Any = served.provider
    sheet.mapping, sheet.pages = mapping, []
    texts = (row if isinstance(row, bytes) else json.dumps({"id": number, **row}).encode() for number, row in enumerate(rows, 1))
    sheet.rows = list(map(msgspec.Raw, texts))
    return served


async def asked(
    schema: strawberry.Schema, mapping: Mapping[Call], text: str, rows: tuple[dict[str, Any], ...], more: str = "", **options: Any
) -> tuple[Answer, Sheet]:
    """The answer of one schema, and the provider it asked."""
    served = serve(mapping, *(rows or ({},)))
    request = context([served], **options)
    with running(request.budget):
        return await answer(schema, parse(f"{{ calls(first: 50) {text} }} {more}"), request, {}), served.provider
