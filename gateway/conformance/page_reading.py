"""Page reading: a page of a plugin read to its end, as the gateway reads what it gives out."""

from typing import Any

from telegraphql.gateway.pagination.page_values import page_values
from telegraphql.gateway.plugin.provider import Page
from telegraphql.gateway.plugin.rows import Rows
from telegraphql.schema.paging import Problem


def read_page(page: Page) -> tuple[list[Any], list[Problem]]:
    """Return the records of a page, and its problems: of rows, and of fields that cannot be read."""
    rows = list(page.records)
    unread = [] if not isinstance(page.records, Rows) or page.problems is page.records.problems else page.records.problems
    records, of_fields = page_values(rows)
    return records, [*page.problems, *unread, *of_fields]
