"""Translation of filters to the PBX's expressions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from telegraphql.plugin import ListRequest, Numbering, dialable, national
from telegraphql.plugins.portsip.filter_support import ALTERNATIVES, PRECISE_TIMES, SEARCH, FilterPlan
from telegraphql.plugins.portsip.mapping import DIRECTION
from telegraphql.plugins.portsip.odata import Expression, literal
from telegraphql.plugins.portsip.recordings import Window, merge_windows
from telegraphql.plugins.portsip.settings import PortsipSettings
from telegraphql.schema import CallDirection, IntRange, NumberFilter, TextFilter, TimeRange

MAX_WINDOWS = 8
NUMBER_PROPERTIES = {
    "from": ("caller",),
    "to": ("callee",),
    "number": ("caller", "callee"),
    "dialedNumber": ("did_cid",),
    "callerIdShown": ("outbound_caller_id",),
}
VALUE_PROPERTIES = {"number": "extension_number", "hangupCause": "end_reason", "sipStatusCode": "status_code", "trunk": "trunk"}
# Names have no word so long, and numbers have at most 15 digits.
MIN_ID_LENGTH = 16
DURATIONS = {"talkSeconds": "duration", "durationSeconds": "duration"}
DIRECTION_CODES: dict[CallDirection, str] = {direction: word for word, direction in DIRECTION.items()}


def time_expression(plan: FilterPlan, name: str, since: datetime | None, until: datetime | None) -> Expression:
    """Return inclusive bounds on a time, as precisely as the PBX allows."""
    expression = Expression()
    if since is until is None:
        return expression
    if plan.uses(PRECISE_TIMES):
        expression.within(name, since, until)
    else:
        expression.around(name, since, until)
    return expression


def time_expressions(plan: FilterPlan, name: str, windows: Sequence[Window]) -> list[Expression]:
    """Return expressions that match the times in any of some windows: one with alternatives, or on some PBXs one for each window."""
    merged = merge_windows(windows, MAX_WINDOWS)
    each = [time_expression(plan, name, start, end) for start, end in merged]
    if len(each) <= 1 or not plan.uses(ALTERNATIVES):
        return each
    expression = Expression()
    expression.any_of([one.text() or "" for one in each])
    return [expression]


class FilterTranslator:
    """Translates the declared filters. A filter that this PBX does not support is left to the gateway."""

    def __init__(self, settings: PortsipSettings, numbering: Numbering) -> None:
        self._session = "session_id" if settings.has_call_logs else "id"
        self._numbering = numbering

    def expression(self, request: ListRequest, time: str | None, plan: FilterPlan) -> Expression:
        """Return the time bounds and all filters as an expression."""
        expression = time_expression(plan, time, request.since, request.until) if time else Expression()
        for name, value in request.filter.items():
            self._add(_Draft(expression, plan), name, value)
        return expression

    def _add(self, draft: "_Draft", name: str, value: Any) -> None:
        if isinstance(value, NumberFilter) and name in NUMBER_PROPERTIES:
            self._numbers(draft, NUMBER_PROPERTIES[name], value)
        elif name in DURATIONS and isinstance(value, IntRange):
            draft.between(DURATIONS[name], _bound(value.min), _bound(value.max))
        elif name == "direction":
            _directions(draft, value)
        elif name == "search":
            self._search(draft, value.strip())
        elif name == "name":
            _name(draft, value)
        elif name == "answeredAt":
            draft.within("answered_at", value)
        elif name == "isRead":
            draft.one_of("status", ["READ" if value else "UNREAD"])
        elif name == "sessionId":
            draft.one_of(self._session, value)
        elif name in VALUE_PROPERTIES:
            draft.one_of(VALUE_PROPERTIES[name], value)

    def _numbers(self, draft: "_Draft", names: Sequence[str], filter: NumberFilter) -> None:
        """Add a filter of whole numbers by their national digits, which every spelling ends with."""
        digits = [national(self._numbering.e164(number) or number) for number in filter.equals or ()]
        is_text = any(letter.isalpha() for number in filter.equals or () for letter in number)
        if digits and all(digits) and not is_text:
            unique = dict.fromkeys(digits)
            draft.any_of(names, [f"contains({name},{literal(each)})" for each in unique for name in names])
        draft.expression.exact = False

    def _search(self, draft: "_Draft", text: str) -> None:
        """Search for a number by its national digits, for an id by itself, and for a name as it is."""
        plain = dialable(text)
        if len(text) >= MIN_ID_LENGTH and text.isalnum():
            draft.one_of("id", [text])
        elif plain:
            draft.search(national(self._numbering.e164(text) or plain))
        else:
            draft.search(text)
        draft.expression.exact = False


class _Draft:
    """An expression under construction, and the features that it may use. What it may not use makes it inexact."""

    def __init__(self, expression: Expression, plan: FilterPlan) -> None:
        self.expression = expression
        self._plan = plan

    def one_of(self, name: str, values: Sequence[str | int]) -> None:
        """Require a property to be one of these values."""
        self.any_of([name], [f"{name} eq {literal(value)}" for value in values])

    def any_of(self, names: Sequence[str], alternatives: Sequence[str]) -> None:
        """Require one of these conditions on these properties."""
        if self._uses(*names, *([ALTERNATIVES] if len(alternatives) > 1 else [])):
            self.expression.any_of(alternatives)

    def between(self, name: str, first: int | None, last: int | None) -> None:
        """Add inclusive bounds on a number."""
        if self._uses(name):
            self.expression.between(name, first, last)

    def within(self, name: str, range: TimeRange) -> None:
        """Add the bounds of a time range. Other properties than the time of a list are not filtered coarsely."""
        since, until = (bound if isinstance(bound, datetime) else None for bound in (range.since, range.until))
        if self._uses(name, PRECISE_TIMES):
            self.expression.within(name, since, until)
        self.expression.exact = False

    def search(self, text: str) -> None:
        """Search for a text. The PBX reads " or " as alternatives."""
        if " or " not in f" {text} " and self._uses(SEARCH):
            self.expression.search = text

    def _uses(self, *features: str) -> bool:
        is_used = self._plan.uses(*features)
        self.expression.exact = self.expression.exact and is_used
        return is_used


def _name(draft: _Draft, name: TextFilter) -> None:
    """Search for the longest text that a name has to hold. The PBX searches for one text at a time."""
    texts = [name.contains, name.starts_with, *(name.equals or [] if len(name.equals or []) == 1 else [])]
    wanted = max((text.strip() for text in texts if text), key=len, default="")
    if wanted and draft.expression.search is None:
        draft.search(wanted)
    draft.expression.exact = False


def _directions(draft: _Draft, directions: Sequence[CallDirection]) -> None:
    """Add a filter of directions. UNKNOWN stands for every unknown code, which cannot be filtered."""
    if CallDirection.UNKNOWN in directions:
        draft.expression.exact = False
    else:
        draft.one_of("direction", [DIRECTION_CODES[direction] for direction in directions])


def _bound(value: Any) -> int | None:
    """Return a bound that was given; an unset one is neither None nor a number."""
    return value if isinstance(value, int) else None
