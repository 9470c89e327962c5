"""PbxClient: the few forms in which a PBX is asked - one slice of a list, a whole list, one detail."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

import msgspec

from telegraphql.plugin import HIDDEN, BadAnswer, Decoder, ListRequest, NotFound, Page, Request, RowPosition, only, read_rows
from telegraphql.plugins.portsip import mapping, wire
from telegraphql.plugins.portsip.filters import Pushed
from telegraphql.plugins.portsip.odata import Expression
from telegraphql.schema import Problem, Record

if TYPE_CHECKING:
    from telegraphql.plugins.portsip.provider import Portsip

T = TypeVar("T")
W = TypeVar("W")
R = TypeVar("R", bound=Record)
MOST = 100


class PbxClient:
    """Asks one PBX on behalf of its provider."""

    def __init__(self, of: "Portsip") -> None:
        self._of = of
        self._pushed = Pushed(of.settings, of.numbering)

    async def read(self, path: str, decoder: Decoder[T], operation: str = "", method: str = "GET", **more: Any) -> T:
        """What one answer says; `operation` is the path without ids, where it has any."""
        return await self._of.upstream.read(Request(operation=f"{method} {operation or path}", path=path, method=method, **more), decoder)

    async def tell(self, path: str, operation: str, **more: Any) -> None:
        """Have something done, whatever is answered to it."""
        await self._of.upstream.ask(Request(operation=f"POST {operation}", path=path, method="POST", **more))

    async def slice(
        self, path: str, ask: ListRequest, time: str | None, decoder: "msgspec.json.Decoder[W]", make: "Callable[[W, Portsip], R]"
    ) -> Page:
        """One slice of a list, in the order of `time`; of a list without a time in the order of names."""
        expression = self._pushed.expression(ask, time)
        order = f"{time} {'desc' if ask.newest_first else 'asc'}" if time else "name asc"
        counting = {"count": "true"} if ask.count else {}
        answered = await self._answered(path, expression, order, min(ask.size, MOST), ask.offset, counting)
        place = partial(mapping.place, time=time) if ask.unmapped and time else None
        records, problems = self._records(answered.items, decoder, only(make, ask, place), place)
        total = answered.count if expression.exact else None
        return Page(records=records, read=len(answered.items), total=total, problems=problems)

    async def all(
        self, path: str, expression: Expression, order: str, decoder: "msgspec.json.Decoder[W]", make: "Callable[[W, Portsip], R]"
    ) -> list[R]:
        """All that an expression finds; rows that cannot be read are left out."""
        found: dict[str, R] = {}
        skip = 0
        while True:
            answered = await self._answered(path, expression, order, MOST, skip, {"count": "true"})
            records, _ = self._records(answered.items, decoder, make)
            found |= {record.native_id: record for record in records}
            skip += len(answered.items)
            more = len(answered.items) >= MOST if answered.count is None else skip < answered.count
            if not more or not answered.items:
                return list(found.values())

    async def detail(self, path: str, key: str, decoder: "msgspec.json.Decoder[W]", make: "Callable[[W, Portsip], R]") -> R | None:
        """One record with everything the PBX has of it; None where it has none."""
        body = await self.body(path, key, wire.ROW)
        return None if body is None else self.record(body, decoder, make)

    async def body(self, path: str, key: str, decoder: Decoder[T]) -> T | None:
        """The detail of one record; None where there is none."""
        if not key:
            return None
        try:
            return await self.read(f"{path}/{quote(key, safe='')}", decoder, f"{path}/{{id}}")
        except NotFound:
            return None

    def record(self, body: msgspec.Raw, decoder: "msgspec.json.Decoder[W]", make: "Callable[[W, Portsip], R]") -> R:
        """A record of a row that came alone; BadAnswer where it cannot be read."""
        records, problems = self._records([body], decoder, make)
        if problems:
            raise BadAnswer(problems[0].message)
        found: R = records[0]
        return found

    async def items(self, path: str, key: str) -> tuple[list[msgspec.Raw], msgspec.Raw]:
        """The items of a detail that comes as a list, and the whole; nothing where the PBX has none."""
        found = await self.body(path, key, wire.ITEMS)
        return ([], msgspec.Raw(b"null")) if found is None else found

    def _records(
        self,
        rows: list[msgspec.Raw],
        decoder: "msgspec.json.Decoder[W]",
        make: "Callable[[W, Portsip], R]",
        place: Callable[[W], RowPosition] | None = None,
    ) -> tuple[list[R], list[Problem]]:
        records, problems = read_rows(rows, decoder, lambda row: make(row, self._of), self._of.name, place=place)
        for record in records:
            record.raw = _shareable(record.raw)
        return records, problems

    async def _answered(self, path: str, expression: Expression, order: str, top: int, skip: int, more: dict[str, str]) -> wire.Answered:
        written = expression.written()
        params = {"orderby": order, "top": str(top), **({"filter": written} if written else {}), **({"skip": str(skip)} if skip else {})}
        return await self.read(path, wire.ANSWERED, params=params | more)


def _shareable(row: msgspec.Raw) -> msgspec.Raw:
    """The row without the address of its file: whoever knows that may fetch the file, signed in or not."""
    if b'"file_url"' not in bytes(row):
        return row
    fields = msgspec.json.decode(row)
    if fields.get("file_url"):
        fields["file_url"] = HIDDEN
    return msgspec.Raw(msgspec.json.encode(fields))
