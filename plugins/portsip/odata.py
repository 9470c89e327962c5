"""OData: the `filter` expressions a PBX is asked with. Only what its manual shows: `and` before `or`, and no parentheses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import product
from math import prod

# Encoded, an expression grows by about a half; web servers commonly take 8 KB of URL.
MOST_CHARACTERS = 4000


def literal(value: str | int) -> str:
    """A value as it is written: text in single quotes, a quote inside doubled."""
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def moment(value: datetime) -> str:
    """A moment as it is written, to the microsecond."""
    return literal(value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))


@dataclass(slots=True)
class Expression:
    """A filter being put together; `exact` is False once a part of it had to be left out."""

    clauses: list[str] = field(default_factory=list)
    groups: list[Sequence[str]] = field(default_factory=list)
    exact: bool = True

    def within(self, name: str, since: datetime | None, until: datetime | None) -> None:
        """Bounds on a time, both ends included."""
        self.clauses += [f"{name} {sign} {moment(at)}" for sign, at in (("ge", since), ("le", until)) if at is not None]

    def between(self, name: str, first: int | None, last: int | None) -> None:
        """Bounds on a number, both ends included."""
        self.clauses += [f"{name} {sign} {literal(bound)}" for sign, bound in (("ge", first), ("le", last)) if bound is not None]

    def one_of(self, name: str, values: Iterable[str]) -> None:
        """The property is one of these."""
        self.any([f"{name} eq {literal(value)}" for value in values])

    def any(self, alternatives: Sequence[str]) -> None:
        """One of these must hold."""
        self.groups.append(alternatives)

    def written(self) -> str | None:
        """The text: the alternatives multiplied out, since there are no parentheses; None where everything is wanted."""
        chosen: list[Sequence[str]] = []
        for group in sorted(self.groups, key=len):
            if self._length([*chosen, group]) <= MOST_CHARACTERS:
                chosen.append(group)
            else:
                self.exact = False
        terms = [" and ".join([*parts, *self.clauses]) for parts in product(*chosen)]
        return " or ".join(terms) or None

    def _length(self, groups: Sequence[Sequence[str]]) -> int:
        terms = prod(map(len, groups))
        shared = sum(len(clause) + 5 for clause in self.clauses)
        return terms * shared + sum(terms // len(group) * sum(len(each) + 5 for each in group) for group in groups)
