"""Refusals: what a PBX's error codes stand for. Its messages can hold what was asked, and are never quoted."""

import msgspec

from telegraphql.plugin import Answer, Expired, Forbidden, NotFound, RejectedInput, Unauthorized, UpstreamError
from telegraphql.plugins.portsip.wire import COMPLAINTS

# Documented: UNKNOWN and VALIDATE_FAILED; a failed login is 400 with UNAUTHORIZED. The status tells the rest.
REFUSALS: dict[str, tuple[type[UpstreamError], str]] = {
    "UNAUTHORIZED": (Unauthorized, "refused the credentials; check `token`, or `username`, `password` and `domain`"),
    "FORBIDDEN": (Forbidden, "does not allow this; sign in as an administrator or queue manager"),
    "NOT_FOUND": (NotFound, "has no such record"),
    "VALIDATE_FAILED": (RejectedInput, "refused a value (VALIDATE_FAILED); if it cannot filter by a property, take it out of `filterable`"),
}


def refused(answer: Answer) -> UpstreamError | None:
    """The error an answer stands for; None where it is none or its status says enough."""
    if answer.status == 401:
        return Expired("refused the token")
    if not 400 <= answer.status < 500:
        return None
    try:
        complaints = COMPLAINTS.decode(answer.body).errors
    except msgspec.DecodeError:
        return None
    known = next((REFUSALS[each.code] for each in complaints if each.code in REFUSALS), None)
    return known[0](known[1]) if known else None
