"""PbxClient: the few forms in which a PBX is asked: one slice of a list, a whole list, one detail."""

from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

import msgspec

from telegraphql.plugin import HIDDEN, Decoder, ListRequest, Mapping, NotFound, Page, Request
from telegraphql.plugins.portsip import wire
from telegraphql.plugins.portsip.filters import Pushed
from telegraphql.plugins.portsip.odata import Expression

if TYPE_CHECKING:
    from telegraphql.plugins.portsip.provider import Portsip

T = TypeVar("T")
MOST = 100


class PbxClient:
    """Asks one PBX on behalf of its provider."""

    def __init__(self, of: "Portsip") -> None:
        self._of = of
        self._pushed = Pushed(of.settings, of.numbering)

    async def read(self, path: str, decoder: Decoder[T], operation: str = "", method: str = "GET", **more: Any) -> T:
        """Return what one answer says; `operation` is the path without ids, if it has any."""
        return await self._of.upstream.read(Request(operation=f"{method} {operation or path}", path=path, method=method, **more), decoder)

    async def tell(self, path: str, operation: str, **more: Any) -> None:
        """Send a change; its answer says nothing."""
        await self._of.upstream.ask(Request(operation=f"POST {operation}", path=path, method="POST", **more))

    async def slice(self, path: str, ask: ListRequest, time: str | None, mapping: Mapping[Any], **parameters: Any) -> Page:
        """Return one slice of a list, in the order of `time`; of a list without a time in the order of names."""
        expression = self._pushed.expression(ask, time)
        order = f"{time} {'desc' if ask.newest_first else 'asc'}" if time else "name asc"
        count = {"count": "true"} if ask.count else {}
        answer = await self._list(path, expression, order, min(ask.size, MOST), ask.offset, count)
        return self.page(mapping, answer.items, total=answer.count if expression.exact else None, **parameters)

    async def all(self, path: str, expression: Expression, order: str, mapping: Mapping[Any], **parameters: Any) -> Page:
        """Return all records of an expression, none of them twice."""
        found: dict[str, Any] = {}
        problems, skip = [], 0
        while True:
            answer = await self._list(path, expression, order, MOST, skip, {"count": "true"})
            page = self.page(mapping, answer.items, **parameters)
            found |= {record.native_id: record for record in page.records}
            problems += page.problems
            skip += len(answer.items)
            more = len(answer.items) >= MOST if answer.count is None else skip < answer.count
            if not more or not answer.items:
                return Page(records=[*found.values()], read=skip, problems=problems)

    async def detail(self, path: str, key: str, mapping: Mapping[Any], **parameters: Any) -> Page:
        """Return one record with everything that the PBX has of it; an empty page if it has none."""
        body = await self.body(path, key, wire.ROW)
        return self.page(mapping, [] if body is None else [body], **parameters)

    async def body(self, path: str, key: str, decoder: Decoder[T]) -> T | None:
        """Return the detail of one record; None if there is none."""
        if not key:
            return None
        try:
            return await self.read(f"{path}/{quote(key, safe='')}", decoder, f"{path}/{{id}}")
        except NotFound:
            return None

    async def items(self, path: str, key: str) -> tuple[list[msgspec.Raw], msgspec.Raw]:
        """Return the items of a detail that comes as a list, and the whole answer; no items if the PBX has none."""
        found = await self.body(path, key, wire.ITEMS)
        return ([], wire.NULL) if found is None else found

    def page(self, mapping: Mapping[Any], rows: list[msgspec.Raw], total: int | None = None, **parameters: Any) -> Page:
        """Return the page of these rows, without the addresses of their files."""
        shown = [_without_address(row) for row in rows] if "file_url" in mapping.struct.__struct_fields__ else rows
        return self._of.page(mapping, shown, total=total, **parameters)

    async def _list(self, path: str, expression: Expression, order: str, top: int, skip: int, more: dict[str, str]) -> wire.ListAnswer:
        written = expression.written()
        params = {"orderby": order, "top": str(top), **({"filter": written} if written else {}), **({"skip": str(skip)} if skip else {})}
        return await self.read(path, wire.LIST, params=params | more)


def _without_address(row: msgspec.Raw) -> msgspec.Raw:
    """Return a row without the address of its file: whoever knows that may fetch the file, signed in or not."""
    if b'"file_url"' not in bytes(row):
        return row
    try:
        fields = wire.FIELDS.decode(row)
    except msgspec.DecodeError:
        return wire.NULL
    if bytes(fields.get("file_url", b"")) not in (b"", b'""', b"null"):
        fields["file_url"] = msgspec.Raw(msgspec.json.encode(HIDDEN))
    return msgspec.Raw(msgspec.json.encode(fields))
