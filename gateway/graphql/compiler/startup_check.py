"""Find out at start-up whether selections compile with the installed versions of Strawberry and graphql-core."""

from datetime import UTC, datetime
from typing import Any

from graphql import GraphQLSchema, get_named_type, is_object_type, parse

from telegraphql.gateway.graphql.compiler.compiled_cache import Programs
from telegraphql.gateway.graphql.compiler.deferred_fields import FALLEN
from telegraphql.gateway.graphql.compiler.executor import Compiling
from telegraphql.gateway.graphql.graphql_core_internals import BUILD_ARGUMENTS, Path
from telegraphql.schema.call import Call
from telegraphql.schema.enums import CallDirection, CallStatus
from telegraphql.schema.paging import Connection, PageInfo
from telegraphql.schema.values import Party

QUERY = """query Check($first: Int) {
  calls(first: $first) { nodes { id startedAt status direction from { number } } pageInfo { hasNextPage } }
}"""
STARTED = datetime(2026, 11, 22, 8, tzinfo=UTC)
RECORD = {"startedAt": STARTED, "status": "ANSWERED", "direction": "INBOUND", "from": {"number": "+41446681800"}}


def why_not_compiled(schema: GraphQLSchema, executor_class: type[Compiling]) -> str | None:
    """Compile a known selection and project a known record with it; return why that fails, or None."""
    # Nothing of the check stays in the cache of the served schema.
    checked = type("Checked", (executor_class,), {"programs": Programs(1)})
    try:
        return _check(schema, checked)
    except Exception as error:  # whatever changed in the libraries
        return f"{type(error).__name__}: {error}"


def _check(schema: GraphQLSchema, executor_class: type[Compiling]) -> str | None:
    document = parse(QUERY)
    # The second executor takes what the first has prepared.
    executor, again = (executor_class.build(schema, document, None, None, {"first": 1}, "Check", *_others()) for _ in range(2))
    for each in (executor, again):
        if isinstance(each, list):
            return f"the query is refused: {each[0].message}"
    root = schema.query_type
    operation = executor_class.programs.of(again)
    if root is None or (fields := executor_class.programs.roots(operation, again, root)) is None:
        return "the fields of the query cannot be collected"
    if executor_class.programs.call(again, root, fields["calls"]) is None:
        return "the resolver of a list cannot be called"
    connection = get_named_type(root.fields["calls"].type)
    if not is_object_type(connection) or again.unit(connection, fields["calls"]) is None:
        return "the selection does not compile"
    projected: Any = again._attempted(connection, fields["calls"], Path(None, "calls", "Query"), _page())
    if projected is FALLEN:
        return "the compiled selection does not take a record"
    (node,) = projected["nodes"]
    return None if RECORD.items() <= node.items() else "the compiled selection gives another result"


def _others() -> tuple[Any, ...]:
    return tuple(False if name == "enable_early_execution" else None for name in BUILD_ARGUMENTS)


def _page() -> Connection[Call]:
    call = Call(
        provider_name="check",
        native_id="1",
        status=CallStatus.ANSWERED,
        direction=CallDirection.INBOUND,
        from_=Party(number="+41446681800"),
        to=Party(),
        started_at=STARTED,
    )
    info = PageInfo(has_next_page=False, has_previous_page=False, start_cursor=None, end_cursor=None)
    return Connection(edges=[], nodes=[call], page_info=info, total_count=None, problems=[])
