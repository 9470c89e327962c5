"""List reader: slices of an upstream that names no total, and cuts its pages or withholds rows of them."""

from collections.abc import Collection

import msgspec
import pytest

from telegraphql.plugins.voipstudio.list_reader import ListReader, PageClamp
from telegraphql.plugins.voipstudio.query import ResourceQuery
from telegraphql.plugins.voipstudio.wire import Listed

QUERY = ResourceQuery(path="/cdrs", time="calldate", ascending=False, conditions=[])


class Upstream:
    """Numbered rows in pages without a total. Those at some places are never sent."""

    def __init__(self, rows: int, withheld: Collection[int] = (), clamp: int = 1000, total: int | None = None) -> None:
        self.rows = range(rows)
        self.withheld = withheld
        self.clamp = clamp
        self.total = total
        self.asked: list[tuple[int, int]] = []

    async def __call__(self, query: ResourceQuery, limit: int, page: int) -> Listed:
        self.asked.append((limit, page))
        limit = min(limit, self.clamp)
        data = [msgspec.Raw(b"%d" % each) for each in self.rows[limit * (page - 1) : limit * page] if each not in self.withheld]
        return Listed(data=data, total=self.total)

    async def slice(self, offset: int, size: int = 16) -> list[int]:
        rows, _ = await ListReader(self, 1000).slice(QUERY, offset, size)
        return [int(bytes(row)) for row in rows]


@pytest.mark.parametrize(
    ("size", "withheld", "found", "asked"),
    [
        (1, (), [1], [(1, 2)]),
        (2, (1,), [2, 3], [(1, 2), (2, 2)]),
        (4, (1, 2, 3), [4, 5, 6, 7], [(1, 2), (2, 2), (4, 2)]),
        (16, range(1, 8), [], [(1, 2), (2, 2), (4, 2)]),
    ],
)
async def test_a_very_short_empty_page_is_no_end(
    size: int, withheld: Collection[int], found: list[int], asked: list[tuple[int, int]]
) -> None:
    upstream = Upstream(12, withheld)
    assert (await upstream.slice(1, size), upstream.asked) == (found, asked)


@pytest.mark.parametrize(("offset", "total"), [(16, None), (1, 1)])
async def test_a_long_empty_page_or_a_total_is_an_end(offset: int, total: int | None) -> None:
    upstream = Upstream(1, total=total)
    assert (await upstream.slice(offset), upstream.asked) == ([], [(offset, 2)])


@pytest.mark.parametrize(
    ("pages", "rows"),
    [
        ([(0, 16, 14), (1, 14, 14)], 14),
        ([(0, 16, 14), (1, 14, 3)], None),
        ([(0, 16, 14), (1, 14, 14), (0, 14, 12), (1, 12, 12)], 14),
        ([(0, 16, 16), (0, 16, 14), (1, 14, 14)], None),
    ],
)
def test_only_full_pages_of_the_longest_length_are_known_to_be_cut(pages: list[tuple[int, int, int]], rows: int | None) -> None:
    clamp = PageClamp()
    for page, limit, sent in pages:
        clamp.observe(page, limit, sent, None)
    assert clamp.rows == rows


async def test_pages_that_are_cut_are_read_in_their_own_length() -> None:
    upstream = Upstream(100, clamp=20)
    reader = ListReader(upstream, 1000)
    for offset in (0, 20):
        await reader.slice(QUERY, offset, 50)
    upstream.asked.clear()
    assert [int(bytes(row)) for row in (await reader.slice(QUERY, 35, 50))[0]] == [*range(35, 100)]
    assert upstream.asked == [(20, 2), (20, 3), (20, 4), (20, 5)]
