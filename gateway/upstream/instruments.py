"""UpstreamInstruments: the metrics and the trace of one gateway, each None where nobody wants it; a reload does not end them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from telegraphql.gateway.telemetry.settings import MetricsSettings, TracingSettings
from telegraphql.gateway.telemetry.tracing import Tracing, create_tracing

if TYPE_CHECKING:
    from telegraphql.gateway.telemetry.metrics import Metrics
    from telegraphql.gateway.upstream.client import Upstream


class UpstreamInstruments:
    """Listens to the recorders of all providers."""

    def __init__(self, metrics: "Metrics | None" = None, tracing: Tracing | None = None) -> None:
        self.metrics, self.tracing = metrics, tracing
        self._over: set[str] = set()

    @classmethod
    def of(cls, metrics: MetricsSettings, traces: TracingSettings) -> "UpstreamInstruments":
        """As the settings want it."""
        if not metrics.enabled:
            return cls(None, create_tracing(traces))
        from telegraphql.gateway.telemetry.metrics import Metrics

        return cls(Metrics(), create_tracing(traces))

    def over(self, upstreams: Mapping[str, "Upstream"]) -> None:
        """Listen to these providers from now on, and forget the others."""
        for name, each in upstreams.items():
            recorder = each.recorder
            recorder.tracing = self.tracing
            if self.metrics is not None:
                recorder.meters = self.metrics.meters(name)
                recorder.meters.breaks(each.health.state)
        for name in self._over - set(upstreams):
            if self.metrics is not None:
                self.metrics.forget(name)
        self._over = set(upstreams)

    def close(self) -> None:
        """Send what is left of traces."""
        if self.tracing is not None:
            self.tracing.close()
