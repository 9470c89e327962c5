"""Parameters: the bounds and filters of a list in the upstream's words."""

import re
from datetime import UTC, datetime

from telegraphql.plugin import ListRequest
from telegraphql.plugins.twilio.mapping import STATUS

# Sent as it is written only if it cannot be written in another way.
E164 = re.compile(r"\+[1-9]\d{7,14}")


def time_bounds(request: ListRequest, name: str) -> dict[str, str]:
    """Return the bounds of a list by time. The sign is part of a parameter's name; with the sign of equality it is `StartTime>=...`."""
    bounds = {f"{name}>": request.since, f"{name}<": request.until}
    return {name: at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for name, at in bounds.items() if at}


def date_bounds(since: datetime | None, until: datetime | None) -> dict[str, str]:
    """Return the inclusive bounds of a list by day."""
    return {name: at.astimezone(UTC).strftime("%Y-%m-%d") for name, at in (("StartDate", since), ("EndDate", until)) if at}


def status_filter(request: ListRequest) -> dict[str, str]:
    """Return the parameter for the wanted outcomes; none if several words of the upstream, or unknown ones, can stand for them."""
    wanted = set(request.filter.get("status") or ())
    words = [word for word, status in STATUS.items() if status in wanted]
    return {"Status": words[0]} if len(words) == 1 and wanted <= set(STATUS.values()) else {}


def party_filters(request: ListRequest, bare_numbers: bool) -> dict[str, str]:
    """Return the parameters for one wanted number each; none for other ways to name it, since the upstream compares whole addresses."""
    found: dict[str, str] = {}
    for name, parameter in (("from", "From"), ("to", "To")) if bare_numbers else ():
        wanted = request.filter.get(name)
        if wanted and wanted.equals and len(wanted.equals) == 1 and E164.fullmatch(wanted.equals[0]):
            found[parameter] = wanted.equals[0]
    return found
