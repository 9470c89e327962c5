"""Instruments: the metrics and traces of one gateway; they outlive a reload of the configuration."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from telegraphql.gateway.telemetry.settings import MetricsSettings, TracingSettings
from telegraphql.gateway.telemetry.tracing import Tracing, create_tracing

if TYPE_CHECKING:
    from telegraphql.gateway.telemetry.metrics import Metrics
    from telegraphql.gateway.upstream.client import Upstream


class UpstreamInstruments:
    """Connects the recorders of all providers to metrics and traces, each None if disabled."""

    def __init__(self, metrics: "Metrics | None" = None, tracing: Tracing | None = None) -> None:
        self.metrics, self.tracing = metrics, tracing
        self._observed: set[str] = set()

    @classmethod
    def of(cls, metrics: MetricsSettings, traces: TracingSettings) -> "UpstreamInstruments":
        """Return the instruments that the settings ask for."""
        if not metrics.enabled:
            return cls(None, create_tracing(traces))
        from telegraphql.gateway.telemetry.metrics import Metrics

        return cls(Metrics(), create_tracing(traces))

    def observe(self, upstreams: Mapping[str, "Upstream"]) -> None:
        """Observe these providers from now on, and remove the others' metrics."""
        for name, each in upstreams.items():
            recorder = each.recorder
            recorder.tracing = self.tracing
            if self.metrics is not None:
                recorder.metrics = self.metrics.for_provider(name)
                recorder.metrics.set_breaker_state(each.health.state)
        for name in self._observed - set(upstreams):
            if self.metrics is not None:
                self.metrics.remove_provider(name)
        self._observed = set(upstreams)

    def close(self) -> None:
        """Send the traces that have ended."""
        if self.tracing is not None:
            self.tracing.close()
