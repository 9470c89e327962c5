"""The PBX's error codes. Its messages may contain request values and are never quoted."""

import msgspec

from telegraphql.plugin import Answer, Expired, Forbidden, NotFound, RejectedInput, Unauthorized, UpstreamError
from telegraphql.plugins.portsip.wire import COMPLAINTS

# Documented: UNKNOWN and VALIDATE_FAILED; a failed login is 400 with UNAUTHORIZED. Other errors are known by their status.
ERRORS_BY_CODE: dict[str, tuple[type[UpstreamError], str]] = {
    "UNAUTHORIZED": (Unauthorized, "refused the credentials: check the setting `token`, or `username`, `password` and `domain`"),
    "FORBIDDEN": (Forbidden, "does not allow this: use the credentials of an administrator or queue manager"),
    "NOT_FOUND": (NotFound, "has no such record"),
    "VALIDATE_FAILED": (
        RejectedInput,
        "refused a value (VALIDATE_FAILED): if it cannot filter by a property, remove it from the setting `filterable`",
    ),
}


def to_error(answer: Answer) -> UpstreamError | None:
    """Return the error of a response, or None if there is none or its status says enough."""
    if answer.status == 401:
        return Expired("refused the token")
    if not 400 <= answer.status < 500:
        return None
    try:
        failures = COMPLAINTS.decode(answer.body).errors
    except msgspec.DecodeError:
        return None
    error = next((ERRORS_BY_CODE[each.code] for each in failures if each.code in ERRORS_BY_CODE), None)
    return error[0](error[1]) if error else None
