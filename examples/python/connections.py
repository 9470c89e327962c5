"""Connections: what no generator knows of the gateway's lists. ariadne-codegen copies this module into `telephony/`."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from telephony.fragments import Cursor, ListProblem


class Connection(Protocol):
    """A page of any list whose operation selects `pageInfo { ...Cursor }`."""

    @property
    def page_info(self) -> "Cursor":
        """The cursor that ends the page."""


Listed = TypeVar("Listed", bound=Connection)


async def pages(fetch: Callable[[str | None], Awaitable[Listed]]) -> AsyncIterator[Listed]:
    """Yield all pages of a list. `fetch` requests the page after a cursor; the first one is after None."""
    after: str | None = None
    while True:
        found = await fetch(after)
        yield found
        if not found.page_info.has_next_page:
            return
        after = found.page_info.end_cursor


def problem_text(problem: "ListProblem") -> str:
    """Return a line that names the provider, the problem and when to retry."""
    name = problem.provider.name if problem.provider else "gateway"
    again = f" (in {problem.retry_after} s)" if problem.retry_after is not None else ""
    return f"{name}: {problem.code.value}: {problem.message}{again}"
