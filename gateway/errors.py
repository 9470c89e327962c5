"""The errors of the gateway, each with a code that programs act on.

    Refusal                      an error that a client may read; has .code and .extensions
    ├── RequestError             the client's fault: no upstream request was sent
    │   ├── BadInput             BAD_USER_INPUT   an argument is out of range or contradicts another
    │   ├── BadCursor            BAD_CURSOR       a cursor of another list, filter or order, or not a cursor
    │   ├── BadId                BAD_ID           not an id of this gateway
    │   ├── OverLimit                             exceeds a limit: TOO_DEEP …, PAYLOAD_TOO_LARGE (HTTP 413, WebSocket 1009)
    │   ├── NoIntrospection      INTROSPECTION_DISABLED introspection is disabled
    │   ├── Overloaded           OVERLOADED       too many operations at once; retryable (HTTP 503)
    │   ├── UnknownProvider      UNKNOWN_PROVIDER no configured provider has this name
    │   ├── NobodyCan            UNSUPPORTED      no queried provider supports it
    │   ├── Unauthenticated      UNAUTHENTICATED  missing or invalid credentials
    │   └── NotAllowed           FORBIDDEN        valid credentials without the required permission
    ├── SlowConsumer             SLOW_CONSUMER    the client takes events too slowly; carries the cursor to resume from
    ├── Unverifiable             UNAVAILABLE      a token cannot be verified: the issuer's keys are unavailable
    └── UpstreamError            at or on the way to an upstream; carries provider, fault (next column), retryable, retry_after
        ├── Unauthorized         credentials   UNAUTHORIZED     the upstream refused the configured credentials
        │   └── Expired          credentials                    they have expired: renew them and retry
        ├── Forbidden            credentials   FORBIDDEN        valid credentials without the required permission
        ├── NotFound             input         NOT_FOUND        no such record upstream
        ├── RejectedInput        input         BAD_INPUT        a value of the request is refused
        ├── Unsupported          input         UNSUPPORTED      this provider does not support it
        ├── ScanLimit            input         SCAN_LIMIT       stopped at the limit of upstream requests or time
        ├── RateLimited          state         RATE_LIMITED     too many requests: wait retry_after seconds
        ├── TimedOut             state         TIMEOUT          no answer in time
        ├── Unavailable          state         UNAVAILABLE      down, unreachable, or 5xx
        ├── BadAnswer            state         BAD_ANSWER       not the documented format, as from a server that is half down
        │   └── BadData          data          BAD_ANSWER       readable, but impossible: asking again gives the same
        │       ├── TooLarge     data                           longer than the gateway reads
        │       └── Unforeseen   data                           the plugin failed on it
        └── Malformed            data          MALFORMED_RECORD one record of an answer cannot be read
            └── MalformedField   data          MALFORMED_FIELD  one field of a record cannot be read
    SettingsError                invalid configuration; not a Refusal, so that no handler of refusals catches it

Errors found before execution are defined where they are raised. Messages never contain a URL, a query, a body or a secret.
"""

from typing import Any, ClassVar

from telegraphql.gateway.fault_owner import FaultOwner
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.paging import Problem

ACCIDENT = "INTERNAL_SERVER_ERROR"  # the code of an unexpected error: a bug of the gateway or of a plugin


class SettingsError(Exception):
    """The configuration is invalid. The message says where and what to write instead."""


class Refusal(Exception):
    """An error that a client may read."""

    code: ClassVar[str] = "INTERNAL"

    @property
    def extensions(self) -> dict[str, Any]:
        """Return the `extensions` of the GraphQL error."""
        return {"code": self.code}


class RequestError(Refusal):
    """The request is invalid; no upstream request was sent."""


class BadInput(RequestError):
    """An argument is out of range or contradicts another one."""

    code = "BAD_USER_INPUT"


class BadCursor(RequestError):
    """The cursor does not belong to this list."""

    code = "BAD_CURSOR"


class BadId(RequestError):
    """The text is not an id of this gateway."""

    code = "BAD_ID"


