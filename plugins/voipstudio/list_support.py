"""Features of an account's lists that it has accepted or refused. The reference documents none of them, so they are tried.

Programs with live accounts sort by `id`, and filter by time, type, user and disposition. Everything else may be refused.
"""

import time
from collections import Counter
from dataclasses import replace
from enum import Enum

from telegraphql.plugins.voipstudio.query import LIKE, Condition, ResourceQuery

# The seconds after which a refused feature is tried again.
RETRY_SECONDS = 3600.0
CHECKED_PAGES, CHECK_EVERY = 8, 64
PROVEN = frozenset({"calldate", "timestamp", "origtime", "created_at", "type", "user_id", "disposition"})
SORT = "sort"


class LikeForm(Enum):
    """The way to write a value of `like` that finds a part of a text."""

    BARE = ""
    WILDCARDS = "%"

    def wrap(self, text: str) -> str:
        """Return the value that finds a text."""
        return f"{self.value}{text}{self.value}"


def feature(condition: Condition) -> str:
    """Return the name of the feature that a condition needs."""
    return f"parts of {condition.property}" if condition.operator == LIKE else condition.property


class ListSupport:
    """The features that the lists of one account support. Features are remembered by path, the form of `like` for all paths."""

    def __init__(self) -> None:
        self.like_form: LikeForm | None = None
        self._like_refused_at: float | None = None
        self._accepted: set[tuple[str, str]] = set()
        self._refused: dict[tuple[str, str], float] = {}
        self._pages: Counter[str] = Counter()

    def is_refused(self, path: str, name: str) -> bool:
        """Return True if a feature was refused lately."""
        return _is_recent(self._refused.get((path, name)))

    @property
    def is_like_refused(self) -> bool:
        """Return True if no form of `like` found a part of a number lately."""
        return _is_recent(self._like_refused_at)

    def refuse_like(self) -> None:
        """Note that no form of `like` finds a part of a number."""
        self._like_refused_at = time.monotonic()

    def accept(self, query: ResourceQuery) -> None:
        """Note the features of a request that succeeded."""
        for name in _features(query):
            self._accepted.add((query.path, name))
            self._refused.pop((query.path, name), None)

    def refuse(self, path: str, name: str) -> None:
        """Note a feature that was refused."""
        self._refused[path, name] = time.monotonic()

    def suspects(self, query: ResourceQuery) -> list[str]:
        """Return the features of a refused request of which one may be the reason."""
        return sorted(name for name in _features(query) if (query.path, name) not in self._accepted)

    def must_check_order(self, path: str) -> bool:
        """Return True for the first pages of a collection, and for one in `CHECK_EVERY` after them: to read all times takes long."""
        self._pages[path] += 1
        return self._pages[path] <= CHECKED_PAGES or self._pages[path] % CHECK_EVERY == 0

    def supported(self, query: ResourceQuery) -> ResourceQuery:
        """Return a request without the features that were refused, with `like` in the form that works here."""
        conditions = []
        for condition in query.conditions:
            formed = self.formed(condition)
            if formed is not None and not self.is_refused(query.path, feature(condition)):
                conditions.append(formed)
        return replace(query, sorts=query.sorts and not self.is_refused(query.path, SORT), conditions=conditions)

    def formed(self, condition: Condition) -> Condition | None:
        """Return a condition with the value that works here; None if `like` does not, as far as is known."""
        if condition.operator != LIKE:
            return condition
        return None if self.like_form is None else replace(condition, value=self.like_form.wrap(condition.value))

    def warnings(self) -> list[str]:
        """Return what the account refuses, in sentences for its operator."""
        found = []
        for path in sorted({path for path, _ in self._refused}):
            names = sorted(name for refused_path, name in self._refused if refused_path == path and name != SORT)
            refused = [f"filter {path} by {', '.join(names)}"] if names else []
            refused += [f"sort {path} by time"] if (path, SORT) in self._refused else []
            found.append(f"the API does not {' or '.join(refused)}, so the gateway does, with more requests")
        if self.is_like_refused:
            found.append("the API does not find parts of numbers, so that a search by number reads the whole list: give it a range of time")
        return found


def _features(query: ResourceQuery) -> set[str]:
    """Return the features of a request that no program with a live account is known to use."""
    names = {feature(condition) for condition in query.conditions if condition.property not in PROVEN or condition.operator == LIKE}
    return names | ({SORT} if query.must_sort else set())


def _is_recent(refused_at: float | None) -> bool:
    return refused_at is not None and time.monotonic() - refused_at < RETRY_SECONDS
