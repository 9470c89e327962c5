"""Whatever is asked: an answer of GraphQL in time, and nothing that nobody foresaw. `make fuzz` asks more."""

import pytest

from tests.gateway.graphql.validation.fuzz import fuzz

OPERATIONS = 120


@pytest.mark.slow
def test_generated_operations_are_answered() -> None:
    outcome = fuzz(OPERATIONS)
    assert outcome.complaints == []
    assert outcome.asked >= OPERATIONS
    assert outcome.executed >= outcome.asked / 2
