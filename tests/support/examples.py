"""How much a property test tries: all in the long tests, a quarter before lunch."""

import os

# Set by `make test-slow`.
ALL = "ALL_EXAMPLES" in os.environ


def examples(number: int) -> int:
    """Return the number of examples for this run, of `number` in the long tests."""
    return number if ALL else -(-number // 4)
