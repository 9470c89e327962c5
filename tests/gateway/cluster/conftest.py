"""One redis-server for each file of tests; keys are told apart by their prefix."""

from collections.abc import Iterator
from itertools import count

import pytest

from tests.gateway.cluster.redis_server import House, house

NUMBERS = count()


@pytest.fixture(scope="module")
def redis() -> Iterator[House]:
    with house() as made:
        yield made


@pytest.fixture
def prefix() -> str:
    return f"test{next(NUMBERS)}"
