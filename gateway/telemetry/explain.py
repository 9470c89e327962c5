"""ExplainReport: what one operation asked of each provider, for whoever wants it explained."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from telegraphql.gateway.telemetry.tracing import OperationSpan


@dataclass(slots=True)
class RequestCount:
    """Requests of one name."""

    count: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class ProviderReport:
    """One provider's part. `pushed` and `residual` are filters that the upstream, and that the engine applies; some are both."""

    requests: dict[str, RequestCount] = field(default_factory=dict)
    cached: Counter[str] = field(default_factory=Counter)
    retries: int = 0
    waited: float = 0.0
    pushed: dict[str, None] = field(default_factory=dict)
    residual: dict[str, None] = field(default_factory=dict)

    def answered(self, operation: str, seconds: float) -> None:
        """A request came to its end, good or bad."""
        asked = self.requests.setdefault(operation, RequestCount())
        asked.count += 1
        asked.seconds += seconds

    def shown(self, provider: str) -> dict[str, Any]:
        """As clients see it."""
        requests = [{"operation": name, "count": each.count, "seconds": round(each.seconds, 6)} for name, each in self.requests.items()]
        return {
            "name": provider,
            "requests": sorted(requests, key=lambda each: str(each["operation"])),
            "cacheHits": self.cached["hit"],
            "stale": self.cached["stale"],
            "shared": self.cached["shared"],
            "retries": self.retries,
            "waitedSeconds": round(self.waited, 6),
            "filters": {"pushed": sorted(self.pushed), "residual": sorted(self.residual)},
        }


@dataclass(slots=True)
class ExplainReport:
    """All providers' parts, and the trace that the operation is part of."""

    shares: dict[str, ProviderReport] = field(default_factory=dict)
    trace: "OperationSpan | None" = None
    began: float = field(default_factory=time.perf_counter)

    def of(self, provider: str) -> ProviderReport:
        """One provider's part."""
        found = self.shares.get(provider)
        if found is None:
            found = self.shares[provider] = ProviderReport()
        return found

    def shown(self) -> dict[str, Any]:
        """As clients see it."""
        return {
            "providers": [self.shares[name].shown(name) for name in sorted(self.shares)],
            "seconds": round(time.perf_counter() - self.began, 6),
        }
