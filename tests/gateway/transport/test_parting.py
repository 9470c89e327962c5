"""Work that is given up cleans up in peace, however often it is stopped."""

import asyncio

import pytest

from gateway.transport.parting import Parting


class Work:
    """Takes a moment to clean up."""

    def __init__(self) -> None:
        self.cleaned = asyncio.Event()

    async def run(self) -> str:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            self.cleaned.set()
        return "done"


async def test_who_is_stopped_twice_stops_the_work_once() -> None:
    work = Work()
    waiting = asyncio.create_task(Parting().once(work.run()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.wait_for(work.cleaned.wait(), 5)


async def test_what_comes_of_it_is_passed_on() -> None:
    async def given() -> int:
        return 7

    async def failed() -> int:
        raise KeyError("no")

    assert await Parting().once(given()) == 7
    with pytest.raises(KeyError):
        await Parting().once(failed())
