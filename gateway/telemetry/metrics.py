"""Metrics: what Prometheus reads at /metrics - no label has more values than the configuration has names."""

from collections.abc import Callable, Collection, Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, Summary, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.metrics_core import Metric
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from telegraphql import __version__
from telegraphql.schema.enums import BreakerState

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
LEVELS = {BreakerState.CLOSED: 0, BreakerState.HALF_OPEN: 1, BreakerState.OPEN: 2}


class Metrics:
    """The numbers of one engine, in a registry of their own; configurations come and go, the counts go on."""

    def __init__(self) -> None:
        self.registry = of = CollectorRegistry()
        Info("telegraphql_build", "The version of TelegraphQL.", registry=of).info({"version": __version__})
        self._ended: dict[tuple[str, str], tuple[Counter, Histogram | None]] = {}
        self.operations = Counter("telegraphql_operations", "GraphQL operations by outcome.", ["type", "outcome"], registry=of)
        self.seconds = Histogram(
            "telegraphql_operation_seconds", "Seconds that a query or a mutation took.", ["type"], registry=of, buckets=SECONDS
        )
        self.subscriptions = Gauge("telegraphql_subscriptions", "Subscriptions that are open.", registry=of)
        self.requests = Counter(
            "telegraphql_upstream_requests", "Requests sent to a provider.", ["provider", "operation", "outcome"], registry=of
        )
        self.upstream = Histogram(
            "telegraphql_upstream_seconds", "Seconds until a provider answered.", ["provider"], registry=of, buckets=SECONDS
        )
        self.retries = Counter("telegraphql_upstream_retries", "Reads that were tried again.", ["provider"], registry=of)
        self.waits = Summary(
            "telegraphql_upstream_waits_seconds",
            "Seconds that requests waited here: for a place, the rate or a pause.",
            ["provider", "reason"],
            registry=of,
        )
        self.breaker = Gauge("telegraphql_breaker_state", "0: closed, 1: half open, 2: open.", ["provider"], registry=of)
        self.cache = Counter("telegraphql_cache", "Reads looked up: hit, miss, stale or shared.", ["provider", "result"], registry=of)
        self.media = Counter("telegraphql_media_bytes", "Bytes of files passed on.", ["provider"], registry=of)
        for process in (ProcessCollector, PlatformCollector, GCCollector):
            process(registry=of)

    def report_redis(self, is_up: Callable[[], bool]) -> None:
        """There is something that replicas share, which is up or not."""
        Gauge("telegraphql_shared_up", "Whether the store that replicas share answers.", registry=self.registry).set_function(is_up)

    def report_compilation(self, works: bool) -> None:
        """Report whether selections are compiled, as they are configured to be."""
        Gauge("telegraphql_compiled_selections", "1: selections are compiled; 0: they cannot be.", registry=self.registry).set(works)

    def operation(self, kind: str, outcome: str, seconds: float) -> None:
        """An operation came to its end. How long a subscription was open says nothing about us."""
        found = self._ended.get((kind, outcome))
        if found is None:
            timed = None if kind == "subscription" else self.seconds.labels(kind)
            found = self._ended[kind, outcome] = self.operations.labels(kind, outcome), timed
        found[0].inc()
        if found[1] is not None:
            found[1].observe(seconds)

    def meters(self, provider: str) -> "ProviderMetrics":
        """One provider's share."""
        return ProviderMetrics(self, provider)

    def forget(self, provider: str) -> None:
        """A provider that is configured no more."""
        every: tuple[MetricWrapperBase, ...] = (
            self.requests,
            self.upstream,
            self.retries,
            self.waits,
            self.breaker,
            self.cache,
            self.media,
        )
        for metric in every:
            metric.remove_by_labels({"provider": provider})

    def text(self, providers: Collection[str] | None) -> bytes:
        """All of it as Prometheus reads it, of these providers or, for None, of all."""
        return generate_latest(VisibleMetrics(self.registry, providers))


class ProviderMetrics:
    """The numbers of one provider, their labels already looked up."""

    __slots__ = ("_all", "_breaker", "_cached", "_requests", "_seconds", "_waits", "media", "provider", "retries")

    def __init__(self, metrics: Metrics, provider: str) -> None:
        self.provider, self._all = provider, metrics
        self._requests: dict[tuple[str, str], Counter] = {}
        self._cached: dict[str, Counter] = {}
        self._waits: dict[str, Summary] = {}
        self._seconds = metrics.upstream.labels(provider)
        self.retries = metrics.retries.labels(provider)
        self.media = metrics.media.labels(provider)
        self._breaker = metrics.breaker.labels(provider)

    def breaks(self, state: BreakerState) -> None:
        """The breaker is in this state now."""
        self._breaker.set(LEVELS[state])

    def answered(self, operation: str, outcome: str, seconds: float) -> None:
        """A request came to its end."""
        found = self._requests.get((operation, outcome))
        if found is None:
            found = self._requests[operation, outcome] = self._all.requests.labels(self.provider, operation, outcome)
        found.inc()
        self._seconds.observe(seconds)

    def waited(self, reason: str, seconds: float) -> None:
        """A request had to wait."""
        found = self._waits.get(reason)
        if found is None:
            found = self._waits[reason] = self._all.waits.labels(self.provider, reason)
        found.observe(seconds)

    def cached(self, result: str) -> None:
        """A read was looked up."""
        found = self._cached.get(result)
        if found is None:
            found = self._cached[result] = self._all.cache.labels(self.provider, result)
        found.inc()


class VisibleMetrics(Collector):
    """A registry as one may see it for whom only some providers exist."""

    def __init__(self, registry: CollectorRegistry, providers: Collection[str] | None) -> None:
        self._registry, self._providers = registry, providers

    def collect(self) -> Iterator[Metric]:
        """What is left; when a series began is left out for everybody, which halves the text."""
        for family in self._registry.collect():
            shown = Metric(family.name, family.documentation, family.type, family.unit)
            shown.samples = [each for each in family.samples if not each.name.endswith("_created") and self._sees(each.labels)]
            yield shown

    def _sees(self, labels: dict[str, str]) -> bool:
        return self._providers is None or "provider" not in labels or labels["provider"] in self._providers
