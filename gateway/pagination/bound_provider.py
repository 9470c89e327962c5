"""BoundProvider: a configured provider together with what its plugin declares, ready to be asked."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from telegraphql.gateway.errors import Malformed, RequestError, TooLarge, UpstreamError
from telegraphql.gateway.pagination.cursor import time_of
from telegraphql.gateway.pagination.page_checks import Fetch
from telegraphql.gateway.pagination.page_discipline import PageDiscipline
from telegraphql.gateway.pagination.provider_faults import fault_of, provider_faults, stale_problem
from telegraphql.gateway.plugin.capabilities import Declared, declared
from telegraphql.gateway.plugin.declarations import Keyset, Links, Listing, PageStyle, Windows
from telegraphql.gateway.plugin.provider import ListRequest, Page, Provider
from telegraphql.gateway.plugin.row_view import RowView
from telegraphql.gateway.plugin.rows import TURN, Rows
from telegraphql.gateway.upstream.request_budget import current, reading
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.paging import Problem
from telegraphql.schema.record import Record

WINDOW_ROWS = 500
# A window is requested without a number of rows, and of a busy hour it holds many: a larger answer is requested in narrower windows.
MAX_WINDOW_ROWS = 5_000
# An answer may hold more rows than were asked for: some upstreams round a page size up, or ignore one below theirs.
MAX_ROWS_FACTOR, MIN_ROWS_LIMIT = 4, 2000


@dataclass(frozen=True, slots=True)
class BoundProvider:
    """One provider and its declarations."""

    provider: Provider
    declared: Declared
    # Its configured name, for clients and people; what is kept refers to its id.
    name: str = field(init=False)
    id: str = field(init=False)
    # The most rows of one request, where the account may say so; a settings model that has none takes its time to find that out.
    _configured: int | None = field(init=False, repr=False)
    _disciplines: dict[str, PageDiscipline] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.provider.name)
        object.__setattr__(self, "id", self.provider.id)
        object.__setattr__(self, "_configured", getattr(self.provider.settings, "page_size", None))

    @classmethod
    def of(cls, provider: Provider) -> "BoundProvider":
        """Return a provider with what its class declares."""
        return cls(provider, declared(type(provider)))

    def most(self, listing: Listing) -> int:
        """Return the most rows one request of this listing can deliver."""
        most = listing.pages.most or WINDOW_ROWS
        return min(self._configured, most) if self._configured and not isinstance(listing.pages, Windows) else most

    def pages(self, listing: Listing) -> PageStyle:
        """Return the page style of a listing, with the account's own page size, start of history and first window."""
        pages = listing.pages
        if isinstance(pages, Links):
            pages = replace(pages, most=self.most(listing))
        if not isinstance(pages, Links | Windows):
            return pages
        settings: Any = self.provider.settings
        floor, start = getattr(settings, "history_start", None), getattr(settings, "first_window", None)
        return replace(pages, floor=floor or pages.floor, start=start or pages.start)

    def discipline(self, listing: Listing) -> PageDiscipline:
        """Return what the pages of this listing have proven so far, for as long as the provider is configured."""
        return self._disciplines.setdefault(listing.method, PageDiscipline())

    def lacking(self, kind: type[Record], select: Iterable[str]) -> list[str]:
        """Return the selected fields that only a single get delivers."""
        listing = self.declared.listings.get(kind)
        return [name for name in select if name in listing.detail] if listing and listing.detail else []

    def relates(self, kind: type[Record], by: str) -> bool:
        """Return True if the provider can find the records of a kind by their parent."""
        listing = self.declared.listings.get(kind)
        return (kind, by) in self.declared.getters or (listing is not None and by in listing.joins)

    def pushed(self, listing: Listing, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what the upstream is given of a filter."""
        return {name: value for name, value in filters.items() if name in listing.filters}

    def fetch(self, listing: Listing, filters: Mapping[str, Any] | None = None) -> Fetch:
        """Return a function that fetches a slice. Records without id or time become problems."""
        given = filters or {}
        pushed = given if given.keys() <= listing.filters.keys() else self.pushed(listing, given)
        outdated: dict[ProblemCode, tuple[float, Problem]] = {}
        held_bytes = 0

        async def fetch(ask: ListRequest) -> Page:
            nonlocal held_bytes
            work = current().work
            work.check()
            asked = ask if ask.filter is pushed or ask.filter == pushed else replace(ask, filter=pushed)
            # Whoever asks for a slice has no use for the one before.
            work.forget(held_bytes)
            held_bytes = 0
            with reading(ask.until) as here:
                page: Page = await self.answer(listing.method, asked)
            held_bytes = here.held_bytes
            check_row_count(page.read, None if isinstance(listing.pages, Windows) else ask.size)
            work.rows += page.read
            if isinstance(page.records, Rows) and (page.read > 2 * TURN or not isinstance(listing.pages, Keyset)):
                await page.records.read_in_turns()
            if isinstance(page.records, Rows) and not isinstance(listing.pages, Keyset):
                page.records = page.records.all()
            # Nobody knows how many there are now where a page is an old one.
            total = None if here.stale else page.total
            problems = page.problems + _outdated(here.stale, outdated) if here.stale else [*page.problems]
            records = page.records
            if isinstance(records, Rows):
                records.news()  # are among the page's problems
            else:
                records = [record for record in records if type(record) is RowView or self._placed(record, problems)]
            return Page(records=records, read=page.read, total=total, problems=problems, is_last=page.is_last, next=page.next)

        return fetch

    async def answer(self, method: str, asked: Any) -> Any:
        """Return what a method of the plugin answers. Its errors name the provider, those that no request raised as well."""
        try:
            return await getattr(self.provider, method)(asked)
        except RequestError:
            raise
        except Exception as error:
            raise fault_of(error, self.id) from None

    def derive(self, method: str) -> Callable[[Sequence[Record]], Any]:
        """Return what the plugin makes of a group of records."""

        def derived(parts: Sequence[Record]) -> Any:
            with provider_faults(self.id):
                return getattr(self.provider, method)(parts)

        return derived

    def _placed(self, record: Record, problems: list[Problem]) -> bool:
        if record.name_field is not None:
            return True
        try:
            time_of(record)
        except ValueError:
            missing = Malformed(f"the {type(record).__name__} {record.native_id[:64]} has no time", provider=self.id)
            problems.append(missing.as_problem())
            return False
        return True


def check_row_count(rows: int, requested: int | None) -> None:
    """Accept the number of rows of an answer. A time window is requested without a number.

    Raises:
        TooLarge: There are far more than were requested, or than a time window may hold.
    """
    if requested is None and rows > MAX_WINDOW_ROWS:
        raise TooLarge(f"sent {rows} records for one time window, of which at most {MAX_WINDOW_ROWS} are read")
    if requested is not None and rows > max(MAX_ROWS_FACTOR * requested, MIN_ROWS_LIMIT):
        raise TooLarge(f"sent {rows} records where {requested} were asked for")


def _outdated(stale: Sequence[tuple[UpstreamError, float]], known: dict[ProblemCode, tuple[float, Problem]]) -> list[Problem]:
    """Return the problems for which old answers stood in: one of each code for all pages of a stream, which tells the oldest of them."""
    fresh = []
    for error, seconds in stale:
        oldest, problem = known.get(error.problem, (0.0, None))
        told = stale_problem(error.provider, error.message, max(oldest, seconds), error.retry_after)
        if problem is None:
            problem = told
            fresh.append(problem)
        known[error.problem] = max(oldest, seconds), problem
        problem.message, problem.age_seconds = told.message, told.age_seconds
    return fresh
