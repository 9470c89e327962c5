"""Watch: the metrics and the trace of one gateway, each None where nobody wants it; a reload does not end them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gateway.observing.settings import MetricsSettings, TracingSettings
from gateway.observing.tracing import Tracing, tracing

if TYPE_CHECKING:
    from gateway.observing.metrics import Metrics
    from gateway.reading.serving import Serving


class Watch:
    """Listens to the recorders of all providers."""

    def __init__(self, metrics: "Metrics | None" = None, tracing: Tracing | None = None) -> None:
        self.metrics, self.tracing = metrics, tracing
        self._over: set[str] = set()

    @classmethod
    def of(cls, metrics: MetricsSettings, traces: TracingSettings) -> "Watch":
        """As the settings want it."""
        if not metrics.enabled:
            return cls(None, tracing(traces))
        from gateway.observing.metrics import Metrics

        return cls(Metrics(), tracing(traces))

    def over(self, serving: Mapping[str, "Serving"]) -> None:
        """Listen to these providers from now on, and forget the others."""
        for name, each in serving.items():
            recorder = each.provider.upstream.recorder
            recorder.tracing = self.tracing
            if self.metrics is not None:
                recorder.meters = self.metrics.meters(name)
                recorder.meters.breaks(each.provider.upstream.health.state)
        for name in self._over - set(serving):
            if self.metrics is not None:
                self.metrics.forget(name)
        self._over = set(serving)

    def close(self) -> None:
        """Send what is left of traces."""
        if self.tracing is not None:
            self.tracing.close()
