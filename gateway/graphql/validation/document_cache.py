"""The cache of parsed and validated documents, by their text. The least recently used ones are evicted."""

from collections import OrderedDict
from dataclasses import dataclass, field

from graphql import DocumentNode

from telegraphql.gateway.graphql.validation.complexity import OperationCost
from telegraphql.gateway.graphql.validation.limits import Limits
from telegraphql.gateway.graphql.validation.size import DocumentSize


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
