"""The load in numbers, without a series for each stranger."""

import time

import pytest

from telegraphql.gateway.errors import Overloaded
from telegraphql.gateway.graphql.validation.concurrency_limit import ConcurrencyLimit
from telegraphql.gateway.graphql.validation.limits import Limits
from telegraphql.gateway.http.load_metrics import report_load
from telegraphql.gateway.http.loop_clock import MEMORY, LoopClock
from telegraphql.gateway.telemetry.metrics import Metrics


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


async def test_what_is_held_and_refused_is_counted() -> None:
    metrics, limit = Metrics(), ConcurrencyLimit(Limits(memory=5000, max_downloads_per_caller=1, max_concurrency_per_caller=1, max_queue=0))
    report_load(metrics, limit, LoopClock())
    limit.memory.hold(3000)
    await limit.place("desk").take()
    with pytest.raises(Overloaded):
        await limit.place("desk").take()
    for payer in ("desk", "jwt:zoe", "jwt:max", "local at 192.0.2.1", "local at 192.0.2.2"):
        limit.download(payer)
        with pytest.raises(Overloaded):
            limit.download(payer)
    read = {name: value(metrics, f"telegraphql_{name}") for name in ("memory_held_bytes", "memory_limit_bytes", "operations_placed")}
    assert read == {"memory_held_bytes": 3000, "memory_limit_bytes": 5000, "operations_placed": 1}
    assert value(metrics, "telegraphql_active_downloads") == 5
    counted = {
        (caller, reason): value(metrics, "telegraphql_refusals_total", caller=caller, reason=reason)
        for caller, reason in (("desk", "queue"), ("desk", "downloads"), ("(tokens)", "downloads"), ("(addresses)", "downloads"))
    }
    assert list(counted.values()) == [1, 1, 2, 2]


def test_the_longest_lateness_is_remembered_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, now = LoopClock(), 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    assert (clock.lag, clock.peak) == (0, 0)
    clock.tick()
    now += 0.6
    assert (clock.lag, clock.peak) == pytest.approx((0.5, 0.5))
    clock.tick()
    assert (clock.lag, clock.last, clock.peak) == pytest.approx((0, 0.5, 0.5))
    for _ in range(2 * int(MEMORY / 0.1) + 20):
        now += 0.1
        clock.tick()
    assert clock.peak < 0.01
