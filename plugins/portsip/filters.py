"""Translation of filters to the PBX's expressions."""

from collections.abc import Sequence
from typing import Any

from telegraphql.plugin import ListRequest, Numbering, national
from telegraphql.plugins.portsip.auth import PortsipSettings
from telegraphql.plugins.portsip.mapping import DIRECTION
from telegraphql.plugins.portsip.odata import Expression, literal
from telegraphql.schema import CallDirection, IntRange, NumberFilter

PARTIES = {"from": ("caller",), "to": ("callee",), "number": ("caller", "callee")}
DURATIONS = {"talkSeconds": "duration", "durationSeconds": "duration"}
DIRECTION_CODES: dict[CallDirection, str] = {direction: word for word, direction in DIRECTION.items()}


class FilterTranslator:
    """Translates the declared filters. A filter that this PBX does not support is left to the gateway."""

    def __init__(self, settings: PortsipSettings, numbering: Numbering) -> None:
        self._filterable = frozenset(settings.filterable)
        self._session = "session_id" if settings.has_call_logs else "id"
        self._numbering = numbering

    def expression(self, request: ListRequest, time: str | None) -> Expression:
        """Return the time bounds and all filters as an expression."""
        expression = Expression()
        if time:
            expression.within(time, request.since, request.until)
        for name, value in request.filter.items():
            self._add(expression, name, value)
        return expression

    def _add(self, expression: Expression, name: str, value: Any) -> None:
        if isinstance(value, NumberFilter):
            self._numbers(expression, PARTIES[name], value)
        elif name in DURATIONS and isinstance(value, IntRange):
            if self._is_supported(expression, DURATIONS[name]):
                expression.between(DURATIONS[name], _bound(value.from_), _bound(value.to))
        elif name == "direction":
            self._directions(expression, value)
        elif name == "sessionId":
            self._equal(expression, self._session, value)
        elif name == "number":
            self._equal(expression, "extension_number", value)
        elif name == "isRead":
            self._equal(expression, "status", ["READ" if value else "UNREAD"])

    def _is_supported(self, expression: Expression, *names: str) -> bool:
        """Return True if the PBX filters by all of these properties. Otherwise the expression is no longer exact."""
        is_supported = self._filterable.issuperset(names)
        expression.exact = expression.exact and is_supported
        return is_supported

    def _equal(self, expression: Expression, name: str, values: Sequence[str]) -> None:
        if self._is_supported(expression, name):
            expression.one_of(name, values)

    def _directions(self, expression: Expression, directions: Sequence[CallDirection]) -> None:
        """Add a filter of directions. UNKNOWN stands for every unknown code, which cannot be filtered."""
        if CallDirection.UNKNOWN in directions:
            expression.exact = False
        else:
            self._equal(expression, "direction", [DIRECTION_CODES[direction] for direction in directions])

    def _numbers(self, expression: Expression, names: Sequence[str], filter: NumberFilter) -> None:
        """Add a filter of whole numbers by their national digits, which every spelling ends with."""
        needles = [national(self._numbering.e164(number) or number) for number in filter.equals or ()]
        spelled = any(letter.isalpha() for number in filter.equals or () for letter in number)
        if needles and all(needles) and not spelled and self._is_supported(expression, *names):
            unique = dict.fromkeys(needles)
            expression.any_of([f"contains({name},{literal(needle)})" for needle in unique for name in names])
        expression.exact = False


def _bound(value: Any) -> int | None:
    """Return a given bound, or None: an unset one is neither None nor a number."""
    return value if isinstance(value, int) else None
