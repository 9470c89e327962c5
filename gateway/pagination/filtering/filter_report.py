"""Report which filters a provider's upstream was given, and which the gateway applied."""

from collections.abc import Iterable

from telegraphql.gateway.pagination.filtering.common_conditions import CommonConditions
from telegraphql.gateway.plugin.declarations import Listing, Push
from telegraphql.gateway.telemetry.explain import ProviderReport


def explain_filters(
    report: ProviderReport, kind: str, names: Iterable[str], common: CommonConditions | None, listing: Listing | None, time_name: str | None
) -> None:
    """Add the filters of one list to a provider's report. The time of the kind always bounds what is read."""
    pushes = listing.filters if listing is not None else {}
    given = common.values if common is not None else {}
    for name in names:
        push = None if name not in given else Push.EXACT if name == time_name else pushes.get(name)
        if push is not None:
            report.pushed[f"{kind}.{name}"] = None
        if push is not Push.EXACT or (common is not None and not common.are_all):
            report.residual[f"{kind}.{name}"] = None
