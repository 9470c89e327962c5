"""Fixtures: one place for all tests that leave it as they found it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.resilience.simulated_gateway import Clients, Place, place


@pytest.fixture(scope="session")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Four simulated upstreams and a gateway."""
    with place(tmp_path_factory.mktemp("resilience")) as made:
        yield made


@pytest.fixture
async def clients(lasting: Place) -> AsyncIterator[Clients]:
    """Its clients, who find all upstreams well and idle; nothing secret may be said to them."""
    async with lasting.clients() as asking:
        await asking.recover(within=10)
        lasting.forget()
        yield asking
    lasting.behave()
    assert lasting.ears.leaks == []
