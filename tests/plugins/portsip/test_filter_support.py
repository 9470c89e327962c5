"""What a PBX refuses to filter by is left to the gateway, remembered, and told to the operator."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from telegraphql.gateway.errors import Forbidden
from telegraphql.gateway.pagination.pagers import keyset
from telegraphql.gateway.plugin.declarations import Keyset
from telegraphql.gateway.plugin.provider import MICROSECOND, GetRequest, ListRequest
from telegraphql.plugins.portsip import filter_support
from telegraphql.plugins.portsip.filter_support import ALTERNATIVES, PRECISE_TIMES, FilterPlan, PbxFilterSupport
from telegraphql.plugins.portsip.filters import time_expression
from telegraphql.plugins.portsip.sandbox.rules import PbxRules
from telegraphql.schema.call import Call
from telegraphql.schema.enums import CallDirection, TimeOrder
from telegraphql.schema.voicemessage import Voicemessage

SINCE = datetime(2026, 11, 1, 12, 0, 0, 123456, tzinfo=UTC)
INBOUND = {"direction": [CallDirection.INBOUND]}
DIRECTION_WARNING = "the PBX does not filter by direction, so the gateway does, with more requests: remove them from `filterable`"


@pytest.fixture(autouse=True)
def rules(served: Any) -> Iterator[PbxRules]:
    rules: PbxRules = served.sandbox.rules
    yield rules
    rules.proven_filters_only, rules.refused_properties, rules.refuses_order = False, frozenset(), False


ORDER_WARNING = "the PBX refuses `orderby` in its lists, so the gateway reads more records than it needs"


@pytest.mark.parametrize("proven_filters_only", [False, True])
@pytest.mark.parametrize("order", list(TimeOrder))
async def test_a_pbx_that_refuses_an_order_has_whole_lists_in_order(
    served: Any, provider: Any, rules: PbxRules, order: TimeOrder, proven_filters_only: bool
) -> None:
    rules.refuses_order, rules.proven_filters_only = True, proven_filters_only
    for name, kind, mapped in (("calls", "calls", Call), ("voicemails", "voicemessages", Voicemessage)):
        found: list[Any] = []
        async for piece in keyset(getattr(provider, name), Keyset(most=100), ListRequest(order=order, size=25), MICROSECOND):
            found += piece.records
        times = [record.time for record in found]
        assert times == sorted(times, reverse=order is TimeOrder.NEWEST_FIRST)
        assert {each.native_id for each in found} == {row["id"] for row in served.truth(kind)}
        assert isinstance(found[0].record(), mapped)
    assert ORDER_WARNING.partition(" in its")[0].split()[-1] in str(provider.upstream.health.warnings)


async def test_a_refused_order_is_told_from_a_refused_filter(served: Any, provider: Any, rules: PbxRules) -> None:
    rules.refuses_order = True
    await provider.calls(ListRequest(since=SINCE, filter=INBOUND))
    assert provider.upstream.health.warnings == (ORDER_WARNING,)
    served.forget()
    page = await provider.calls(ListRequest(since=SINCE, filter=INBOUND))
    assert {call.direction for call in page.records} == {CallDirection.INBOUND}
    assert all("orderby" not in row["parameters"] for row in served.journal())
    assert {row.id for row in (await provider.queues(ListRequest())).problems} == set()


def filters(served: Any, operation: str = "GET /calllogs") -> list[str | None]:
    return [row["parameters"].get("filter") for row in served.journal(operation)]


def ids(page: Any) -> list[str]:
    return [record.native_id for record in page.records]


def test_only_what_was_never_accepted_is_suspected() -> None:
    support = PbxFilterSupport(["direction", "caller"])
    plan = FilterPlan(support)
    assert (plan.uses("direction"), plan.uses("trunk"), plan.uses("direction", "trunk"), plan.used) == (True, False, False, {"direction"})
    assert not support.accept(["direction"])
    assert support.refuse(["direction", "caller"])
    assert (support.may_use("direction"), support.may_use("caller")) == (True, False)
    assert not support.refuse(["direction"])
    assert support.warnings() == [DIRECTION_WARNING.replace("direction", "caller")]
    assert not FilterPlan().uses("direction")


def test_a_refused_feature_is_tried_again_after_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    support = PbxFilterSupport(["direction"])
    support.refuse(["direction"])
    assert not support.may_use("direction")
    monkeypatch.setattr(filter_support, "RETRY_SECONDS", 0.0)
    assert support.may_use("direction")
    assert support.accept(["direction"])
    assert support.warnings() == []


def test_coarse_times_enclose_the_precise_ones() -> None:
    expression = time_expression(FilterPlan(), "started_at", SINCE, SINCE + timedelta(seconds=1))
    bounds = "started_at gt '2026-11-01T12:00:00.122+00:00' and started_at lt '2026-11-01T12:00:01.125+00:00'"
    assert (expression.text(), expression.exact) == (bounds, False)


async def test_a_refused_property_costs_one_request_and_is_remembered(served: Any, provider: Any, rules: PbxRules) -> None:
    rules.refused_properties = frozenset({"direction"})
    await provider.calls(ListRequest(since=SINCE))
    served.forget()
    page = await provider.calls(ListRequest(since=SINCE, filter=INBOUND, count=True))
    precise, coarse = "started_at ge '2026-11-01T12:00:00.123456Z'", "started_at gt '2026-11-01T12:00:00.122+00:00'"
    assert filters(served) == [f"direction eq 'INBOUND_CALL' and {precise}", coarse]
    assert (page.total, len(page.records)) == (None, 100)
    assert provider.upstream.health.shown().warnings == [DIRECTION_WARNING]
    served.forget()
    await provider.calls(ListRequest(since=SINCE, filter=INBOUND))
    assert filters(served) == [precise]


async def test_a_pbx_that_recovers_has_no_warning(served: Any, provider: Any, rules: PbxRules) -> None:
    rules.refused_properties = frozenset({"direction"})
    await provider.diagnose()
    assert provider.upstream.health.warnings == (DIRECTION_WARNING,)
    rules.refused_properties = frozenset()
    await provider.diagnose()
    assert provider.upstream.health.warnings == ()


async def test_each_feature_is_probed_once(served: Any, provider: Any, rules: PbxRules) -> None:
    rules.proven_filters_only = True
    await provider.diagnose()
    probed = [(row["operation"], row["parameters"].get("filter", "search").split()[0]) for row in served.journal("GET /calllogs")]
    properties = ("direction", "duration", "answered_at", "status_code", "end_reason", "trunk")
    contained = ("caller", "callee", "did_cid", "outbound_caller_id")
    features = ["started_at", "started_at", *properties, *(f"contains({each},'0')" for each in contained), "session_id", "search"]
    assert sorted(probed) == sorted(("GET /calllogs", each) for each in [*features, "search"])
    assert filters(served, "GET /voicemails") == ["status eq 'READ'"]
    assert filters(served, "GET /call_queues") == ["extension_number eq '0'"]
    refused, others = provider.upstream.health.warnings
    names = ", ".join(sorted((*properties, *contained, "session_id", "status", "extension_number")))
    assert refused == DIRECTION_WARNING.replace("direction", names)
    assert others == f"the PBX refuses {ALTERNATIVES}, {PRECISE_TIMES} in its lists, so the gateway reads more records than it needs"


async def test_a_kind_that_the_user_may_not_read_is_not_suspected(served: Any, provider: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    read = provider._client.read

    async def guarded(path: str, *arguments: Any, **options: Any) -> Any:
        if path == "/voicemails":
            raise Forbidden("no role")
        return await read(path, *arguments, **options)

    monkeypatch.setattr(provider._client, "read", guarded)
    await provider.diagnose()
    assert provider.upstream.health.warnings == ()


@pytest.mark.parametrize("is_narrow", [True, False])
async def test_the_legs_of_sessions_are_found_by_their_times(served: Any, provider: Any, rules: PbxRules, is_narrow: bool) -> None:
    rules.proven_filters_only = True
    by_session: dict[str, list[str]] = {}
    for row in served.truth("calls"):
        by_session.setdefault(row["session_id"], []).append(row["id"])
    keys = sorted(by_session, key=lambda key: -len(by_session[key]))[:15]
    rows = [row for row in served.truth("calls") if row["session_id"] in keys]
    starts = [datetime.fromisoformat(row["started_at"]) for row in rows]
    bounds = {"since": min(starts), "until": max(starts)} if is_narrow else {}
    provider._client.support.refuse(["session_id"])
    served.forget()
    page = await provider.calls_of_sessions(GetRequest(keys=keys[:1] if is_narrow else keys, **bounds))
    expected = by_session[keys[0]] if is_narrow else [each for key in keys for each in by_session[key]]
    assert sorted(ids(page)) == sorted(expected)


async def test_a_session_of_a_pbx_without_call_logs_is_read_alone(served: Any, connect: Callable[..., Any], rules: PbxRules) -> None:
    rules.proven_filters_only = True
    provider = connect(served, has_call_logs=False)
    keys = [row["id"] for row in served.truth("sessions")[-3:]]
    page = await provider.calls_of_sessions(GetRequest(keys=keys))
    assert ids(page) == keys
    assert len(served.journal("GET /cdrs/{id}")) == 3


async def test_a_queue_is_found_by_its_number_among_all(served: Any, provider: Any, rules: PbxRules) -> None:
    rules.refused_properties = frozenset({"extension_number"})
    page = await provider.queue(GetRequest(keys=["number:8002"]))
    assert [queue.number for queue in page.records] == ["8002"]
    assert filters(served, "GET /call_queues") == ["extension_number eq '8002'", None]
