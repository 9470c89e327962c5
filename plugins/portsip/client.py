"""Requests to a PBX: one slice of a list, a whole list, or one detail."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from telegraphql.plugin import HIDDEN, Decoder, ListRequest, Mapping, NotFound, Page, Provider, RejectedInput, Request, read_all_pages
from telegraphql.plugins.portsip import wire
from telegraphql.plugins.portsip.filter_support import ORDER, FilterPlan, PbxFilterSupport
from telegraphql.plugins.portsip.filters import FilterTranslator
from telegraphql.plugins.portsip.odata import Expression
from telegraphql.plugins.portsip.unordered import read_windows

T = TypeVar("T")
MAX_ROWS = 100


class PbxClient:
    """Sends a provider's requests to its PBX."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._filters = FilterTranslator(provider.settings, provider.numbering)
        self.support = PbxFilterSupport(provider.settings.filterable)

    async def read(self, path: str, decoder: Decoder[T], operation: str = "", method: str = "GET", **options: Any) -> T:
        """Return the decoded response to a request. `operation` is the path without ids, if it has any."""
        return await self._provider.upstream.read(
            Request(operation=f"{method} {operation or path}", path=path, method=method, **options), decoder
        )

    async def send(self, path: str, operation: str, **options: Any) -> None:
        """Send a change. Its response has no content."""
        await self._provider.upstream.ask(Request(operation=f"POST {operation}", path=path, method="POST", **options))

    async def list_slice(self, path: str, request: ListRequest, time: str | None, mapping: Mapping[Any], **parameters: Any) -> Page:
        """Return one slice of a list, sorted by `time`, or by name if the list has no time."""
        order = f"{time} {'desc' if request.newest_first else 'asc'}" if time else "name asc"
        count = {"count": "true"} if request.count else {}

        async def read(plan: FilterPlan) -> Page:
            has_order = plan.uses(ORDER)
            if time and not has_order:
                return await read_windows(lambda *bounds: read_window(plan, *bounds), request)
            expression = self._filters.expression(request, time, plan)
            answer = await self._list(path, expression, order if has_order else "", min(request.size, MAX_ROWS), request.offset, count)
            return self.page(mapping, answer.items, total=answer.count if expression.exact else None, **parameters)

        async def read_window(plan: FilterPlan, since: datetime | None, until: datetime | None) -> Page:
            expression = self._filters.expression(replace(request, since=since, until=until), time, plan)
            return await self.list_all(path, [expression], plan, "", mapping, **parameters)

        return await self.adapt(read)

    async def adapt(self, run: Callable[[FilterPlan], Awaitable[T]]) -> T:
        """Run requests with every feature that the PBX may have; if it refuses them, in its order only, then without any."""
        refused = set[str]()
        for plan in (FilterPlan(self.support), FilterPlan(self.support, only={ORDER}), FilterPlan()):
            try:
                result = await run(plan)
            except RejectedInput:
                if not plan.used:
                    raise
                refused = plan.used
            else:
                break
        has_changed = self.support.refuse(refused - plan.used) if refused else False
        if self.support.accept(plan.used) or has_changed:
            self.show_warnings()
        return result

    def show_warnings(self) -> None:
        """Show in the provider's health what the PBX refuses."""
        self._provider.upstream.set_warnings(self.support.warnings())

    async def list_all(
        self, path: str, expressions: Sequence[Expression], plan: FilterPlan, order: str, mapping: Mapping[Any], **parameters: Any
    ) -> Page:
        """Return all records that match one of several expressions, each once, in an order if the PBX accepts it."""
        order = order if order and plan.uses(ORDER) else ""
        records: dict[str, Any] = {}
        page = Page(records=[], read=0)
        for expression in expressions:
            rows = await read_all_pages(partial(self._counted_rows, path, expression, order), MAX_ROWS)
            part = self.page(mapping, rows, **parameters)
            records |= {record.native_id: record for record in part.records}
            page.problems += part.problems
            page.read += len(rows)
        page.records = [*records.values()]
        return page

    async def detail(self, path: str, key: str, mapping: Mapping[Any], **parameters: Any) -> Page:
        """Return one record with all its fields, or an empty page."""
        body = await self.body(path, key, wire.ROW)
        return self.page(mapping, [] if body is None else [body], **parameters)

    async def body(self, path: str, key: str, decoder: Decoder[T]) -> T | None:
        """Return the detail of one record, or None."""
        if not key:
            return None
        try:
            return await self.read(f"{path}/{quote(key, safe='')}", decoder, f"{path}/{{id}}")
        except NotFound:
            return None

    async def detail_items(self, path: str, key: str) -> tuple[list[msgspec.Raw], msgspec.Raw]:
        """Return the items of a detail that is a list, and the whole response. Without a record there are no items."""
        detail = await self.body(path, key, wire.ITEMS)
        return ([], wire.NULL) if detail is None else detail

    def page(self, mapping: Mapping[Any], rows: list[msgspec.Raw], total: int | None = None, **parameters: Any) -> Page:
        """Return the page of these rows, without the URLs of their files."""
        safe_rows = [_without_file_url(row) for row in rows] if "file_url" in mapping.struct.__struct_fields__ else rows
        return self._provider.page(mapping, safe_rows, total=total, **parameters)

    async def _counted_rows(self, path: str, expression: Expression, order: str, skip: int) -> tuple[list[msgspec.Raw], int | None]:
        answer = await self._list(path, expression, order, MAX_ROWS, skip, {"count": "true"})
        return answer.items, answer.count

    async def _list(self, path: str, expression: Expression, order: str, top: int, skip: int, options: dict[str, str]) -> wire.ListResponse:
        filter_text = expression.text()
        params = {
            **({"orderby": order} if order else {}),
            "top": str(top),
            **({"filter": filter_text} if filter_text else {}),
            **({"search": expression.search} if expression.search else {}),
            **({"skip": str(skip)} if skip else {}),
        }
        return await self.read(path, wire.LIST, params=params | options)


def _without_file_url(row: msgspec.Raw) -> msgspec.Raw:
    """Return a row without the URL of its file: whoever knows the URL can fetch the file without credentials."""
    if b'"file_url"' not in bytes(row):
        return row
    try:
        fields = wire.FIELDS.decode(row)
    except msgspec.DecodeError:
        return wire.NULL
    if bytes(fields.get("file_url", b"")) not in (b"", b'""', b"null"):
        fields["file_url"] = msgspec.Raw(msgspec.json.encode(HIDDEN))
    return msgspec.Raw(msgspec.json.encode(fields))
