"""Projection of records to rows: executes the served schema itself over records that are already read."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from graphql import GraphQLError
from strawberry import Schema
from strawberry.types import Info

from telegraphql.gateway.auth.caller import LOCAL
from telegraphql.gateway.export.root_fields import RootField
from telegraphql.gateway.graphql.operation_problems import OperationProblems, ResponsePath
from telegraphql.gateway.pagination.page_values import page_values
from telegraphql.gateway.plugin.row_view import kind_of
from telegraphql.gateway.resolvers.context import RequestContext
from telegraphql.gateway.runtime import Runtime
from telegraphql.schema.context import PageArguments
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.paging import Connection, PageInfo, Problem
from telegraphql.schema.provider import ProviderNode
from telegraphql.schema.record import Record
from telegraphql.schema.strawberry_internals import core_info

ExportRow = dict[str, Any]
EMPTY_PAGE_INFO = PageInfo(has_next_page=False, has_previous_page=False, start_cursor=None, end_cursor=None)


class EachFailure(OperationProblems):
    """Problems in which each field that failed stays apart, since each row is told of alone."""

    def take(self, path: ResponsePath) -> list[Problem]:
        """Return nothing."""
        return []


@dataclass(kw_only=True)
class PreloadedContext(RequestContext):
    """A request context whose only list consists of records that are already read."""

    preloaded: list[Any] = field(default_factory=list)
    # Problems of fields that could not be read.
    field_problems: list[Problem] = field(default_factory=list)
    _providers: dict[str, ProviderNode] = field(default_factory=dict)

    async def page(self, kind: type[Record], arguments: PageArguments, info: Info) -> Connection[Any]:
        """Return the preloaded records as a connection."""
        project = self.row_projection(core_info(info)) if self.row_projection else None
        nodes, self.field_problems = page_values(self.preloaded, project)
        return Connection(edges=[], nodes=nodes, page_info=EMPTY_PAGE_INFO, total_count=None, problems=[])

    def provider(self, name: str) -> ProviderNode:
        """Return one configured provider, described once per page."""
        if name not in self._providers:
            self._providers[name] = super().provider(name)
        return self._providers[name]


@dataclass(frozen=True, slots=True)
class RowProjection:
    """One document, executed for page after page of records."""

    engine: Runtime
    schema: Schema
    root: RootField
    document: str

    def context(self) -> PreloadedContext:
        """Return a new context with full access: whoever runs the command owns the configuration."""
        template = self.engine.context()
        values = {attribute.name: getattr(template, attribute.name) for attribute in fields(RequestContext) if attribute.init}
        return PreloadedContext(
            **values
            | {"caller": LOCAL, "serving": self.engine.providers, "current_context": None, "is_template": False, "problems": EachFailure()}
        )

    async def rows(self, records: list[Any]) -> tuple[list[ExportRow], list[Problem]]:
        """Return the rows of the records, and a problem for each field or record that failed."""
        context = self.context()
        context.preloaded = records
        result = await self.schema.execute(self.document, context_value=context)
        problems = [_located(path, problem, records) for path, problem in context.problems.failures]
        problems += [*(_problem(error, records) for error in result.errors or ()), *context.loaders.problems.all()]
        connection = (result.data or {}).get(self.root.name)
        if connection is not None:
            return connection["nodes"], context.field_problems + problems
        if len(records) == 1:
            return [], problems
        return await self._rows_of_halves(records)

    async def _rows_of_halves(self, records: list[Any]) -> tuple[list[ExportRow], list[Problem]]:
        """Return the rows of each half of the page, since one record that cannot be shown fails its whole page."""
        middle = len(records) // 2
        rows, problems = await self.rows(records[:middle])
        more_rows, more_problems = await self.rows(records[middle:])
        return rows + more_rows, problems + more_problems


def _problem(error: GraphQLError, records: Sequence[Any]) -> Problem:
    """Return a GraphQL error as a list's problem."""
    extensions = error.extensions or {}
    code = extensions.get("code")
    problem = Problem(
        provider="",
        code=ProblemCode[str(code)] if isinstance(code, str) and code in ProblemCode.__members__ else ProblemCode.MALFORMED_RECORD,
        message=error.message,
        retryable=bool(extensions.get("retryable")),
        retry_after=extensions.get("retryAfter"),
    )
    return _located(error.path or (), problem, records)


def _located(path: ResponsePath, problem: Problem, records: Sequence[Any]) -> Problem:
    """Return the problem of a field with the record and the field in its message."""
    index = path[2] if len(path) > 2 else 0
    record = records[index] if isinstance(index, int) and index < len(records) else None
    record_name = f"{kind_of(record).__name__} {record.native_id[:64]}, " if record else ""
    names = ".".join(str(name) for name in path[2:] if isinstance(name, str))
    provider = record.provider_name if record else problem.provider
    return replace(problem, provider=provider, message=f"{record_name}{names or 'this record'}: {problem.message}")