class OverLimit(RequestError):
    """The request exceeds a limit. `found` is None if counting stopped at the limit."""

    def __init__(self, message: str, *, reason: str, limit: int, found: int | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.limit = limit
        self.found = found

    @property
    def extensions(self) -> dict[str, Any]:
        """Return the code, the limit and the requested number."""
        return {"code": self.reason, "limit": self.limit} | ({} if self.found is None else {"requested": self.found})


class NoIntrospection(RequestError):
    """Introspection is disabled for this caller."""

    code = "INTROSPECTION_DISABLED"


class Overloaded(RequestError):
    """Too many operations run at once."""

    code = "OVERLOADED"
    retry_after: ClassVar[int] = 1

    @property
    def extensions(self) -> dict[str, Any]:
        """Return the code and the seconds to wait."""
        return {"code": self.code, "retryable": True, "retryAfter": self.retry_after}


class UnknownProvider(RequestError):
    """No configured provider has this name."""

    code = "UNKNOWN_PROVIDER"


class NobodyCan(RequestError):
    """No queried provider supports the request."""

    code = "UNSUPPORTED"


class Unauthenticated(RequestError):
    """The credentials are missing or invalid."""

    code = "UNAUTHENTICATED"


class NotAllowed(RequestError):
    """The caller lacks a permission: `scope`, if it is one that can be granted."""

    code = "FORBIDDEN"

    def __init__(self, message: str, scope: str = "") -> None:
        super().__init__(message)
        self.scope = scope

    @property
    def extensions(self) -> dict[str, Any]:
        """Return the code, and the scope that is missing."""
        return {"code": self.code, "scope": self.scope} if self.scope else {"code": self.code}


class SlowConsumer(Refusal):
    """The client takes events more slowly than they arrive. `cursor` is the position to resume from."""

    code = "SLOW_CONSUMER"

    def __init__(self, cursor: str | None) -> None:
        super().__init__("events arrive faster than you take them: subscribe again with `after` set to your last cursor")
        self.cursor = cursor

    @property
    def extensions(self) -> dict[str, Any]:
        """Return the code, and the cursor to resume from."""
        return {"code": self.code, "retryable": True, "cursor": self.cursor}


class Unverifiable(Refusal):
    """A token cannot be verified now."""

    code = "UNAVAILABLE"


class UpstreamError(Refusal):
    """An upstream, or the way to it, failed. The upstream client sets `provider`."""

    problem: ClassVar[ProblemCode] = ProblemCode.UNAVAILABLE
    fault: ClassVar[FaultOwner] = FaultOwner.STATE
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, provider: str = "", retry_after: int | None = None, cause: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.provider = provider
        self.retry_after = retry_after
        self.cause = cause  # one word: a ConnectionCause, or the type of an unexpected exception

    @property
    def extensions(self) -> dict[str, Any]:
        """Return the code, the provider, and whether and when to retry."""
        wait = {} if self.retry_after is None else {"retryAfter": self.retry_after}
        return {"code": self.problem.value, "provider": self.provider, "retryable": self.retryable, **wait}

    def as_problem(self) -> Problem:
        """Return this error as an entry of a connection's `problems`."""
        return Problem(
            provider=self.provider, code=self.problem, message=self.message, retryable=self.retryable, retry_after=self.retry_after
        )


class Unauthorized(UpstreamError):
    """The upstream refused the configured credentials."""

    problem = ProblemCode.UNAUTHORIZED
    fault = FaultOwner.CREDENTIALS


class Expired(Unauthorized):
    """The credentials have expired. The upstream client renews them once and retries."""


class Forbidden(UpstreamError):
    """The credentials are valid but lack the permission."""

    problem = ProblemCode.FORBIDDEN
    fault = FaultOwner.CREDENTIALS


class NotFound(UpstreamError):
    """The upstream has no such record."""

    problem = ProblemCode.NOT_FOUND
    fault = FaultOwner.INPUT


class RejectedInput(UpstreamError):
    """The upstream refused a value of the request, such as a filter's."""

    problem = ProblemCode.BAD_INPUT
    fault = FaultOwner.INPUT


class RateLimited(UpstreamError):
    """The upstream received too many requests."""

    problem = ProblemCode.RATE_LIMITED
    retryable = True


class TimedOut(UpstreamError):
    """The upstream did not respond in time."""

    problem = ProblemCode.TIMEOUT
    retryable = True


class Unavailable(UpstreamError):
    """The upstream is down, unreachable, or failed."""

    problem = ProblemCode.UNAVAILABLE
    retryable = True


class BadAnswer(UpstreamError):
    """The answer is not in the documented format: cut off, or a page of something before the upstream."""

    problem = ProblemCode.BAD_ANSWER
    retryable = True


class BadData(BadAnswer):
    """The answer can be read, but contradicts itself, the request or a bound."""

    fault = FaultOwner.DATA
    retryable = False


class TooLarge(BadData):
    """The answer is longer, or has more rows, than the gateway reads."""


class Unforeseen(BadData):
    """The plugin raised an unexpected exception. `cause` is its type; its message stays out, since it may hold personal data."""


class Malformed(UpstreamError):
    """One record of a response cannot be read."""

    problem = ProblemCode.MALFORMED_RECORD
    fault = FaultOwner.DATA


class MalformedField(Malformed):
    """One field of a record cannot be read."""

    problem = ProblemCode.MALFORMED_FIELD


class Unsupported(UpstreamError):
    """The provider does not support the request."""

    problem = ProblemCode.UNSUPPORTED
    fault = FaultOwner.INPUT


class ScanLimit(UpstreamError):
    """The search stopped at its limit of upstream requests or time."""

    problem = ProblemCode.SCAN_LIMIT
    fault = FaultOwner.INPUT
    retryable = True
