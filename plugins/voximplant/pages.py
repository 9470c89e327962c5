"""Pages: from pages of sessions to pages of their parts."""

from typing import Any

from telegraphql.plugin import GetRequest, Page


def empty() -> Page:
    """Nothing, without having asked."""
    return Page(records=[], read=0, total=0)


def of_parts(page: Page, part: str) -> Page:
    """The parts of the sessions of a page; its rows are sessions still, and their number says nothing of the parts."""
    records: list[Any] = [each for session in page.records for each in session.held.get(part) or ()]
    return Page(records=records, read=page.read, problems=page.problems)


def only(page: Page, wanted: GetRequest, by: str = "") -> Page:
    """What was asked for among all parts of the sessions."""
    keys = frozenset(wanted.keys)
    page.records = [each for each in page.records if (each.refs[by] if by else each.native_id) in keys]
    return page


def sessions_in(wanted: GetRequest) -> list[str]:
    """The sessions that the native ids of parts begin with."""
    return [key.partition(".")[0] for key in wanted.keys]
