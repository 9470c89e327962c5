"""Filters: which of them an upstream was given, and which the engine applies to what comes back."""

from collections.abc import Iterable

from telegraphql.gateway.plugin.declarations import Listing, Push
from telegraphql.gateway.upstream.request_budget import current


def tell_filters(provider: str, kind: str, parts: Iterable[str], listing: Listing | None, time_name: str | None) -> None:
    """Note them for whoever wants the running operation explained. The kind's own time always bounds what is read."""
    report = current().explain_report
    if report is None:
        return
    share = report.provider(provider)
    pushes = listing.filters if listing is not None else {}
    for part in parts:
        push = Push.EXACT if part == time_name else pushes.get(part)
        if push is not None:
            share.pushed[f"{kind}.{part}"] = None
        if push is not Push.EXACT:
            share.residual[f"{kind}.{part}"] = None
