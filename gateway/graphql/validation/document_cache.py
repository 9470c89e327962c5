"""CachedDocument: documents that were parsed and validated before, by their text; the least recently used are forgotten."""

from collections import OrderedDict
from dataclasses import dataclass, field

from graphql import DocumentNode

from telegraphql.gateway.graphql.validation.complexity import OperationCost
from telegraphql.gateway.graphql.validation.limits import Limits
from telegraphql.gateway.graphql.validation.size import DocumentSize


@dataclass(slots=True)
class CachedDocument:
    """A valid document, how large it is, and what its operations cost, by name. `within` are limits that it was found to keep to."""

    document: DocumentNode
    weights: list[DocumentSize]
    prices: dict[str, OperationCost]
    within: Limits | None = None
    introspects: bool = field(init=False)

    def __post_init__(self) -> None:
        self.introspects = any(each.introspection_depth for each in self.weights)


@dataclass(slots=True)
class DocumentCache:
    """The documents of one schema. What a document is depends on its text alone, so that limits may change meanwhile."""

    known: OrderedDict[str, CachedDocument] = field(default_factory=OrderedDict)
    size: int = 0

    def find(self, text: object) -> CachedDocument | None:
        """What is known of a text."""
        found = self.known.get(text) if isinstance(text, str) else None
        if found is not None:
            self.known.move_to_end(text)  # type: ignore[arg-type]  # found, so that it is text
        return found

    def remember(self, text: object, known: CachedDocument, most_bytes: int) -> None:
        """Keep a document, and forget others as far as it takes."""
        if not isinstance(text, str) or text in self.known:
            return
        self.known[text] = known
        self.size += len(text)
        while self.size > most_bytes:
            oldest, _ = self.known.popitem(last=False)
            self.size -= len(oldest)
