"""How much a property test tries: all in the long tests, a quarter before lunch."""

import os
from collections.abc import Iterable
from typing import TypeVar

Case = TypeVar("Case")

# Set by `make test-slow`.
ALL = "ALL_EXAMPLES" in os.environ


def examples(number: int) -> int:
    """Return the number of examples for this run, of `number` in the long tests."""
    return number if ALL else -(-number // 4)


def sampled(cases: Iterable[Case]) -> list[Case]:
    """Return the cases for this run: all in the long tests, every fifth before lunch. Their test is marked `property`.

    Neither the providers nor the orders come in fives, so that each has its turn.
    """
    return [*cases][:: 1 if ALL else 5]
