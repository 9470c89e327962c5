"""Conduct: a plugin asks only when it is asked, only what is wanted, through its own client, and leaves nothing behind."""

import asyncio
import contextlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from telegraphql.gateway.conformance.disk import opened_by_the_loop
from telegraphql.gateway.conformance.faults import faults
from telegraphql.gateway.conformance.harness import Harness
from telegraphql.gateway.conformance.listing import ask, every
from telegraphql.gateway.conformance.promises import is_local, listed_kinds, need, promise, whole_plugin
from telegraphql.gateway.conformance.walks import everything_of
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

# These write the URLs of requests themselves; the gateway silences them when it serves.
OTHERS = ("httpx", "httpcore", "asyncio")


def renewing(plugin: type[Provider]) -> dict[str, type[Provider]]:
    """The plugin, where it has credentials that run out."""
    return whole_plugin(plugin) if plugin.renew is not Provider.renew else {}


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


@promise(whole_plugin)
async def holds_up_nobody(harness: Harness, plugin: type[Provider]) -> None:
    """Files and databases are opened in threads, never on the event loop."""
    asks = [(each, await every(harness, each, 5)) for each in declared(plugin).listings.values()]
    harness.reconnect()
    with opened_by_the_loop(harness.simulation.folder) as found:
        await harness.provider.check()
        for each in asks:
            await ask(harness, *each)
    need(not found, f"{len(found)} files or folders are opened on the event loop: open them in what self.upstream.run calls")


@promise(whole_plugin)
async def logs_in_once(harness: Harness, plugin: type[Provider]) -> None:
    """However many ask at once, a new provider gets its credentials once, and keeps them."""
    asks = [(each, await every(harness, each, size)) for each in declared(plugin).listings.values() for size in (1, 2)]
    harness.reconnect()
    alone = await _cost(harness, asks[:1]) - await _cost(harness, asks[:1])
    harness.reconnect()
    together = await _cost(harness, asks) - await _cost(harness, asks)
    advice = "log in under a lock, keep what came of it, and leave new credentials to `renew`"
    need(together <= alone, f"the first request costs {alone} more than later ones, many first ones at once {together}: {advice}")
    operations = [await _operations(harness, *each) for each in asks]
    always = sorted(set.intersection(*operations)) if all(len(each) > 1 for each in operations) else []
    need(not always, f"whatever is asked, {always[:1]} is asked too: {advice}")


@promise(renewing)
async def renews_its_credentials(harness: Harness, plugin: type[Provider]) -> None:
    """Credentials that run out are renewed, once however many ask, and what was asked goes on."""
    harness.reconnect()
    asks = [(each, await every(harness, each, 5)) for each in declared(plugin).listings.values()]
    usual = [await _operations(harness, *each) for each in asks]
    alone = await _renewed(harness, asks[:1])
    together = await _renewed(harness, asks)
    one, many = (sum(row["operation"] not in set().union(*usual) for row in rows) for rows in (alone, together))
    advice = "get new ones in `renew` only, which the gateway calls under a lock"
    need(many <= one, f"credentials that ran out cost {one} requests where one asks, {many} where all do: {advice}")


async def _renewed(harness: Harness, asks: Sequence[tuple[Listing, ListRequest]]) -> list[Row]:
    """What is asked for all of this at once, when the credentials have just run out."""
    harness.sandbox.expire()
    advice = "say Expired in `refusal`, and get or make new ones in `renew`"
    with harness.noted() as rows:
        answers = await asyncio.gather(*(ask(harness, *each) for each in asks), return_exceptions=True)
    for answer in answers:
        if isinstance(answer, UpstreamError):
            # For whoever comes next with the credentials of before.
            harness.sandbox.expire()
        need(not isinstance(answer, Exception), f"credentials that ran out end in {type(answer).__name__}: {advice}")
    return rows


async def _cost(harness: Harness, asks: Sequence[tuple[Listing, ListRequest]]) -> int:
    """How many requests it takes to ask all this at once."""
    before = harness.wire.sent
    await asyncio.gather(*(ask(harness, *each) for each in asks))
    return harness.wire.sent - before


async def _operations(harness: Harness, listing: Listing, asked: ListRequest) -> set[str]:
    with harness.noted() as rows:
        await ask(harness, listing, asked)
    return {row["operation"] for row in rows}


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
        await Lister([harness.serving]).page(kind, PageArguments(first=5), select, DataLoaders())
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
        task = asyncio.create_task(ask(harness, listing, ListRequest(since=harness.span[0], until=harness.span[1], size=5)))
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
    need(
        harness.secrets or is_local(plugin),
        "no secret is found in the settings: make the credentials SecretStr, and set them in the sandbox's configuration",
    )
    with _logged() as told:
        for bad in (each for name, each in faults(plugin).items() if name not in ("timeout", "status-500")):
            harness.fault(bad.fault)
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
            await ask(harness, listing, ListRequest(since=harness.span[0], until=harness.span[1], size=5))
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
