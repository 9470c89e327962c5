"""The PBX's error codes. Its messages may contain request values and are never quoted."""

import msgspec

from telegraphql.plugin import Answer, Expired, Forbidden, NotFound, RejectedInput, Unauthorized, Unavailable, UpstreamError
from telegraphql.plugins.portsip.wire import COMPLAINTS

# Documented: UNKNOWN, VALIDATE_FAILED, and since 22.8 RESOURCE_IN_USE; a failed login is 400 with UNAUTHORIZED. Other errors are known
# by their status.
ERRORS_BY_CODE: dict[str, tuple[type[UpstreamError], str]] = {
    "UNAUTHORIZED": (Unauthorized, "refused the credentials: check the setting `token`, or `username`, `password` and `domain`"),
    "FORBIDDEN": (Forbidden, "does not allow this: use the credentials of an administrator or queue manager"),
    "NOT_FOUND": (NotFound, "has no such record"),
    "VALIDATE_FAILED": (
        RejectedInput,
        "refused a value (VALIDATE_FAILED): if it cannot filter by a property, remove it from the setting `filterable`",
    ),
    "RESOURCE_IN_USE": (RejectedInput, "refuses this while the record is in use: first change what refers to it"),
}
# The codes that begin with LICENSE_ (since 22.8), by their status. 503 is a license that the PBX itself cannot read at the moment.
LICENSE = "LICENSE_"
LICENSE_ERRORS: dict[int, tuple[type[UpstreamError], str]] = {
    403: (Forbidden, "has no license for this: its license, or that of the tenant, lacks a module"),
    409: (RejectedInput, "refuses this while a license is in use: first release the license"),
    503: (Unavailable, "cannot read its own license: try again later"),
}


def to_error(answer: Answer) -> UpstreamError | None:
    """Return the error of a response, or None if there is none or its status says enough."""
    if answer.status == 401:
        return Expired("refused the token")
    if not 400 <= answer.status < 500 and answer.status != 503:
        return None
    try:
        failures = COMPLAINTS.decode(answer.body).errors
    except msgspec.DecodeError:
        return None
    errors = (LICENSE_ERRORS.get(answer.status) if each.code.startswith(LICENSE) else ERRORS_BY_CODE.get(each.code) for each in failures)
    error = next(filter(None, errors), None)
    return error[0](error[1]) if error else None
