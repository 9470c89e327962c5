"""Provider check: try everything that one provider declares, by the plugin contract alone."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, TypeVar

from telegraphql.gateway.cli.check_report import CheckResult, ProviderChecks, Result
from telegraphql.gateway.cli.filter_samples import filter_sample
from telegraphql.gateway.errors import Unforeseen, Unsupported, UpstreamError
from telegraphql.gateway.media.links import locate_file
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.cursor import time_of
from telegraphql.gateway.plugin.capabilities import schema_name
from telegraphql.gateway.plugin.declarations import Keyset, Links, Listing, Windows
from telegraphql.gateway.plugin.provider import ListRequest, Page, Settings
from telegraphql.gateway.plugin.row_view import records_of
from telegraphql.gateway.plugin.rows import Rows
from telegraphql.gateway.upstream.request_budget import RequestBudget, running
from telegraphql.schema.enums import ProblemCode, TimeOrder
from telegraphql.schema.filters import TimeRange

T = TypeVar("T")
SAMPLE_SIZE = 50
WINDOWS = 7
MAX_SKEW = timedelta(seconds=30)
ADVICE = {
    ProblemCode.UNAUTHORIZED: "check this provider's credentials in the configuration",
    ProblemCode.FORBIDDEN: "give the configured account the role it needs at the provider",
    ProblemCode.TIMEOUT: "check base_url and any firewall in between",
    ProblemCode.UNAVAILABLE: "check base_url and whether the provider is up",
    ProblemCode.BAD_ANSWER: "check that base_url is the URL of this provider's API",
    ProblemCode.RATE_LIMITED: "wait a while and check again",
}
LOCAL_ADVICE = {
    ProblemCode.FORBIDDEN: "let the gateway's user read the paths in this provider's configuration",
    ProblemCode.TIMEOUT: "check whether the disk or the network folder hangs",
    ProblemCode.UNAVAILABLE: "",  # the message of the operating system says enough
    ProblemCode.BAD_ANSWER: "check that the paths name files of this provider",
}
REFUSED_FILTER = "the provider refuses this filter, which the plugin declares: report it to the author of the plugin"


class ProviderCheck:
    """Checks one provider. Each check has a request budget of its own, like `budget`."""

    def __init__(self, bound: BoundProvider, budget: RequestBudget) -> None:
        self._bound, self._budget = bound, budget
        self._report = ProviderChecks(bound.name, type(bound.provider).plugin)
        self._samples: dict[type[Any], Sequence[Any]] = {}

    async def run(self) -> ProviderChecks:
        """Return the results. Without a sign-in, nothing else is tried."""
        signed_in = await self._attempt("sign-in", "", self._sign_in)
        self._check_clock()
        if signed_in:
            for listing in self._bound.declared.listings.values():
                await self._check_list(listing)
            for field in self._bound.declared.files:
                await self._check_file(field)
            await self._attempt("hint", "", self._bound.provider.diagnose, is_told=False)
        for warning in self._bound.provider.upstream.health.warnings:
            self._add("hint", Result.WARNING, message=warning)
        return self._report

    async def _sign_in(self) -> bool:
        await self._bound.provider.check()
        return True

    def _check_clock(self) -> None:
        skew = self._bound.provider.upstream.health.clock_skew
        if skew is None:
            return
        seconds = round(abs(skew).total_seconds())
        if abs(skew) <= MAX_SKEW:
            self._add("clock", Result.OK)
            return
        state = "ahead" if skew > timedelta(0) else "behind"
        message = f"the provider's clock is {seconds} s {state} of this machine's"
        self._add("clock", Result.WARNING, message=message, advice="set the clock of this machine by NTP; signed requests may be refused")

    async def _check_list(self, listing: Listing) -> None:
        kind = listing.kind.__name__
        records = await self._attempt("list", kind, lambda: self._records(listing, "list", self._request(listing)))
        if records is None:
            return
        self._samples[listing.kind] = records
        pages = listing.pages
        for order in TimeOrder if isinstance(pages, Keyset) else [pages.order] if isinstance(pages, Links) else []:
            await self._check_order(listing, order)
        if listing.counts:
            await self._attempt("count", kind, lambda: self._page(listing, replace(self._request(listing), size=1, count=True)))
        for name in listing.filters:
            value = filter_sample(listing, name, records)
            request = replace(self._request(listing), filter={name: value})
            if isinstance(value, TimeRange) and listing.kind.time_field and schema_name(listing.kind.time_field) == name:
                request = replace(request, since=value.since, until=value.until)
            await self._attempt("filter", f"{kind}.{name}", lambda request=request: self._page(listing, request))  # type: ignore[misc]

    async def _check_order(self, listing: Listing, order: TimeOrder) -> None:
        subject = f"{listing.kind.__name__}.{order.name}"
        request = replace(self._request(listing), order=order)
        records = await self._attempt("order", subject, lambda: self._records(listing, "order", request), is_told=False)
        if records is None:
            return
        times, span = [time_of(record) for record in records], getattr(listing.pages, "span", timedelta(0))
        if all(one + span >= other if order is TimeOrder.NEWEST_FIRST else one - span <= other for one, other in pairwise(times)):
            self._add("order", Result.OK, subject)
        else:
            self._add("order", Result.WARNING, subject, message="records come out of order, so the gateway reads more of them to sort them")

    async def _check_file(self, name: str) -> None:
        kind, _, field = name.partition(".")
        found = next((each for each in self._samples if each.__name__ == kind), None)
        if not field or found is None:
            return
        record = next((each for each in self._samples[found] if field in each.files), None)
        if record is None:
            message = "none of the newest records has such a file" if self._samples[found] else "there are no records"
            self._add("file", Result.SKIPPED, name, message=message)
            return
        await self._attempt("file", name, lambda: self._first_byte(name, record.native_id))

    async def _first_byte(self, name: str, native_id: str) -> bool:
        """Fetch the first byte of a file, or as little as the upstream sends."""
        download = await locate_file(self._bound, name, native_id)
        request = replace(download.request, headers={**download.request.headers, "Range": "bytes=0-0"})
        async with self._bound.provider.upstream.stream(request, download.mime_type) as response:
            async for _ in response.aiter_bytes():
                break
        return True

    def _request(self, listing: Listing) -> ListRequest:
        size = min(SAMPLE_SIZE, self._bound.most(listing))
        if not isinstance(listing.pages, Windows):
            return ListRequest(size=size)
        now = datetime.now(UTC).replace(microsecond=0)
        return ListRequest(size=size, since=now - WINDOWS * listing.pages.start, until=now)

    async def _page(self, listing: Listing, request: ListRequest) -> Page:
        return await self._bound.fetch(listing, request.filter)(request)

    async def _records(self, listing: Listing, check: str, request: ListRequest) -> Sequence[Any]:
        page = await self._page(listing, request)
        records = records_of(page.records.all() if isinstance(page.records, Rows) else page.records)
        if problem := next(iter(page.problems), None):
            self._add(check, Result.WARNING, listing.kind.__name__, code=problem.code.name, message=problem.message)
        return records

    async def _attempt(self, check: str, subject: str, work: Callable[[], Awaitable[T]], *, is_told: bool = True) -> T | None:
        """Return the result of a check, or None if it failed. `is_told`: success is a result of its own."""
        try:
            with running(self._budget.anew()):
                value = await work()
        except Unsupported as error:
            self._add(check, Result.SKIPPED, subject, message=error.message)
        except UpstreamError as error:
            self._add(check, Result.FAILED, subject, error.problem.name, error.cause, error.message, self._advice(check, error))
        except Exception as error:
            message = f"the plugin failed with {type(error).__name__}"
            self._add(check, Result.FAILED, subject, "PLUGIN", message=message, advice="report it to the author of the plugin")
        else:
            if is_told:
                self._add(check, Result.OK, subject)
            return value
        return None

    def _advice(self, check: str, error: UpstreamError) -> str:
        if isinstance(error, Unforeseen):
            return "report it to the author of the plugin"
        if error.cause:
            return ""  # the message says what to change
        if check == "filter" and error.problem is ProblemCode.BAD_INPUT:
            return REFUSED_FILTER
        advice_by_code = ADVICE if isinstance(self._bound.provider.settings, Settings) else {**ADVICE, **LOCAL_ADVICE}
        return advice_by_code.get(error.problem, "see the message")

    def _add(
        self, check: str, result: Result, subject: str = "", code: str = "", cause: str = "", message: str = "", advice: str = ""
    ) -> None:
        self._report.checks.append(CheckResult(check, result, subject, code, cause, message, advice))
