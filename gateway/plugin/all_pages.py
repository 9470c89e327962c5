"""All pages of a list, for gets and other reads that must be complete."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from telegraphql.gateway.errors import BadData

T = TypeVar("T")
# An address in angle brackets with its parameters, of which `rel` names relations, with or without quotes.
LINK, RELATION = re.compile(r"<([^>]*)>([^<]*)"), re.compile(r";\s*rel\s*=\s*\"?([^\",;]+)", re.IGNORECASE)


async def read_all_pages(fetch: Callable[[int], Awaitable[tuple[Sequence[T], int | None]]], size: int) -> list[T]:
    """Return all rows of a list.

    A short page is not the last one. An empty page is the end, and a page that comes again: some upstreams know no offsets.
    A total that agrees with the rows is the end, too. Only on a full first page it is no proof, since it may count the page.

    Args:
        fetch: returns the rows from an offset on, and the upstream's total or None.
        size: the number of rows that a page is requested with.
    """
    rows: list[T] = []
    while True:
        page, total = await fetch(len(rows))
        if not page or rows[-len(page) :] == list(page):
            return rows
        rows += page
        if total == len(rows) and (len(page) < size or len(rows) > len(page)):
            return rows


async def read_all_links(fetch: Callable[[str | None], Awaitable[tuple[Sequence[T], str | None]]]) -> list[T]:
    """Return all rows of a list whose pages name the next one.

    Args:
        fetch: returns the rows of a page, and the link to the next one or None, for the link to this one; None for the first.

    Raises:
        BadData: a link leads back to a page that was read.
    """
    rows: list[T] = []
    links = set[str]()
    page, link = await fetch(None)
    while link:
        if link in links:
            raise BadData("sends the same page again and again")
        links.add(link)
        rows += page
        page, link = await fetch(link)
    return [*rows, *page]


def next_link(headers: Mapping[str, str]) -> str | None:
    """Return the address of the next page in a header `Link` (RFC 8288), for `Page.next`; None if there is none.

    The header is in `Answer.headers`, which `self.upstream.ask` returns.
    """
    for address, parameters in LINK.findall(headers.get("link", "")):
        relations = RELATION.search(parameters)
        if relations and "next" in relations[1].lower().split():
            return str(address.strip())
    return None
