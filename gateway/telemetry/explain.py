"""The explain report: the upstream requests of one operation, per provider, for `extensions.explain`."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from telegraphql.gateway.telemetry.tracing import OperationSpan


@dataclass(slots=True)
class RequestCount:
    """The upstream requests of one name."""

    count: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class ProviderReport:
    """The part of one provider.

    Attributes:
        cache_results: Cache look-ups by result: hit, miss, stale, shared.
        wait_seconds: The time that requests waited in the gateway.
        pushed: Filters that the upstream applied.
        residual: Filters that the gateway applied. A filter can be in both.
    """

    requests: dict[str, RequestCount] = field(default_factory=dict)
    cache_results: Counter[str] = field(default_factory=Counter)
    retries: int = 0
    wait_seconds: float = 0.0
    pushed: dict[str, None] = field(default_factory=dict)
    residual: dict[str, None] = field(default_factory=dict)

    def count_request(self, operation: str, seconds: float) -> None:
        """Count a completed upstream request, successful or not."""
        request = self.requests.setdefault(operation, RequestCount())
        request.count += 1
        request.seconds += seconds

    def as_json(self, provider: str) -> dict[str, Any]:
        """Return the part as it is sent to the client."""
        requests = [{"operation": name, "count": each.count, "seconds": round(each.seconds, 6)} for name, each in self.requests.items()]
        return {
            "name": provider,
            "requests": sorted(requests, key=lambda each: str(each["operation"])),
            "cacheHits": self.cache_results["hit"],
            "stale": self.cache_results["stale"],
            "shared": self.cache_results["shared"],
            "retries": self.retries,
            "waitedSeconds": round(self.wait_seconds, 6),
            "filters": {"pushed": sorted(self.pushed), "residual": sorted(self.residual)},
        }


@dataclass(slots=True)
class ExplainReport:
    """The report of one operation, and its span if it is traced."""

    providers: dict[str, ProviderReport] = field(default_factory=dict)
    span: "OperationSpan | None" = None
    started_at: float = field(default_factory=time.perf_counter)

    def provider(self, name: str) -> ProviderReport:
        """Return the part of a provider."""
        found = self.providers.get(name)
        if found is None:
            found = self.providers[name] = ProviderReport()
        return found

    def as_json(self) -> dict[str, Any]:
        """Return the report as it is sent to the client."""
        return {
            "providers": [self.providers[name].as_json(name) for name in sorted(self.providers)],
            "seconds": round(time.perf_counter() - self.started_at, 6),
        }
