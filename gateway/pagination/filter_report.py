"""Report which filters a provider's upstream was given, and which the gateway applied."""

from collections.abc import Iterable

from telegraphql.gateway.plugin.declarations import Listing, Push
from telegraphql.gateway.telemetry.explain import ProviderReport


def explain_filters(report: ProviderReport, kind: str, parts: Iterable[str], listing: Listing | None, time_name: str | None) -> None:
    """Add the filters of one list to a provider's report. The time of the kind always bounds what is read."""
    pushes = listing.filters if listing is not None else {}
    for part in parts:
        push = Push.EXACT if part == time_name else pushes.get(part)
        if push is not None:
            report.pushed[f"{kind}.{part}"] = None
        if push is not Push.EXACT:
            report.residual[f"{kind}.{part}"] = None
