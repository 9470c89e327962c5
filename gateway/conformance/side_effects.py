"""Promises about side effects: a plugin sends only the needed requests, through its own client, and leaves nothing behind."""

import asyncio
import contextlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from telegraphql.gateway.conformance.faults import faults
from telegraphql.gateway.conformance.harness import Harness
from telegraphql.gateway.conformance.listing import full_request, list_page
from telegraphql.gateway.conformance.local_io import opened_on_the_event_loop
from telegraphql.gateway.conformance.promises import is_local, listed_kinds, promise, require, whole_plugin
from telegraphql.gateway.conformance.walks import full_selection
from telegraphql.gateway.errors import UpstreamError
from telegraphql.gateway.pagination.connection import Lister
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.plugin.capabilities import declared
from telegraphql.gateway.plugin.declarations import Listing
from telegraphql.gateway.plugin.provider import ListRequest, Provider
from telegraphql.gateway.plugin.sandbox import Row
from telegraphql.gateway.plugin.selection import NOTHING, Selection
from telegraphql.schema.context import PageArguments
from telegraphql.schema.record import Record

# These loggers write URLs themselves; the gateway silences them when it serves.
LIBRARY_LOGGERS = ("httpx", "httpcore", "asyncio")


def with_renewal(plugin: type[Provider]) -> dict[str, type[Provider]]:
    """Return the plugin if its credentials can expire."""
    return whole_plugin(plugin) if plugin.renew is not Provider.renew else {}


@promise(whole_plugin)
async def sends_nothing_when_constructed(harness: Harness, plugin: type[Provider]) -> None:
    """Send no request from the constructor."""
    harness.reconnect()
    require(
        not harness.transport.sent and not harness.sandbox.journal, "the constructor sends a request: delay it until the first operation"
    )


@promise(whole_plugin)
async def sends_a_request_in_its_check(harness: Harness, plugin: type[Provider]) -> None:
    """Send a request that needs credentials from `check`, and raise nothing if it succeeds."""
    with harness.recorded_requests() as rows:
        await harness.provider.check()
    require(rows, "`check` sends no request: send the cheapest one that needs credentials")


@promise(whole_plugin)
async def opens_no_client_of_its_own(harness: Harness, plugin: type[Provider]) -> None:
    """Send every request through the given client, which applies timeouts, limits and counts."""
    await harness.provider.check()
    for listing in declared(plugin).listings.values():
        await list_page(harness, listing, await full_request(harness, listing, 5))
    sent, received = harness.transport.sent, len(harness.sandbox.journal)
    require(sent == received, f"{received} requests reached the sandbox, {sent} through the given client: send all with self.upstream")


@promise(whole_plugin)
async def keeps_the_event_loop_free(harness: Harness, plugin: type[Provider]) -> None:
    """Open files and databases in threads, never on the event loop."""
    requests = [(each, await full_request(harness, each, 5)) for each in declared(plugin).listings.values()]
    harness.reconnect()
    with opened_on_the_event_loop(harness.simulation.folder) as opened:
        await harness.provider.check()
        for each in requests:
            await list_page(harness, *each)
    require(
        not opened, f"{len(opened)} files or folders are opened on the event loop: open them in the function that self.upstream.run calls"
    )


@promise(whole_plugin)
async def logs_in_once(harness: Harness, plugin: type[Provider]) -> None:
    """Get credentials once, however many requests start at the same time, and keep them."""
    requests = [(each, await full_request(harness, each, size)) for each in declared(plugin).listings.values() for size in (1, 2)]
    harness.reconnect()
    cost_of_one = await _first_requests(harness, requests[:1])
    harness.reconnect()
    cost_of_many = await _first_requests(harness, requests)
    advice = "log in under a lock, keep the credentials, and get new ones only in `renew`"
    require(
        cost_of_many <= cost_of_one, f"one first request costs {cost_of_one} extra requests, several at once cost {cost_of_many}: {advice}"
    )
    operations = [await _operations(harness, *each) for each in requests]
    always = sorted(set.intersection(*operations)) if all(len(each) > 1 for each in operations) else []
    require(not always, f"every operation also sends {always[:1]}: {advice}")


@promise(with_renewal)
async def renews_its_credentials(harness: Harness, plugin: type[Provider]) -> None:
    """Renew expired credentials once, however many requests need them, and complete the requests."""
    harness.reconnect()
    requests = [(each, await full_request(harness, each, 5)) for each in declared(plugin).listings.values()]
    usual = [await _operations(harness, *each) for each in requests]
    requests_of_one = await _requests_after_expiry(harness, requests[:1])
    requests_of_many = await _requests_after_expiry(harness, requests)
    cost_of_one, cost_of_many = (
        sum(row["operation"] not in set().union(*usual) for row in recorded) for recorded in (requests_of_one, requests_of_many)
    )
    advice = "get new ones only in `renew`, which the gateway calls under a lock"
    require(
        cost_of_many <= cost_of_one,
        f"expired credentials cost one operation {cost_of_one} extra requests, several at once {cost_of_many}: {advice}",
    )


async def _requests_after_expiry(harness: Harness, requests: Sequence[tuple[Listing, ListRequest]]) -> list[Row]:
    """Return the requests that these listings send at once after the credentials have expired."""
    harness.sandbox.expire()
    advice = "return Expired from `refusal`, and get new credentials in `renew`"
    with harness.recorded_requests() as recorded:
        answers = await asyncio.gather(*(list_page(harness, *each) for each in requests), return_exceptions=True)
    for answer in answers:
        if isinstance(answer, UpstreamError):
            # Also expire the renewed credentials, so that later tests start as before.
            harness.sandbox.expire()
        require(not isinstance(answer, Exception), f"expired credentials end in {type(answer).__name__}: {advice}")
    return recorded


