"""Gateways: real servers over a provider without an upstream, for clients of other makes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.http import app
from telegraphql.gateway.http.thread_server import serve_in_thread
from telegraphql.gateway.plugin.provider import GetRequest, Page, gets
from telegraphql.gateway.plugin.registry import Plugins
from telegraphql.gateway.runtime import Runtime
from telegraphql.gateway.subscriptions.settings import SubscriptionSettings
from telegraphql.schema.enums import ReportStatus
from telegraphql.schema.node import global_id
from telegraphql.schema.report import Report
from tests.support.memory_provider import Memory, Store
from tests.support.records import call, report

ID = global_id("Report", "a", "r")
FOLLOW = {"query": "subscription ($id: ID!) { reportProgress(id: $id) { report { status } } }", "variables": {"id": ID}}
CALLS = {"query": "query ($n: Int) { calls(first: $n) { nodes { nativeId } } }", "variables": {"n": 1}}
NEWEST = {"data": {"calls": {"nodes": [{"nativeId": "2"}]}}}


class Reporting(Memory):
    """Calls, and a report that is done when it is told to be."""

    plugin = "reporting"
    status = ReportStatus.RUNNING

    @gets(Report)
    async def report(self, wanted: GetRequest) -> Page:
        """The report."""
        await self.store.answer(wanted)
        return Page(records=[report("r", provider="a", status=self.status)], read=1)


def engine(**tables: Any) -> Runtime:
    """An engine over three calls and a report."""
    given = {"providers": {"a": {"plugin": "reporting"}}, "media": {"secret": "x" * 32}, "limits": {"report_cost": False}, **tables}
    made = Runtime.build(build_config(given, Path()), Plugins({"reporting": Reporting}, {}))
    made.subscription_hub.settings = SubscriptionSettings(poll_interval="10ms")
    reporting(made).store = Store([call(number, number, "a") for number in range(3)])
    return made


def reporting(made: Runtime) -> Reporting:
    """Its provider."""
    provider = made.providers["a"].provider
    assert isinstance(provider, Reporting)
    return provider


@contextmanager
def gateway(made: Runtime, port: int = 0) -> Iterator[str]:
    """The address of a gateway that serves."""
    with serve_in_thread(app.create_app(made), port=port) as url:
        yield f"{url}/graphql"
