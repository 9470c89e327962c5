"""Conduct: a plugin asks only when it is asked, only what is wanted, through its own client, and leaves nothing behind."""

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from gateway.declarations import Listing
from gateway.declared import declared
from gateway.errors import UpstreamError
from gateway.provider import Ask, Provider
from gateway.reading.loaders import Loaders
from gateway.reading.pages import Lister
from gateway.selection import NOTHING, Selection
from gateway.testing.failing import FAULTS
from gateway.testing.harness import Harness
from gateway.testing.listing import ask, every
from gateway.testing.promises import listed_kinds, need, promise, whole_plugin
from gateway.testing.walks import everything_of
from schema.context import PageArguments
from schema.record import Record

# These write the URLs of requests themselves; the gateway silences them when it serves.
OTHERS = ("httpx", "httpcore", "asyncio")


@promise(whole_plugin)
async def asks_nothing_when_made(harness: Harness, plugin: type[Provider]) -> None:
    """Making a provider sends no request."""
    harness.reconnect()
    need(not harness.wire.sent and not harness.sandbox.journal, "the constructor sends a request: put it off until something is asked")


@promise(whole_plugin)
async def checks_itself(harness: Harness, plugin: type[Provider]) -> None:
    """`check` asks the upstream something that needs credentials, and is content with a good answer."""
    with harness.noted() as rows:
        await harness.provider.check()
    need(rows, "`check` asks nothing: ask the cheapest question that needs credentials")


@promise(whole_plugin)
async def opens_no_client_of_its_own(harness: Harness, plugin: type[Provider]) -> None:
    """Every request goes through the client it was given, where timeouts, limits and counts are."""
    await harness.provider.check()
    for listing in declared(plugin).listings.values():
        await ask(harness, listing, await every(harness, listing, 5))
    sent, came = harness.wire.sent, len(harness.sandbox.journal)
    need(sent == came, f"{came} requests reached the sandbox, {sent} were sent by the given client: send all with self.upstream.ask")


@promise(listed_kinds)
async def costs_nothing_unselected(harness: Harness, kind: type[Record]) -> None:
    """What is not selected is not asked for: an empty selection sends no more requests than a full one, and none for each record."""
    await harness.provider.check()
    advice = "look at `select` before asking for more, and declare as `detail` what costs a request for each record"
    bare, full = [await _page_cost(harness, kind, select) for select in (NOTHING, Selection({"nodes": everything_of(kind)}))]
    need(bare <= full, f"5 {kind.__name__} with nothing selected cost {bare} requests, with everything {full}: {advice}")
    listing = harness.declared.listings.get(kind)
    if listing:
        one, five = [await _slice_cost(harness, listing, size) for size in (1, 5)]
        need(five <= one, f"a slice of 5 {kind.__name__} with nothing selected costs {five} requests, one of 1 costs {one}: {advice}")


async def _page_cost(harness: Harness, kind: type[Record], select: Selection) -> int:
    with harness.noted() as rows:
        await Lister([harness.serving]).page(kind, PageArguments(first=5), select, Loaders())
    return len(rows)


async def _slice_cost(harness: Harness, listing: Listing, size: int) -> int:
    asked = replace(await every(harness, listing, size), select=NOTHING)
    with harness.noted() as rows:
        await ask(harness, listing, asked)
    return len(rows)


@promise(whole_plugin)
async def stops_when_cancelled(harness: Harness, plugin: type[Provider]) -> None:
    """A listing that is cancelled in flight leaves no task and no open request."""
    await harness.provider.check()
    before = asyncio.all_tasks()
    harness.fault({"mode": "timeout"})
    for listing in declared(plugin).listings.values():
        harness.sandbox.journal.clear()
        task = asyncio.create_task(ask(harness, listing, Ask(since=harness.span[0], until=harness.span[1], size=5)))
        await _until_asked(harness)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        left = await _left(harness, before)
        advice = "await what you start (asyncio.gather), start no tasks of your own, and catch no CancelledError"
        need(task.cancelled(), f"a cancelled listing of {listing.kind.__name__} goes on: {advice}")
        need(not left, f"a cancelled listing of {listing.kind.__name__} leaves tasks or requests behind: {advice}")


async def _left(harness: Harness, before: set[asyncio.Task[Any]]) -> bool:
    """Whether tasks or requests are still there after the moment that others may need to notice."""
    for _ in range(100):
        if not asyncio.all_tasks() - before and not harness.wire.open:
            return False
        await asyncio.sleep(0.005)
    return True


async def _until_asked(harness: Harness) -> None:
    for _ in range(1000):
        if harness.sandbox.journal:
            return
        await asyncio.sleep(0.005)


@promise(whole_plugin)
async def tells_no_secrets(harness: Harness, plugin: type[Provider]) -> None:
    """Whatever happens, no secret reaches a log record, an error or a text of the provider."""
    need(harness.secrets, "no secret is found in the settings: make the credentials SecretStr, and set them in the sandbox's configuration")
    with _logged() as told:
        for name in ("unauthorized", "status-503", "html", "truncate", "rate_limit", "drop"):
            harness.fault(FAULTS[name].fault)
            told += [("an error", f"{error!r} {error}") for error in await _failures(harness)]
        harness.heal()
        harness.reconnect()
        for listing in declared(plugin).listings.values():
            told.append(("the repr of a page", repr(await ask(harness, listing, await every(harness, listing, 5)))))
        told.append(("the repr of the provider or what it holds", f"{harness.provider!r} {vars(harness.provider)!r}"))
    for where, text in told:
        need(harness.hides(text), f"a secret stands in {where}: log nothing, and keep it in a SecretStr")


async def _failures(harness: Harness) -> list[UpstreamError]:
    found = []
    for listing in harness.declared.listings.values():
        # The gateway keeps a pause after a complaint of too many requests.
        harness.reconnect()
        try:
            await ask(harness, listing, Ask(since=harness.span[0], until=harness.span[1], size=5))
        except UpstreamError as error:
            found.append(error)
    return found


class _Listening(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.told: list[tuple[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.partition(".")[0] not in OTHERS:
            self.told.append((f"a line of the logger {record.name}", f"{record.getMessage()} {record.__dict__!r}"))


@contextlib.contextmanager
def _logged() -> Iterator[list[tuple[str, str]]]:
    """What anybody logs meanwhile, at any level."""
    handler, root = _Listening(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.NOTSET)
    try:
        yield handler.told
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