async def _first_requests(harness: Harness, requests: Sequence[tuple[Listing, ListRequest]]) -> int:
    """Return the number of requests, of operations that are not sent again, that these listings send at once the first time."""
    first, second = [await _operations_at_once(harness, requests) for _ in range(2)]
    return sum(operation not in second for operation in first)


async def _operations_at_once(harness: Harness, requests: Sequence[tuple[Listing, ListRequest]]) -> list[str]:
    with harness.recorded_requests() as recorded:
        await asyncio.gather(*(list_page(harness, *each) for each in requests))
    return [row["operation"] for row in recorded]


async def _operations(harness: Harness, listing: Listing, request: ListRequest) -> set[str]:
    with harness.recorded_requests() as recorded:
        await list_page(harness, listing, request)
    return {row["operation"] for row in recorded}


@promise(listed_kinds)
async def fetches_only_what_is_selected(harness: Harness, kind: type[Record]) -> None:
    """Request only what is selected: an empty selection costs no more requests than a full one, and none per record."""
    await harness.provider.check()
    advice = "check ListRequest.select before further requests, and declare fields that cost a request per record as `detail`"
    empty, full = [await _page_requests(harness, kind, select) for select in (NOTHING, Selection({"nodes": full_selection(kind)}))]
    require(empty <= full, f"5 {kind.__name__} cost {empty} requests with an empty selection and {full} with a full one: {advice}")
    listing = harness.declared.listings.get(kind)
    if listing:
        one, five = [await _slice_requests(harness, listing, size) for size in (1, 5)]
        require(five <= one, f"with an empty selection, 5 {kind.__name__} cost {five} requests and 1 costs {one}: {advice}")


async def _page_requests(harness: Harness, kind: type[Record], select: Selection) -> int:
    with harness.recorded_requests() as recorded:
        await Lister([harness.serving]).page(kind, PageArguments(first=5), select, DataLoaders())
    return len(recorded)


async def _slice_requests(harness: Harness, listing: Listing, size: int) -> int:
    request = replace(await full_request(harness, listing, size), select=NOTHING)
    with harness.recorded_requests() as recorded:
        await list_page(harness, listing, request)
    return len(recorded)


@promise(whole_plugin)
async def stops_when_cancelled(harness: Harness, plugin: type[Provider]) -> None:
    """Leave no task and no open request behind when a listing is cancelled."""
    await harness.provider.check()
    before = asyncio.all_tasks()
    harness.fault({"mode": "timeout"})
    for listing in declared(plugin).listings.values():
        harness.sandbox.journal.clear()
        task = asyncio.create_task(list_page(harness, listing, ListRequest(since=harness.span[0], until=harness.span[1], size=5)))
        await _wait_for_request(harness)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        leaves_work = await _leaves_work(harness, before)
        advice = "await everything you start (asyncio.gather), create no tasks, and do not catch CancelledError"
        require(task.cancelled(), f"a cancelled listing of {listing.kind.__name__} continues: {advice}")
        require(not leaves_work, f"a cancelled listing of {listing.kind.__name__} leaves tasks or requests behind: {advice}")


async def _leaves_work(harness: Harness, before: set[asyncio.Task[Any]]) -> bool:
    """Return True if tasks or requests remain after a grace period of half a second."""
    for _ in range(100):
        if not asyncio.all_tasks() - before and not harness.transport.open:
            return False
        await asyncio.sleep(0.005)
    return True


async def _wait_for_request(harness: Harness) -> None:
    for _ in range(1000):
        if harness.sandbox.journal:
            return
        await asyncio.sleep(0.005)


@promise(whole_plugin)
async def exposes_no_secrets(harness: Harness, plugin: type[Provider]) -> None:
    """Keep secrets out of log records, errors and texts of the provider, whatever happens."""
    require(
        harness.secrets or is_local(plugin),
        "the settings hold no secret: make the credentials SecretStr, and set them in the sandbox's configuration",
    )
    with _collected_logs() as texts:
        for case in (each for name, each in faults(plugin).items() if name not in ("timeout", "status-500")):
            harness.fault(case.fault)
            texts += [("an error", f"{error!r} {error}") for error in await _errors(harness)]
        harness.clear_fault()
        harness.reconnect()
        for listing in declared(plugin).listings.values():
            texts.append(("the repr of a Page", repr(await list_page(harness, listing, await full_request(harness, listing, 5)))))
        texts.append(("the repr of the provider or its attributes", f"{harness.provider!r} {vars(harness.provider)!r}"))
    for where, text in texts:
        require(harness.is_free_of_secrets(text), f"{where} contains a secret: log nothing, and keep it in a SecretStr")


async def _errors(harness: Harness) -> list[UpstreamError]:
    errors = []
    for listing in harness.declared.listings.values():
        # The gateway pauses after RATE_LIMITED: a new provider has no pause.
        harness.reconnect()
        try:
            await list_page(harness, listing, ListRequest(since=harness.span[0], until=harness.span[1], size=5))
        except UpstreamError as error:
            errors.append(error)
    return errors


class _LogCollector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.texts: list[tuple[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.partition(".")[0] not in LIBRARY_LOGGERS:
            self.texts.append((f"a line of the logger {record.name}", f"{record.getMessage()} {record.__dict__!r}"))


@contextlib.contextmanager
def _collected_logs() -> Iterator[list[tuple[str, str]]]:
    """Yield the list of texts logged by any logger, at any level, during the block."""
    handler, root = _LogCollector(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.NOTSET)
    try:
        yield handler.texts
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
