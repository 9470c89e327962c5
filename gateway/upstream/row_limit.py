"""Row limit: refuse answers that hold far more rows than were asked for."""

from telegraphql.gateway.errors import TooLarge

# Some upstreams round a page size up, or ignore one below theirs.
MAX_FACTOR, MIN_LIMIT = 4, 2000


def check_row_count(rows: int, requested: int) -> None:
    """Accept the number of rows of a page.

    Raises:
        TooLarge: there are more than four times as many as requested, and more than 2,000.
    """
    if rows > max(MAX_FACTOR * requested, MIN_LIMIT):
        raise TooLarge(f"sent {rows} records where {requested} were asked for")
