"""Voximplant's numeric error codes.

The codes are those of the vendor's Node.js client. The body decides before the HTTP status. The upstream's text is only searched for a
number of seconds and never quoted, because it may repeat parameters.
"""

import re

import msgspec

from telegraphql.plugin import (
    Answer,
    BadData,
    Expired,
    Forbidden,
    NotFound,
    RateLimited,
    RejectedInput,
    Unauthorized,
    Unavailable,
    UpstreamError,
)
from telegraphql.plugins.voximplant.wire import FAILURE, ErrorAnswer

AUTHORIZATION_FAILED = 100
INVALID_CHILD_ACCOUNT = 194
INVALID_TRANSACTION_TYPE = 209


class UnknownType(RejectedInput):
    """The upstream does not know one of the requested transaction types."""


class UnknownAccount(RejectedInput):
    """The upstream does not know one of the requested child accounts."""


class RangeTooLong(RejectedInput):
    """The upstream only reads ranges of fewer days. `days`: the most, as its text says, else a year."""

    days = 365


class MissingRole(Forbidden):
    """The service account's role does not include a method."""


CREDENTIALS_MESSAGE = "refused the credentials: check this provider's settings"
FORBIDDEN_MESSAGE = "does not allow this method: give the service account a role that includes it"
CLOCK_MESSAGE = "refused the token because of its time: check this machine's clock"
RATE_MESSAGE = "received too many requests"
NOT_FOUND_MESSAGE = "has no such record"
UNAVAILABLE_MESSAGE = "failed: try again later"

HISTORY_ROLES = "Owner, Admin, Developer, Supervisor or Support"
# The roles that include a method, as the vendor's reference names them. Only Owner and Admin have both calls and transactions.
ROLES = {
    "GetCallHistory": HISTORY_ROLES,
    "GetBriefCallHistory": HISTORY_ROLES,
    "GetTransactionHistory": "Owner, Admin, Accountant or Payer",
    "GetAuditLog": "Owner",
}

ERRORS_BY_CODE: dict[int, tuple[type[UpstreamError], str]] = {
    AUTHORIZATION_FAILED: (Unauthorized, CREDENTIALS_MESSAGE),
    447: (Unauthorized, CREDENTIALS_MESSAGE),
    454: (Expired, CLOCK_MESSAGE),
    455: (Expired, CLOCK_MESSAGE),
    456: (Expired, CLOCK_MESSAGE),
    103: (Forbidden, "does not know this method"),
    104: (MissingRole, FORBIDDEN_MESSAGE),
    162: (RateLimited, RATE_MESSAGE),
    314: (RateLimited, "is still processing other requests of this account"),
    340: (RateLimited, RATE_MESSAGE),
    416: (RateLimited, RATE_MESSAGE),
    484: (RateLimited, "took this for a duplicate request"),
    515: (RateLimited, "is still processing the same operation"),
    150: (NotFound, NOT_FOUND_MESSAGE),
    261: (NotFound, NOT_FOUND_MESSAGE),
    341: (NotFound, NOT_FOUND_MESSAGE),
    355: (NotFound, "has no such report"),
    501: (NotFound, "has no such file"),
    557: (NotFound, "has no such report"),
    # Not a failure: the report is in progress.
    356: (NotFound, "has not finished the report yet"),
    357: (BadData, "could not generate the report: request a new one"),
    1: (Unavailable, UNAVAILABLE_MESSAGE),
    2: (Unavailable, UNAVAILABLE_MESSAGE),
    4: (Unavailable, UNAVAILABLE_MESSAGE),
    INVALID_CHILD_ACCOUNT: (UnknownAccount, "does not know a child account"),
    INVALID_TRANSACTION_TYPE: (UnknownType, "does not know a transaction type"),
    569: (RangeTooLong, "refused a time range of this length"),
}
OTHER_ERROR = (RejectedInput, "refused the request as invalid")
TOKEN_TIME_CODES = (454, 455, 456)
RETRY_AFTER = re.compile(r"[0-9]{1,5}")
DAYS_IN_TEXT = re.compile(r"([1-9][0-9]{0,3})\s*day", re.IGNORECASE)
SECONDS_IN_TEXT = re.compile(r"([0-9]{1,5})\s*sec", re.IGNORECASE)


def read_failure(answer: Answer) -> ErrorAnswer | None:
    """Return the error in a response's body, or None."""
    if b'"error"' not in answer.body:
        return None
    try:
        return FAILURE.decode(answer.body).error
    except msgspec.DecodeError:
        return None


def to_error(failure: ErrorAnswer, retry_after: str | None) -> UpstreamError:
    """Return the exception for an error of the upstream."""
    error_type, message = ERRORS_BY_CODE.get(failure.code or 0, OTHER_ERROR)
    match = SECONDS_IN_TEXT.search(failure.msg or "")
    seconds = match[1] if match else retry_after if RETRY_AFTER.fullmatch(retry_after or "") else None
    retry_seconds = int(seconds) if seconds and error_type in (RateLimited, Unavailable) else None
    error = error_type(f"{message} (code {failure.code})", retry_after=retry_seconds)
    if isinstance(error, RangeTooLong) and (days := DAYS_IN_TEXT.search(failure.msg or "")):
        error.days = int(days[1])
    return error


def missing_role(method: str, error: MissingRole) -> MissingRole:
    """Return the error of a method that the service account's role does not include, with the roles that do."""
    if method not in ROLES:
        return error
    return MissingRole(f"does not allow {method}: give the service account the role {ROLES[method]} (code 104)", provider=error.provider)
