"""Rules by which a simulated PBX refuses requests, depending on its version, its license and its users."""

import re
from dataclasses import dataclass, field

from telegraphql.plugins.portsip.sandbox.queries import QueryError, tokenize

# What live programs send: one or two bounds on a time in milliseconds with an offset.
PROVEN_TIME = r"\w+_at (?:gt|lt) '\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(?:Z|[+-]\d\d:\d\d)'"
PROVEN = re.compile(rf"{PROVEN_TIME}(?: and {PROVEN_TIME})?")


@dataclass(slots=True)
class PbxRules:
    """The switches: the forms and properties of filters, whether lists can be ordered, and operations that fail with a status and a code.

    An operation is named as in `{"POST /recordings/{id}/destroy": (409, "RESOURCE_IN_USE")}`.
    """

    proven_filters_only: bool = False
    refused_properties: frozenset[str] = frozenset()
    refuses_order: bool = False
    error_codes: dict[str, tuple[int, str]] = field(default_factory=dict)

    def check(self, text: str, order: str) -> None:
        """Raise QueryError if a filter or an order is refused."""
        if order and self.refuses_order:
            raise QueryError("orderby is not supported")
        if text and self.proven_filters_only and not PROVEN.fullmatch(text):
            raise QueryError("filter is not supported")
        words = {word for kind, word in tokenize(text) if kind == "word"} if self.refused_properties else set()
        if words & self.refused_properties:
            raise QueryError("filter names a property that cannot be filtered")
