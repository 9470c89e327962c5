"""Projecting: from records to rows as clients of the schema get them, by the served schema itself, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from graphql import GraphQLError
from strawberry import Schema
from strawberry.types import Info

from telegraphql.gateway.auth.caller import LOCAL
from telegraphql.gateway.export.roots import Root
from telegraphql.gateway.pagination.given_out import given_out
from telegraphql.gateway.plugin.rows import kind_of
from telegraphql.gateway.resolvers.context import RequestContext
from telegraphql.gateway.runtime import Runtime
from telegraphql.schema.context import PageArguments
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.paging import Connection, PageInfo, Problem
from telegraphql.schema.provider import ProviderNode
from telegraphql.schema.record import Record

Row = dict[str, Any]
INFO = PageInfo(has_next_page=False, has_previous_page=False, start_cursor=None, end_cursor=None)


@dataclass(kw_only=True)
class Given(RequestContext):
    """A context whose one list is what has been read already."""

    known: list[Any] = field(default_factory=list)
    # What cannot be read of them.
    unread: list[Problem] = field(default_factory=list)
    _providers: dict[str, ProviderNode] = field(default_factory=dict)

    async def page(self, kind: type[Record], arguments: PageArguments, info: Info) -> Connection[Any] | None:
        """Return the records."""
        nodes, self.unread = given_out(self.known, self.row_projection(info._raw_info) if self.row_projection else None)
        return Connection(edges=[], nodes=nodes, page_info=INFO, total_count=None, problems=[])

    def provider(self, name: str) -> ProviderNode:
        """One configured provider, described once a page."""
        if name not in self._providers:
            self._providers[name] = super().provider(name)
        return self._providers[name]


@dataclass(frozen=True, slots=True)
class Projecting:
    """One document, executed over one page of records after the other."""

    engine: Runtime
    schema: Schema
    root: Root
    document: str

    def context(self) -> Given:
        """A fresh context: whoever has the configuration may see everything."""
        pattern = self.engine.context()
        given = {each.name: getattr(pattern, each.name) for each in fields(RequestContext) if each.init}
        return Given(**given | {"caller": LOCAL, "serving": self.engine.serving, "again": None, "is_pattern": False})

    async def rows(self, records: list[Any]) -> tuple[list[Row], list[Problem]]:
        """A row for each record, and a problem for each field, or whole record, that could not be had."""
        context = self.context()
        context.known = records
        result = await self.schema.execute(self.document, context_value=context)
        problems = [_problem(error, records) for error in result.errors or ()]
        found = (result.data or {}).get(self.root.name)
        if found is not None:
            return found["nodes"], context.unread + problems
        if len(records) == 1:
            return [], problems
        return await self._halved(records)

    async def _halved(self, records: list[Any]) -> tuple[list[Row], list[Problem]]:
        """The same where a record cannot be shown, and takes its page with it."""
        middle = len(records) // 2
        rows, problems = await self.rows(records[:middle])
        more_rows, more_problems = await self.rows(records[middle:])
        return rows + more_rows, problems + more_problems


def _problem(error: GraphQLError, records: Sequence[Any]) -> Problem:
    """What is missing, in the words of a list's problems."""
    told = error.extensions or {}
    code = told.get("code")
    at = error.path[2] if error.path and len(error.path) > 2 else 0
    record = records[at] if isinstance(at, int) and at < len(records) else None
    provider = told.get("provider") or (record.provider_name if record else "")
    known = isinstance(code, str) and code in ProblemCode.__members__
    where = f"{kind_of(record).__name__} {record.native_id[:64]}, " if record else ""
    names = ".".join(str(name) for name in (error.path or [])[2:] if isinstance(name, str))
    return Problem(
        provider=provider,
        code=ProblemCode[str(code)] if known else ProblemCode.MALFORMED_RECORD,
        message=f"{where}{names or 'this record'}: {error.message}",
        retryable=bool(told.get("retryable")),
        retry_after=told.get("retryAfter"),
    )
