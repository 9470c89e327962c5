"""Pages of calls, recordings and usages, made of pages of sessions."""

from collections.abc import Iterable

from telegraphql.plugin import GetRequest, Page


def empty() -> Page:
    """Return an empty page, for a request that need not be sent."""
    return Page(records=[], read=0, total=0)


def joined(pages: Iterable[Page]) -> Page:
    """Return several pages as one that is the whole list."""
    whole = empty()
    for page in pages:
        whole.records = [*whole.records, *page.records]
        whole.problems = [*whole.problems, *page.problems]
    whole.read = whole.total = len(whole.records)
    return whole


def in_order(page: Page, newest_first: bool) -> Page:
    """Return a page with its records sorted by time."""
    page.records = sorted(page.records, key=lambda each: each.time, reverse=newest_first)
    return page


def of_parts(page: Page, part: str) -> Page:
    """Return the parts of the sessions of a page. `read` still counts sessions; there is no total of parts."""
    # Sessions with the same id share their parts.
    records = {id(each): each for session in page.records for each in session.held.get(part) or ()}
    total = page.total if page.total == page.read else None
    return Page(records=[*records.values()], read=page.read, total=total, problems=page.problems, is_last=page.is_last)


def with_keys(page: Page, request: GetRequest, by: str = "") -> Page:
    """Keep only the parts with the requested keys."""
    keys = frozenset(request.keys)
    page.records = [each for each in page.records if (each.refs[by] if by else each.native_id) in keys]
    return page


def session_ids(request: GetRequest) -> list[str]:
    """Return the session ids that the native ids of parts begin with."""
    return [key.partition(".")[0] for key in request.keys]
