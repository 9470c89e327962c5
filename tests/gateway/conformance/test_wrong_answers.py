"""One plugin for each promise about wrong answers, ends of pages and refused input that breaks it."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from telegraphql.gateway.errors import BadAnswer, RejectedInput, Unavailable, UpstreamError
from telegraphql.gateway.plugin.columns import Column, Constant, Object
from telegraphql.gateway.plugin.mapping import Mapping
from telegraphql.gateway.plugin.provider import GetRequest, ListRequest, Page
from telegraphql.gateway.upstream.client import Answer
from telegraphql.schema.values import Money
from tests.gateway.conformance.acme import CALL, Acme, Rows, changed, priced
from tests.gateway.conformance.broken_plugins import Broken, judge, same_as


def refunded(price: str | None) -> Decimal | None:
    """An amount with the wrong sign."""
    found = priced(price)
    return None if found is None else -found


PRICE = Object(Money, unless_null="amount", amount=Column(refunded, "price"), currency=Constant("CHF"))


class Sieving(Acme):
    """Drops a row in nine."""

    @same_as(Acme.voicemessages)
    async def voicemessages(self, ask: ListRequest) -> Page:
        page = await super().voicemessages(ask)
        page.records = [record for record in page.records if not record.native_id.endswith("6")]
        return page


class Refunding(Acme):
    """Turns the sign of prices."""

    def call(self) -> Mapping[Any]:
        return changed(CALL, cost=PRICE)


class Padding(Acme):
    """Says of each page that it is full."""

    @same_as(Acme.queues)
    async def queues(self, ask: ListRequest) -> Page:
        page = await super().queues(ask)
        page.read = ask.size if page.read else 0
        return page


class Shallow(Acme):
    """Reads one page of the calls of a talk."""

    @same_as(Acme.calls_of_talks)
    async def calls_of_talks(self, wanted: GetRequest) -> Page:
        return await self.fetch("/calls", {"talks": ",".join(wanted.keys), "limit": "50"}, self.call())


class Credulous(Acme):
    """Shows any length."""

    def call(self) -> Mapping[Any]:
        return changed(CALL, duration_seconds=Column(lambda seconds: seconds, "seconds", lenient=True))


class Picky(Acme):
    """Waits for a list of rows, be it empty."""

    async def rows(self, path: str, params: dict[str, str]) -> Rows:
        said = await super().rows(path, params)
        if said.rows is None:
            raise BadAnswer("has no rows")
        return said


class Blaming(Acme):
    """Blames the upstream for what a client asks."""

    def refusal(self, answer: Answer) -> UpstreamError | None:
        return Unavailable("is broken") if answer.status == 400 else super().refusal(answer)


class Fragile(Acme):
    """Gets all ids or none."""

    @same_as(Acme.calls_by_id)
    async def calls_by_id(self, wanted: GetRequest) -> Page:
        try:
            return await super().calls_by_id(wanted)
        except RejectedInput as error:
            raise Unavailable("refused the ids") from error


class Tardy(Acme):
    """Shows calls only after a while."""

    @same_as(Acme.calls)
    async def calls(self, ask: ListRequest) -> Page:
        page = await super().calls(ask)
        page.records = [record for record in page.records if record.native_id < "c9"]
        return page


BROKEN = [
    Broken(Tardy, "places_new_rows_now", "is not delivered for the days around now"),
    Broken(Sieving, "delivers_every_row", "drop no rows in the mapping"),
    Broken(Refunding, "delivers_every_row", "keep the amount exact, and its sign as the schema describes it"),
    Broken(Padding, "follows_every_page", "a short page is not the last one"),
    Broken(Shallow, "follows_every_page_of_gets", "go on until a page is empty"),
    Broken(Credulous, "believes_no_nonsense", "read lengths with the column function `seconds`"),
    Broken(Picky, "understands_every_empty_answer", "decode it with ListDecoder of telegraphql.plugin"),
    Broken(
        Blaming,
        "reports_refused_values",
        "leave status 400 to the gateway",
        frozenset({"splits_a_refused_batch", "goes_on_when_links_expire"}),
    ),
    Broken(Fragile, "splits_a_refused_batch", "return NotFound or RejectedInput from `refusal`"),
]


@pytest.mark.slow
@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_the_kit_finds(broken: Broken, tmp_path: Path) -> None:
    judge(broken, tmp_path)
