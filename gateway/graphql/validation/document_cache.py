"""Documents, parsed, measured and validated once, and checked against the limits with each operation.

The cache holds them by their text. The least recently used ones are evicted.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

from graphql import DocumentNode, GraphQLError
from strawberry.schema.schema import validate_document
from strawberry.types import ExecutionContext

from telegraphql.gateway.graphql.validation.complexity import OperationCost, operation_costs
from telegraphql.gateway.graphql.validation.document_size import DocumentSize, measure
from telegraphql.gateway.graphql.validation.limit_errors import cost_error, introspection_error, size_errors, with_depth_code
from telegraphql.gateway.graphql.validation.limits import Limits
from telegraphql.schema.strawberry_internals import core_schema


@dataclass(slots=True)
class CachedDocument:
    """A valid document, the sizes of its definitions, and the costs of its operations by name.

    `checked_limits` are the limits that its sizes were last checked against.
    """

    document: DocumentNode
    sizes: list[DocumentSize]
    costs: dict[str, OperationCost]
    checked_limits: Limits | None = None
    uses_introspection: bool = field(init=False)

    def __post_init__(self) -> None:
        self.uses_introspection = any(each.introspection_depth for each in self.sizes)

    def cost(self, name: str, variables: object) -> int:
        """Return the cost of an operation."""
        operation = self.costs[name]
        return operation.cost(variables) if operation.constant is None else operation.constant


@dataclass(slots=True)
class DocumentCache:
    """The documents of one schema. Entries depend on the text alone, not on limits."""

    entries: OrderedDict[str, CachedDocument] = field(default_factory=OrderedDict)
    size: int = 0

    def get(self, text: object) -> CachedDocument | None:
        """Return the entry of a text, or None."""
        entry = self.entries.get(text) if isinstance(text, str) else None
        if entry is not None:
            self.entries.move_to_end(text)  # type: ignore[arg-type]  # found, so it is a str
        return entry

    def add(self, text: object, entry: CachedDocument, max_bytes: int) -> None:
        """Add an entry, and evict others beyond `max_bytes` of text."""
        if not isinstance(text, str) or text in self.entries:
            return
        self.entries[text] = entry
        self.size += len(text)
        while self.size > max_bytes:
            oldest, _ = self.entries.popitem(last=False)
            self.size -= len(oldest)


def check_document(
    execution: ExecutionContext, cached: CachedDocument | None, documents: DocumentCache
) -> tuple[int | None, list[GraphQLError]]:
    """Return the cost of an operation, if it is known, and what is wrong with its document. A valid document is added to the cache.

    Raises:
        RecursionError: The document is nested too deeply to be measured.
    """
    document, limits = execution.graphql_document, execution.context.limits
    assert document is not None
    entry = cached or CachedDocument(document, measure(document), {})
    if entry.checked_limits is not limits:
        if errors := size_errors(entry.sizes, limits):
            return None, errors
        entry.checked_limits = limits
    if entry.uses_introspection and not execution.context.introspection:
        return None, [introspection_error()]
    if cached is None:
        schema = core_schema(execution.schema)
        if errors := validate_document(schema, document, execution.validation_rules):
            return None, [with_depth_code(error) for error in errors]
        entry.costs = operation_costs(schema, document)
        documents.add(execution.query, entry, limits.document_cache_bytes)
    cost = entry.cost(execution.operation_name or "", execution.variables)
    return cost, [cost_error(cost, limits)] if cost > limits.cost else []
