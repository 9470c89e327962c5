"""Rules of a simulated account where live accounts may differ, or where nobody has told how they behave."""

import re
from dataclasses import dataclass
from enum import Enum

# The filters that programs with live accounts are known to use.
PROVEN_FILTERS = frozenset({"calldate", "timestamp", "origtime", "created_at", "type", "user_id", "disposition"})


class Like(Enum):
    """The meaning of the operator `like`."""

    PART = "PART"  # a part of the text; "%" is a character
    PART_OR_WILDCARD = "PART_OR_WILDCARD"  # a part of the text; "%" and "_" are wildcards
    WHOLE = "WHOLE"  # the whole text, as in SQL; "%" and "_" are wildcards
    REFUSED = "REFUSED"

    def pattern(self, value: str) -> re.Pattern[str]:
        """Return the pattern of the texts that match a value."""
        wildcards = {} if self is Like.PART else {"%": ".*", "_": "."}
        inner = "".join(wildcards.get(letter) or re.escape(letter) for letter in value)
        return re.compile(inner if self is Like.WHOLE else f".*{inner}.*", re.IGNORECASE | re.DOTALL)


class Sorting(Enum):
    """The reaction to `sort` by a property other than `id`."""

    OBEYED = "OBEYED"
    IGNORED = "IGNORED"  # rows come in the order of their ids
    REFUSED = "REFUSED"


@dataclass(slots=True)
class ListRules:
    """The switches of lists and files.

    `proven_filters_only` refuses filters by other properties than `PROVEN_FILTERS`, except `like`. `refused_properties` cannot be filtered
    by at all.
    """

    like: Like = Like.PART
    sorting: Sorting = Sorting.OBEYED
    proven_filters_only: bool = False
    refused_properties: frozenset[str] = frozenset()
    traces_as_json: bool = False
