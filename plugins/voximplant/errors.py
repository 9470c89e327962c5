"""Refusals: what Voximplant's numeric error codes mean.

The codes are those of the vendor's Node.js client. An answer's body decides before its HTTP status. The upstream's own text is read for one
number only and never quoted, because it may repeat parameters."""

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
INVALID_TRANSACTION_TYPE = 209


class UnknownType(RejectedInput):
    """The upstream does not know a transaction type that it was asked for."""


REFUSED = "refused the credentials; check this provider's settings"
NOT_ALLOWED = "does not allow this method; give the service account a role that has it"
CLOCK = "refused the token for its time; check this machine's clock"
SLOWER = "asks for fewer requests"
NO_RECORD = "has no such record"
FAILING = "failed; try again later"

KINDS: dict[int, tuple[type[UpstreamError], str]] = {
    AUTHORIZATION_FAILED: (Unauthorized, REFUSED),
    447: (Unauthorized, REFUSED),
    454: (Expired, CLOCK),
    455: (Expired, CLOCK),
    456: (Expired, CLOCK),
    103: (Forbidden, "does not know this method"),
    104: (Forbidden, NOT_ALLOWED),
    162: (RateLimited, SLOWER),
    314: (RateLimited, "is still busy with requests of this account"),
    340: (RateLimited, SLOWER),
    416: (RateLimited, SLOWER),
    484: (RateLimited, "took this for a request sent twice"),
    515: (RateLimited, "is still busy with the same operation"),
    150: (NotFound, NO_RECORD),
    261: (NotFound, NO_RECORD),
    341: (NotFound, NO_RECORD),
    355: (NotFound, "has no such report"),
    501: (NotFound, "has no such file"),
    557: (NotFound, "has no such report"),
    # Progress, not an error: the file is not there yet.
    356: (NotFound, "has not finished the report yet"),
    357: (BadData, "could not make the report; ask for a new one"),
    1: (Unavailable, FAILING),
    2: (Unavailable, FAILING),
    4: (Unavailable, FAILING),
    INVALID_TRANSACTION_TYPE: (UnknownType, "does not know a transaction type"),
    569: (RejectedInput, "refused a window of time that long; set `history_start` to a later day"),
}
OTHER = (RejectedInput, "refused the request as wrong")
OF_TIME = (454, 455, 456)
RETRY_AFTER = re.compile(r"[0-9]{1,5}")
SECONDS = re.compile(r"([0-9]{1,5})\s*sec", re.IGNORECASE)


def complaint(answer: Answer) -> ErrorAnswer | None:
    """The error in an answer's body; None where there is none."""
    if b'"error"' not in answer.body:
        return None
    try:
        return FAILURE.decode(answer.body).error
    except msgspec.DecodeError:
        return None


def error(found: ErrorAnswer, retry_after: str | None) -> UpstreamError:
    """The error that a complaint stands for."""
    kind, meaning = KINDS.get(found.code or 0, OTHER)
    wait = SECONDS.search(found.msg or "")
    seconds = wait[1] if wait else retry_after if RETRY_AFTER.fullmatch(retry_after or "") else None
    only_limits = int(seconds) if seconds and kind in (RateLimited, Unavailable) else None
    return kind(f"{meaning} (code {found.code})", retry_after=only_limits)
