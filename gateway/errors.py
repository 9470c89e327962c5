"""Errors: everything that can go wrong, each with a code that programs act on.

    Refusal                      what a client is told; has .code and .extensions
    ├── RequestError             the client's fault: nothing was asked upstream
    │   ├── BadInput             BAD_USER_INPUT   an argument is out of range or contradicts another
    │   ├── BadCursor            BAD_CURSOR       a cursor of another list, filter or order, or no cursor at all
    │   ├── BadId                BAD_ID           not an id of this gateway
    │   ├── OverLimit                             larger than a limit allows: TOO_MANY_TOKENS, TOO_DEEP, TOO_MANY_FIELDS,
    │   │                                         TOO_MANY_REPEATS, TOO_MANY_ALIASES, TOO_MANY_DIRECTIVES,
    │   │                                         TOO_MANY_ROOT_FIELDS, TOO_EXPENSIVE;
    │   │                                         PAYLOAD_TOO_LARGE where the body or message is (HTTP 413, WebSocket 1009)
    │   ├── NoIntrospection      INTROSPECTION_DISABLED the schema is not told here
    │   ├── Overloaded           OVERLOADED       too many operations at once; retryable (HTTP 503)
    │   ├── UnknownProvider      UNKNOWN_PROVIDER no configured provider has this name
    │   ├── NobodyCan            UNSUPPORTED      no provider that was asked can do it
    │   ├── Unauthenticated      UNAUTHENTICATED  no credentials of a caller, or none that are good
    │   └── NotAllowed           FORBIDDEN        this caller may not do or see that
    ├── SlowConsumer             SLOW_CONSUMER    events came faster than the client took them; carries the cursor to resume from
    ├── Unverifiable             UNAVAILABLE      a token cannot be judged: its issuer's keys cannot be had
    └── UpstreamError            at or on the way to an upstream; carries provider, fault, retryable, retry_after
        │                        fault         meaning
        ├── Unauthorized         credentials   UNAUTHORIZED     the credentials are refused
        │   └── Expired          credentials                    they were good once: renew, then ask again
        ├── Forbidden            credentials   FORBIDDEN        good credentials, but not for this
        ├── NotFound             input         NOT_FOUND        no such record upstream
        ├── RejectedInput        input         BAD_INPUT        a value of the request is refused
        ├── Unsupported          input         UNSUPPORTED      this provider cannot do it
        ├── ScanLimit            input         SCAN_LIMIT       stopped at the limit of upstream requests or time
        ├── RateLimited          state         RATE_LIMITED     too many requests; wait retry_after seconds
        ├── TimedOut             state         TIMEOUT          no answer in time
        ├── Unavailable          state         UNAVAILABLE      down, unreachable, or 5xx
        ├── BadAnswer            state         BAD_ANSWER       not the documented format, as from a server that is half down
        │   └── BadData          data          BAD_ANSWER       readable, but impossible: asking again gives the same
        │       ├── TooLarge     data                           longer than the gateway reads
        │       └── Unforeseen   data                           the plugin failed on it
        └── Malformed            data          MALFORMED_RECORD one record of an answer cannot be read
    SettingsError                wrong configuration; not a Refusal, so that nothing swallows it

What is refused before anything is executed has its errors where it is found: asked, choosing and persisted
in gateway/graphql/validation/, codes, sockets and media in gateway/http/.

Messages name the provider's part in plain words. They never hold a URL, a query, a body or a secret.
"""

from enum import Enum
from typing import Any, ClassVar

from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.paging import Problem

# The code of an error that is a bug of the gateway or of a plugin.
ACCIDENT = "INTERNAL_SERVER_ERROR"


class SettingsError(Exception):
    """The configuration is wrong; the message says where and what to write instead."""


class Refusal(Exception):
    """An error that a client may read."""

    code: ClassVar[str] = "INTERNAL"

    @property
    def extensions(self) -> dict[str, Any]:
        """What graphql-core copies into the error."""
        return {"code": self.code}


class RequestError(Refusal):
    """The client asked for something that cannot be."""


class BadInput(RequestError):
    """An argument is out of range or contradicts another."""

    code = "BAD_USER_INPUT"


class BadCursor(RequestError):
    """A cursor that does not belong to this list."""

    code = "BAD_CURSOR"


class BadId(RequestError):
    """Text that is not an id of this gateway."""

    code = "BAD_ID"


