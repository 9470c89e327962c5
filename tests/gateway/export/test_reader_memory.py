"""Memory: however long a list is, an export holds a few pages of it."""

import asyncio
import gc
import tracemalloc

from telegraphql.gateway.export.reader import ExportReader
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.schema.call import Call
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import call

RECORDS = 6000
MOST_GROWTH = 100_000


def test_the_last_pages_take_no_more_room_than_the_first() -> None:
    stores = [Store([call(n, 2 * n + place, name) for n in range(RECORDS // 2)]) for place, name in enumerate("ab")]
    servings = [serving(name, Memory, store) for name, store in zip("ab", stores, strict=True)]
    walk = ExportReader(kind=Call, time="startedAt", range=None, select=Selection.of("id"), size=100, serving=servings)

    async def walked() -> list[int]:
        held, done = [], False
        while not done:
            done = (await walk.take(None)).done
            for store in stores:
                store.asked.clear()
            gc.collect(1)
            held.append(tracemalloc.get_traced_memory()[0])
        await walk.aclose()
        return held

    tracemalloc.start()
    try:
        held = asyncio.run(walked())
    finally:
        tracemalloc.stop()
    assert len(held) > RECORDS // 100
    assert max(held[10:]) - max(held[:10]) < MOST_GROWTH
