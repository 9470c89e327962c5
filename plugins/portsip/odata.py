"""OData expressions for `filter`: only what the manual shows, `and` before `or`, without parentheses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import product
from math import prod

# Encoding makes an expression about half as long again. Web servers commonly accept URLs of 8 KB.
MAX_EXPRESSION = 4000
MILLISECOND = timedelta(milliseconds=1)


def literal(value: str | int) -> str:
    """Return a value as a literal: text in single quotes, with quotes doubled."""
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def time_literal(value: datetime) -> str:
    """Return a time as a literal, in microseconds."""
    return literal(value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))


def coarse_time_literal(value: datetime) -> str:
    """Return a time as a literal in milliseconds with an offset, the form of live programs."""
    return literal(value.astimezone(UTC).isoformat(timespec="milliseconds"))


@dataclass(slots=True)
class Expression:
    """A filter expression under construction. `exact` becomes False if a part had to be left out."""

    clauses: list[str] = field(default_factory=list)
    groups: list[Sequence[str]] = field(default_factory=list)
    exact: bool = True

    def within(self, name: str, since: datetime | None, until: datetime | None) -> None:
        """Add inclusive bounds on a time."""
        self.clauses += [f"{name} {sign} {time_literal(bound)}" for sign, bound in (("ge", since), ("le", until)) if bound is not None]

    def around(self, name: str, since: datetime | None, until: datetime | None) -> None:
        """Add bounds that also match records up to two milliseconds outside of them, in the form of live programs."""
        if since is not None:
            self.clauses.append(f"{name} gt {coarse_time_literal(since - MILLISECOND)}")
        if until is not None:
            self.clauses.append(f"{name} lt {coarse_time_literal(until + 2 * MILLISECOND)}")
        self.exact = self.exact and since is until is None

    def between(self, name: str, first: int | None, last: int | None) -> None:
        """Add inclusive bounds on a number."""
        self.clauses += [f"{name} {sign} {literal(bound)}" for sign, bound in (("ge", first), ("le", last)) if bound is not None]

    def one_of(self, name: str, values: Iterable[str]) -> None:
        """Require a property to be one of these values."""
        self.any_of([f"{name} eq {literal(value)}" for value in values])

    def any_of(self, alternatives: Sequence[str]) -> None:
        """Require one of these conditions."""
        self.groups.append(alternatives)

    def text(self) -> str | None:
        """Return the text with all alternatives multiplied out, since there are no parentheses. None if there is no condition."""
        chosen: list[Sequence[str]] = []
        for group in sorted(self.groups, key=len):
            if self._length([*chosen, group]) <= MAX_EXPRESSION:
                chosen.append(group)
            else:
                self.exact = False
        terms = [" and ".join([*parts, *self.clauses]) for parts in product(*chosen)]
        return " or ".join(terms) or None

    def _length(self, groups: Sequence[Sequence[str]]) -> int:
        terms = prod(map(len, groups))
        shared = sum(len(clause) + 5 for clause in self.clauses)
        return terms * shared + sum(terms // len(group) * sum(len(each) + 5 for each in group) for group in groups)
