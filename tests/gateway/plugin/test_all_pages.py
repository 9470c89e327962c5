"""Reading all pages: every row of an upstream with short pages, and an end with every upstream."""

import pytest

from telegraphql.gateway.errors import BadData
from telegraphql.plugin import next_link, read_all_links, read_all_pages

ROWS = list("abcdefg")


class Paged:
    """An upstream with pages of `length` rows."""

    def __init__(self, rows: list[str], length: int, total: int | None = None) -> None:
        self.rows, self.length, self.total = rows, length, total
        self.offsets: list[int] = []

    async def fetch(self, offset: int) -> tuple[list[str], int | None]:
        self.offsets.append(offset)
        return self.rows[offset:][: self.length], self.total


@pytest.mark.parametrize(
    ("upstream", "size", "offsets"),
    [
        pytest.param(Paged([], 5), 5, [0], id="no rows"),
        pytest.param(Paged(ROWS, 2), 5, [0, 2, 4, 6, 7], id="short pages without a total"),
        pytest.param(Paged(ROWS, 2, 7), 5, [0, 2, 4, 6], id="short pages with a total"),
        pytest.param(Paged(ROWS, 9, 7), 9, [0], id="one page with a total"),
        pytest.param(Paged(ROWS, 5, 5), 5, [0, 5, 7], id="a total of the first page"),
        pytest.param(Paged(ROWS, 2, 0), 5, [0, 2, 4, 6, 7], id="a wrong total"),
    ],
)
async def test_it_reads_every_row_in_few_requests(upstream: Paged, size: int, offsets: list[int]) -> None:
    assert await read_all_pages(upstream.fetch, size) == upstream.rows
    assert upstream.offsets == offsets


async def test_an_upstream_without_offsets_comes_to_an_end() -> None:
    answer = tuple(ROWS)

    async def fetch(offset: int) -> tuple[tuple[str, ...], None]:
        return answer, None

    assert await read_all_pages(fetch, 5) == ROWS


async def test_links_are_followed_to_the_last_page() -> None:
    pages = {None: ([1, 2], "a"), "a": ([], "b"), "b": ([3], None)}
    asked: list[str | None] = []

    async def fetch(link: str | None) -> tuple[list[int], str | None]:
        asked.append(link)
        return pages[link]

    assert await read_all_links(fetch) == [1, 2, 3]
    assert asked == [None, "a", "b"]


async def test_a_link_that_leads_back_is_an_error() -> None:
    async def fetch(link: str | None) -> tuple[list[int], str | None]:
        return [1], "b" if link == "a" else "a"

    with pytest.raises(BadData, match="sends the same page again and again"):
        await read_all_links(fetch)


@pytest.mark.parametrize(
    ("header", "address"),
    [
        (
            '<https://api.example/calls?page=2>; rel="next", <https://api.example/calls?page=9>; rel="last"',
            "https://api.example/calls?page=2",
        ),
        ('</calls?page=1>; rel="prev first", </calls?a=1,2;b=3>; title="x"; REL=next', "/calls?a=1,2;b=3"),
        ('<?page=2>;rel="last next"', "?page=2"),
        ('</calls>; rel="nextish"', None),
        ('</calls>; title="next"', None),
        ("", None),
        ("nonsense", None),
    ],
)
def test_the_next_page_in_a_link_header_is_found(header: str, address: str | None) -> None:
    assert next_link({"link": header} if header else {}) == address
