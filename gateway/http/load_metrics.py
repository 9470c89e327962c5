"""Metrics of the load: how late the event loop is, which memory and places are taken, and who was refused."""

from collections.abc import Callable

from prometheus_client import Counter, Gauge

from telegraphql.gateway.auth.jwt import TOKEN_NAMES
from telegraphql.gateway.graphql.validation.concurrency_limit import ConcurrencyLimit
from telegraphql.gateway.http.loop_clock import LoopClock
from telegraphql.gateway.telemetry.metrics import Metrics

# What callers without a name in the configuration are told as: there may be any number of them.
TOKENS, ADDRESSES = "(tokens)", "(addresses)"


def report_load(metrics: Metrics, limit: ConcurrencyLimit, clock: LoopClock) -> None:
    """Add the metrics of what callers share."""
    values: dict[str, tuple[str, Callable[[], float]]] = {
        "telegraphql_loop_lag_seconds": ("Longest lateness of the event loop in the last 15 to 30 seconds.", lambda: clock.peak),
        "telegraphql_memory_held_bytes": ("Bytes of answers and of unsent responses that are held.", lambda: limit.memory.held),
        "telegraphql_memory_used_bytes": ("The same, and cached answers.", lambda: limit.memory.used_bytes),
        "telegraphql_memory_limit_bytes": ("What limits.memory allows.", lambda: limit.memory.max_bytes),
        "telegraphql_operations_placed": ("Operations that wait for upstreams.", lambda: limit.slots.taken),
        "telegraphql_operations_queued": ("Operations that wait for a place.", lambda: limit.slots.waiting),
        "telegraphql_active_downloads": ("Files that are being sent.", lambda: limit.downloads.taken),
    }
    for name, (description, value) in values.items():
        Gauge(name, description, registry=metrics.registry).set_function(value)
    labels = ["caller", "reason"]
    refusals = Counter("telegraphql_refusals", "What callers were refused because of their limits.", labels, registry=metrics.registry)
    limit.on_refusal = lambda payer, reason: refusals.labels(_label(payer), reason).inc()


def _label(payer: str) -> str:
    """Return the name of an API key; one word for all tokens, and one for all addresses."""
    return TOKENS if payer.startswith(TOKEN_NAMES) else ADDRESSES if " at " in payer else payer
