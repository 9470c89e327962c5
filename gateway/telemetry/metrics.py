"""Prometheus metrics. Every label has a bounded set of values: names from the configuration, plugins or closed lists."""

from collections.abc import Callable, Collection, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, Summary, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from telegraphql import __version__
from telegraphql.schema.enums import BreakerState

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
STEP_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1)
# Callers, operations and outcomes that are told apart; clients choose the names of operations.
MAX_CALLER_OPERATIONS = 500
BREAKER_LEVELS = {BreakerState.CLOSED: 0, BreakerState.HALF_OPEN: 1, BreakerState.OPEN: 2}


class Metrics:
    """The metrics of one gateway, in a registry of their own. They outlive a reload of the configuration."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        Info("telegraphql_build", "The version of TelegraphQL.", registry=registry).info({"version": __version__})
        self._by_outcome: dict[tuple[str, str], tuple[Counter, Histogram | None]] = {}
        self.operations = Counter("telegraphql_operations", "GraphQL operations by outcome.", ["type", "outcome"], registry=registry)
        self.operation_duration = Histogram(
            "telegraphql_operation_duration_seconds",
            "Execution time of queries and mutations.",
            ["type"],
            registry=registry,
            buckets=BUCKETS,
        )
        self.caller_operations = Counter(
            "telegraphql_caller_operations",
            "Operations by caller and name. Callers with a token are `jwt`. Further names than 500 series hold are `other`.",
            ["caller", "operation", "outcome"],
            registry=registry,
        )
        self._by_caller: dict[tuple[str, str, str], Counter] = {}
        self.problems = Counter(
            "telegraphql_problems", "Problems in answers: what was missing or old.", ["provider", "code"], registry=registry
        )
        self.operation_rows = Counter("telegraphql_operation_rows", "Rows of answers that operations read.", registry=registry)
        self.operation_cpu = Counter("telegraphql_operation_cpu_seconds", "Processor time of operations.", registry=registry)
        self.longest_step = Histogram(
            "telegraphql_operation_longest_step_seconds",
            "Longest time for which an operation kept the event loop from all others.",
            registry=registry,
            buckets=STEP_BUCKETS,
        )
        self.active_subscriptions = Gauge("telegraphql_active_subscriptions", "Open subscriptions.", registry=registry)
        self.upstream_requests = Counter(
            "telegraphql_upstream_requests", "Requests sent to a provider.", ["provider", "operation", "outcome"], registry=registry
        )
        self.upstream_duration = Histogram(
            "telegraphql_upstream_request_duration_seconds",
            "Time until a provider answered.",
            ["provider"],
            registry=registry,
            buckets=BUCKETS,
        )
        self.retries = Counter("telegraphql_upstream_retries", "Retries of reads.", ["provider"], registry=registry)
        self.waits = Summary(
            "telegraphql_upstream_wait_seconds",
            "Time that requests waited in the gateway, by reason: queue, rate or pause.",
            ["provider", "reason"],
            registry=registry,
        )
        self.breaker_state = Gauge(
            "telegraphql_circuit_breaker_state", "0: closed, 1: half open, 2: open.", ["provider"], registry=registry
        )
        self.cache_lookups = Counter(
            "telegraphql_cache_lookups", "Cache look-ups by result: hit, miss, stale or shared.", ["provider", "result"], registry=registry
        )
        self.media_bytes = Counter("telegraphql_media_bytes", "Bytes of media files sent to clients.", ["provider"], registry=registry)
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=registry)

    def report_redis(self, is_up: Callable[[], bool]) -> None:
        """Add the gauge that reports whether Redis is up."""
        Gauge("telegraphql_redis_up", "1 if Redis answers, else 0.", registry=self.registry).set_function(is_up)

    def report_health(self, healths: Callable[[], Mapping[str, bool | None]]) -> None:
        """Add the gauge that reports which providers answer and accept the credentials; None: not known yet."""
        self.registry.register(ProviderUp(healths))

    def report_compilation(self, works: bool) -> None:
        """Add the gauge that reports whether selections compile; it is not there where the settings switch compilation off."""
        Gauge("telegraphql_compiled_selections", "1 if selections are compiled, else 0.", registry=self.registry).set(works)

    def count_operation(self, operation_type: str, outcome: str, seconds: float) -> None:
        """Count an operation. The duration of a subscription is not observed: it only says how long the client stayed."""
        metrics = self._by_outcome.get((operation_type, outcome))
        if metrics is None:
            duration = None if operation_type == "subscription" else self.operation_duration.labels(operation_type)
            metrics = self._by_outcome[operation_type, outcome] = self.operations.labels(operation_type, outcome), duration
        metrics[0].inc()
        if metrics[1] is not None:
            metrics[1].observe(seconds)

    def count_caller(self, caller: str, operation: str, outcome: str) -> None:
        """Count an operation for its caller, by the name that the client gave to it."""
        labels = "jwt" if caller.startswith("jwt:") else caller, operation, outcome
        counter = self._by_caller.get(labels)
        if counter is None:
            is_new = len(self._by_caller) < MAX_CALLER_OPERATIONS
            counter = self.caller_operations.labels(*(labels if is_new else (labels[0], "other", outcome)))
            if is_new:
                self._by_caller[labels] = counter
        counter.inc()

    def count_problems(self, counts: Mapping[tuple[str, str], int]) -> None:
        """Count the problems of an answer, by provider and code."""
        for (provider, code), count in counts.items():
            self.problems.labels(provider, code).inc(count)

    def count_work(self, rows: int, cpu_seconds: float, longest_step: float) -> None:
        """Count the work of an operation that has read something."""
        self.operation_rows.inc(rows)
        self.operation_cpu.inc(cpu_seconds)
        self.longest_step.observe(longest_step)

    def for_provider(self, provider: str) -> "ProviderMetrics":
        """Return the metrics of one provider."""
        return ProviderMetrics(self, provider)

    def remove_provider(self, provider: str) -> None:
        """Remove the metrics of a provider that is no longer configured."""
        metrics: tuple[MetricWrapperBase, ...] = (
            self.upstream_requests,
            self.upstream_duration,
            self.retries,
            self.waits,
            self.breaker_state,
            self.cache_lookups,
            self.media_bytes,
            self.problems,
        )
        for metric in metrics:
            metric.remove_by_labels({"provider": provider})

    def text(self, providers: Collection[str] | None) -> bytes:
        """Return the metrics of these providers in Prometheus' text format; None: of all providers."""
        return generate_latest(VisibleMetrics(self.registry, providers))


