"""One plugin for each promise of gateway/conformance/filtering.py that breaks it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from telegraphql.gateway.plugin.provider import Keyset, ListRequest, Page, Push, lists
from telegraphql.schema.call import Call
from tests.gateway.conformance.acme import Acme
from tests.gateway.conformance.broken_plugins import Broken, judge, same_as


class Forgetful(Acme):
    def narrowed(self, ask: ListRequest) -> dict[str, str]:
        given = dict(ask.filter)
        if "status" in given:
            given["status"] = given["status"][:1]
        return super().narrowed(replace(ask, filter=given))


class Overconfident(Acme):
    def narrowed(self, ask: ListRequest) -> dict[str, str]:
        return {name: text for name, text in super().narrowed(ask).items() if name != "most"}


class Idle(Acme):
    @same_as(Acme.queues)
    async def queues(self, ask: ListRequest) -> Page:
        return await super().queues(replace(ask, filter={}))


class Wide(Acme):
    def slice(self, ask: ListRequest) -> dict[str, str]:
        return super().slice(replace(ask, until=ask.until and ask.until + timedelta(days=1)))


class Unbounded(Acme):
    @lists(Call, pages=Keyset(most=50), filters={"startedAt": Push.EXACT}, detail=("cost",))
    async def calls(self, ask: ListRequest) -> Page:
        since = ask.since and ask.since - timedelta(days=1)
        return await super().calls(replace(ask, since=since))


BROKEN = [
    Broken(
        Forgetful, "filters_as_declared", "which passes the gateway's own filter: translate the value so that the upstream returns more"
    ),
    Broken(Overconfident, "filters_as_declared", "also delivers"),
    Broken(Idle, "sends_filters", "send it as a parameter, or do not declare it"),
    Broken(
        Wide,
        "applies_time_bounds_exactly",
        "convert the bounds as the upstream expects them, or declare the filter SUPERSET",
        frozenset({"goes_on_when_links_expire"}),
    ),
    Broken(Unbounded, "applies_time_bounds_exactly", "is wrongly delivered or missing"),
]


@pytest.mark.slow
@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_the_kit_finds(broken: Broken, tmp_path: Path) -> None:
    judge(broken, tmp_path)