class OverLimit(RequestError):
    """Larger than a limit allows; `found` is None where nobody counted to the end."""

    def __init__(self, message: str, *, reason: str, limit: int, found: int | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.limit = limit
        self.found = found

    @property
    def extensions(self) -> dict[str, Any]:
        """The code and both numbers."""
        known: dict[str, Any] = {"code": self.reason, "limit": self.limit}
        return known if self.found is None else known | {"requested": self.found}


class NoIntrospection(RequestError):
    """The schema is not told to this caller."""

    code = "INTROSPECTION_DISABLED"


class Overloaded(RequestError):
    """Too many operations at once."""

    code = "OVERLOADED"
    retry_after: ClassVar[int] = 1

    @property
    def extensions(self) -> dict[str, Any]:
        """The code, and when to try again."""
        return {"code": self.code, "retryable": True, "retryAfter": self.retry_after}


class UnknownProvider(RequestError):
    """A name that no configured provider has."""

    code = "UNKNOWN_PROVIDER"


class NobodyCan(RequestError):
    """None of the providers that were asked can do it."""

    code = "UNSUPPORTED"


class Unauthenticated(RequestError):
    """Nobody we know asks."""

    code = "UNAUTHENTICATED"


class NotAllowed(RequestError):
    """We know who asks, and they may not; `scope` is the one that is missing, if it is one."""

    code = "FORBIDDEN"

    def __init__(self, message: str, scope: str = "") -> None:
        super().__init__(message)
        self.scope = scope

    @property
    def extensions(self) -> dict[str, Any]:
        """The code, and the scope that would do."""
        return {"code": self.code, "scope": self.scope} if self.scope else {"code": self.code}


class SlowConsumer(Refusal):
    """A client takes its events more slowly than they come; `cursor` is where it can go on."""

    code = "SLOW_CONSUMER"

    def __init__(self, cursor: str | None) -> None:
        super().__init__("events come faster than you take them: subscribe again with `after` and go on from your last cursor")
        self.cursor = cursor

    @property
    def extensions(self) -> dict[str, Any]:
        """The code, and where to go on."""
        return {"code": self.code, "retryable": True, "cursor": self.cursor}


class Unverifiable(Refusal):
    """Whether a token is good cannot be known now."""

    code = "UNAVAILABLE"


class Fault(Enum):
    """Whose part a refusal is. Only with `STATE` may the same request succeed a moment later: it is retried and opens the breaker."""

    INPUT = "a value that the client asked for"
    CREDENTIALS = "the configured credentials"
    STATE = "the upstream's state"
    DATA = "the upstream's data"


class UpstreamError(Refusal):
    """Something went wrong at or on the way to an upstream. The upstream client sets `provider`."""

    problem: ClassVar[ProblemCode] = ProblemCode.UNAVAILABLE
    fault: ClassVar[Fault] = Fault.STATE
    # What the client is told: the same query may succeed later.
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, provider: str = "", retry_after: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.provider = provider
        self.retry_after = retry_after

    @property
    def extensions(self) -> dict[str, Any]:
        """The code, whose problem it is, and whether to try again."""
        known: dict[str, Any] = {"code": self.problem.value, "provider": self.provider, "retryable": self.retryable}
        return known if self.retry_after is None else known | {"retryAfter": self.retry_after}

    def as_problem(self) -> Problem:
        """The same as data, for a connection's problems."""
        return Problem(
            provider=self.provider, code=self.problem, message=self.message, retryable=self.retryable, retry_after=self.retry_after
        )


class Unauthorized(UpstreamError):
    """The upstream refused the credentials."""

    problem = ProblemCode.UNAUTHORIZED
    fault = Fault.CREDENTIALS


class Expired(Unauthorized):
    """The credentials have run out; the upstream client renews them once and asks again."""


class Forbidden(UpstreamError):
    """The credentials are good, but not for this."""

    problem = ProblemCode.FORBIDDEN
    fault = Fault.CREDENTIALS


class NotFound(UpstreamError):
    """The upstream has no such record."""

    problem = ProblemCode.NOT_FOUND
    fault = Fault.INPUT


class RejectedInput(UpstreamError):
    """The upstream refused a value of the request, such as a filter's."""

    problem = ProblemCode.BAD_INPUT
    fault = Fault.INPUT


class RateLimited(UpstreamError):
    """Too many requests."""

    problem = ProblemCode.RATE_LIMITED
    retryable = True


class TimedOut(UpstreamError):
    """No answer in time."""

    problem = ProblemCode.TIMEOUT
    retryable = True


class Unavailable(UpstreamError):
    """Down, unreachable, or it failed."""

    problem = ProblemCode.UNAVAILABLE
    retryable = True


class BadAnswer(UpstreamError):
    """The answer is not in the documented format: cut off, or a page of something before the upstream."""

    problem = ProblemCode.BAD_ANSWER
    retryable = True


class BadData(BadAnswer):
    """The answer can be read, but contradicts itself, the request or a bound."""

    fault = Fault.DATA
    retryable = False


class TooLarge(BadData):
    """The answer is longer, or has more rows, than the gateway reads."""


class Unforeseen(BadData):
    """The plugin failed on the answer; `stumble` is the type of its exception, whose text is not shown."""

    def __init__(self, message: str, *, provider: str = "", retry_after: int | None = None, stumble: str = "") -> None:
        super().__init__(message, provider=provider, retry_after=retry_after)
        self.stumble = stumble


class Malformed(UpstreamError):
    """One record of an answer cannot be read."""

    problem = ProblemCode.MALFORMED_RECORD
    fault = Fault.DATA


class Unsupported(UpstreamError):
    """This provider cannot do it."""

    problem = ProblemCode.UNSUPPORTED
    fault = Fault.INPUT


class ScanLimit(UpstreamError):
    """The search stopped at its limit."""

    problem = ProblemCode.SCAN_LIMIT
    fault = Fault.INPUT
    retryable = True


def drop_frames(error: BaseException | None) -> None:
    """Drop the frames of an exception and of its causes: they keep alive everything that the operation held."""
    while error is not None and error.__traceback__ is not None:
        error.__traceback__ = None
        drop_frames(error.__cause__)
        error = error.__context__