class ProviderMetrics:
    """The metrics of one provider, with their labels resolved."""

    __slots__ = ("_breaker_state", "_duration", "_lookups", "_metrics", "_requests", "_waits", "media_bytes", "provider", "retries")

    def __init__(self, metrics: Metrics, provider: str) -> None:
        self.provider, self._metrics = provider, metrics
        self._requests: dict[tuple[str, str], Counter] = {}
        self._lookups: dict[str, Counter] = {}
        self._waits: dict[str, Summary] = {}
        self._duration = metrics.upstream_duration.labels(provider)
        self.retries = metrics.retries.labels(provider)
        self.media_bytes = metrics.media_bytes.labels(provider)
        self._breaker_state = metrics.breaker_state.labels(provider)

    def set_breaker_state(self, state: BreakerState) -> None:
        """Set the state of the circuit breaker."""
        self._breaker_state.set(BREAKER_LEVELS[state])

    def count_request(self, operation: str, outcome: str, seconds: float) -> None:
        """Count a completed upstream request."""
        counter = self._requests.get((operation, outcome))
        if counter is None:
            counter = self._requests[operation, outcome] = self._metrics.upstream_requests.labels(self.provider, operation, outcome)
        counter.inc()
        self._duration.observe(seconds)

    def observe_wait(self, reason: str, seconds: float) -> None:
        """Observe the time that a request waited."""
        summary = self._waits.get(reason)
        if summary is None:
            summary = self._waits[reason] = self._metrics.waits.labels(self.provider, reason)
        summary.observe(seconds)

    def count_lookup(self, result: str) -> None:
        """Count a cache look-up."""
        counter = self._lookups.get(result)
        if counter is None:
            counter = self._lookups[result] = self._metrics.cache_lookups.labels(self.provider, result)
        counter.inc()


class ProviderUp(Collector):
    """The gauge of the providers that answer."""

    def __init__(self, healths: Callable[[], Mapping[str, bool | None]]) -> None:
        self._healths = healths

    def collect(self) -> Iterator[Metric]:
        """Yield one sample for each provider of which something is known."""
        family = GaugeMetricFamily("telegraphql_provider_up", "1 if the provider answers and accepts the credentials.", labels=["provider"])
        for name, is_up in self._healths().items():
            if is_up is not None:
                family.add_metric([name], is_up)
        yield family


class VisibleMetrics(Collector):
    """The metrics of a registry that a caller may see."""

    def __init__(self, registry: CollectorRegistry, providers: Collection[str] | None) -> None:
        self._registry, self._providers = registry, providers

    def collect(self) -> Iterator[Metric]:
        """Yield the visible samples, without the `_created` series, which double the text and which Prometheus does not need."""
        for family in self._registry.collect():
            visible = Metric(family.name, family.documentation, family.type, family.unit)
            visible.samples = [each for each in family.samples if not each.name.endswith("_created") and self._is_visible(each.labels)]
            yield visible

    def _is_visible(self, labels: dict[str, str]) -> bool:
        return self._providers is None or "provider" not in labels or labels["provider"] in self._providers
