"""One plugin for each promise of gateway/conformance/linking.py that breaks it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from telegraphql.gateway.conformance.kit import PROMISES
from telegraphql.gateway.conformance.simulation import run_sandbox
from telegraphql.gateway.errors import RejectedInput, Unauthorized
from telegraphql.gateway.plugin.provider import Links, ListRequest, Page, Provider, Push, lists
from telegraphql.gateway.upstream.client import Request
from telegraphql.schema.enums import TimeOrder
from telegraphql.schema.transaction import Transaction
from tests.gateway.conformance.acme import ROWS, Acme
from tests.gateway.conformance.broken_plugins import Broken, judge, same_as
from tests.gateway.conformance.plugin_mutants import drops_rows
from tests.support.clock import FIXED_NOW


class Overlapping(Acme):
    """Repeats the last row of the page before."""

    last: Any = None

    @same_as(Acme.fees)
    async def fees(self, ask: ListRequest) -> Page:
        page = await super().fees(ask)
        records = [view.record() for view in page.records]
        page.records = [self.last, *records] if ask.next else records
        self.last = records[-1] if records else None
        return page


class Trusting(Acme):
    """Sends its credentials wherever a link leads."""

    @same_as(Acme.fees)
    async def fees(self, ask: ListRequest) -> Page:
        if ask.next is None or not ask.next.startswith("http"):
            return await super().fees(ask)
        said = await self.upstream.read(Request(operation="GET /fees", path=ask.next), ROWS)
        return self.page(self.fee(), said.rows or [], next=said.next)


class Severe(Acme):
    """Takes a link that has expired for a refusal of the credentials."""

    @same_as(Acme.fees)
    async def fees(self, ask: ListRequest) -> Page:
        try:
            return await super().fees(ask)
        except RejectedInput:
            if ask.next is None:
                raise
            raise Unauthorized("refused") from None


BROKEN = [
    Broken(Overlapping, "follows_links", "comes on several pages"),
    Broken(Trusting, "follows_no_foreign_links", "pass the address as Request.link"),
    Broken(Severe, "goes_on_when_links_expire", "translate the upstream's own code to RejectedInput"),
]


@pytest.mark.slow
@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_the_kit_finds(broken: Broken, tmp_path: Path) -> None:
    judge(broken, tmp_path)


class Rooted(Acme):
    """Never follows a link."""

    @same_as(Acme.fees)
    async def fees(self, ask: ListRequest) -> Page:
        return await super().fees(replace(ask, next=None))


class Unlinked(Acme):
    """Knows no next page."""

    @same_as(Acme.fees)
    async def fees(self, ask: ListRequest) -> Page:
        return replace(await super().fees(ask), next=None)


class Quiet(Acme):
    """Takes a foreign link for the end."""

    @same_as(Acme.fees)
    async def fees(self, ask: ListRequest) -> Page:
        page = await super().fees(ask)
        return replace(page, next=None) if (page.next or "").startswith("https:") else page


class Forgetful(Acme):
    """Loses rows."""

    @same_as(Acme.fees)
    async def fees(self, ask: ListRequest) -> Page:
        return await drops_rows(Acme.fees, self, ask)


class Timeless(Acme):
    """Leaves the bounds out."""

    @same_as(Acme.fees)
    async def fees(self, ask: ListRequest) -> Page:
        return await super().fees(replace(ask, since=None, until=None))


class Backward(Acme):
    """Declares the wrong order."""

    @lists(Transaction, pages=Links(most=50, order=TimeOrder.OLDEST_FIRST), filters={"performedAt": Push.SUPERSET})
    async def fees(self, ask: ListRequest) -> Page:
        return await super().fees(ask)


MUTANTS: list[tuple[type[Provider], str, str]] = [
    (Rooted, "follows_links", "leads back to a page that was read: set Page.next"),
    (Unlinked, "delivers_every_row", "the listing does not deliver it"),
    (Quiet, "follows_no_foreign_links", "ends without a word"),
    (Forgetful, "delivers_every_row", "drop no rows in the mapping"),
    (Timeless, "sends_time_bounds", "another ListRequest.until of Transaction changes nothing in the request: send it"),
    (Backward, "follows_links", "out of order"),
]


@pytest.mark.parametrize(("plugin", "promise", "advice"), MUTANTS, ids=[plugin.__name__ for plugin, *_ in MUTANTS])
def test_a_mutant_with_links_fails_in_the_kit(plugin: type[Provider], promise: str, advice: str, tmp_path: Path) -> None:
    with run_sandbox(plugin, tmp_path, now=FIXED_NOW) as simulation, pytest.raises(AssertionError, match=advice):
        simulation.run(PROMISES[promise].keep(simulation, PROMISES[promise].subjects(plugin)["Transaction"]))
