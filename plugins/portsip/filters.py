"""Filters: what of a client's filter a PBX applies, in its words."""

from collections.abc import Sequence
from typing import Any

from telegraphql.plugin import ListRequest, Numbering, national
from telegraphql.plugins.portsip.auth import PortsipSettings
from telegraphql.plugins.portsip.mapping import DIRECTION
from telegraphql.plugins.portsip.odata import Expression, literal
from telegraphql.schema import CallDirection, IntRange, NumberFilter

PARTIES = {"from": ("caller",), "to": ("callee",), "number": ("caller", "callee")}
LENGTHS = {"talkSeconds": "duration", "durationSeconds": "duration"}
WORDS: dict[CallDirection, str] = {direction: word for word, direction in DIRECTION.items()}


class Pushed:
    """Turns the declared parts of a filter into an expression; what this PBX does not filter by is left to the gateway."""

    def __init__(self, settings: PortsipSettings, numbering: Numbering) -> None:
        self._filterable = frozenset(settings.filterable)
        self._session = "session_id" if settings.has_call_logs else "id"
        self._numbering = numbering

    def expression(self, ask: ListRequest, time: str | None) -> Expression:
        """The bounds on the time and all parts of the filter."""
        expression = Expression()
        if time:
            expression.within(time, ask.since, ask.until)
        for name, value in ask.filter.items():
            self._add(expression, name, value)
        return expression

    def _add(self, expression: Expression, name: str, value: Any) -> None:
        if isinstance(value, NumberFilter):
            self._numbers(expression, PARTIES[name], value)
        elif name in LENGTHS and isinstance(value, IntRange):
            if self._may(expression, LENGTHS[name]):
                expression.between(LENGTHS[name], _bound(value.from_), _bound(value.to))
        elif name == "direction":
            self._directions(expression, value)
        elif name == "sessionId":
            self._equal(expression, self._session, value)
        elif name == "number":
            self._equal(expression, "extension_number", value)
        elif name == "isRead":
            self._equal(expression, "status", ["READ" if value else "UNREAD"])

    def _may(self, expression: Expression, *names: str) -> bool:
        """Whether the PBX filters by all of these; where not, the answer holds more than is wanted."""
        may = self._filterable.issuperset(names)
        expression.exact = expression.exact and may
        return may

    def _equal(self, expression: Expression, name: str, values: Sequence[str]) -> None:
        if self._may(expression, name):
            expression.one_of(name, values)

    def _directions(self, expression: Expression, wanted: Sequence[CallDirection]) -> None:
        """UNKNOWN is every word we do not know: there is no filter for it."""
        if CallDirection.UNKNOWN in wanted:
            expression.exact = False
        else:
            self._equal(expression, "direction", [WORDS[direction] for direction in wanted])

    def _numbers(self, expression: Expression, names: Sequence[str], wanted: NumberFilter) -> None:
        """All ways to write a number end with its national digits; only whole numbers can be asked for so."""
        needles = [national(self._numbering.e164(number) or number) for number in wanted.equals or ()]
        spelled = any(letter.isalpha() for number in wanted.equals or () for letter in number)
        if needles and all(needles) and not spelled and self._may(expression, *names):
            unique = dict.fromkeys(needles)
            expression.any([f"contains({name},{literal(needle)})" for needle in unique for name in names])
        expression.exact = False


def _bound(value: Any) -> int | None:
    """A bound that was given; an unset one is neither None nor a number."""
    return value if isinstance(value, int) else None
