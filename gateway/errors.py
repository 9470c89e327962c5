"""Errors: everything that can go wrong, each with a code that programs act on.

    Refusal                      what a client is told; has .code and .extensions
    ├── RequestError             the client's fault: nothing was asked upstream
    │   ├── BadInput             BAD_USER_INPUT   an argument is out of range or contradicts another
    │   ├── BadCursor            BAD_CURSOR       a cursor of another list, filter or order, or no cursor at all
    │   ├── BadId                BAD_ID           not an id of this gateway
    │   ├── UnknownProvider      UNKNOWN_PROVIDER no configured provider has this name
    │   └── NobodyCan            UNSUPPORTED      no provider that was asked can do it
    └── UpstreamError            an upstream's fault or state; carries provider, retryable, retry_after
        ├── Unauthorized         UNAUTHORIZED     the credentials are refused
        │   └── Expired                           they were good once: renew, then ask again
        ├── Forbidden            FORBIDDEN        good credentials, but not for this
        ├── NotFound             NOT_FOUND        no such record upstream
        ├── RateLimited          RATE_LIMITED     too many requests; wait retry_after seconds
        ├── TimedOut             TIMEOUT          no answer in time
        ├── Unavailable          UNAVAILABLE      down, unreachable, or 5xx
        ├── BadAnswer            BAD_ANSWER       not the documented format
        │   ├── TooLarge                          longer than we are willing to read
        │   └── Unforeseen                        the plugin stumbled over it
        ├── Malformed            MALFORMED_RECORD one record of an answer cannot be read
        ├── Unsupported          UNSUPPORTED      this provider cannot do it
        └── ScanLimit            SCAN_LIMIT       stopped at the limit of upstream requests
    SettingsError                wrong configuration; not a Refusal, so that nothing swallows it

Messages name the provider's part in plain words. They never hold a URL, a query, a body or a secret.
"""

from typing import Any, ClassVar

from schema.enums import ProblemCode
from schema.paging import Problem


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


class UnknownProvider(RequestError):
    """A name that no configured provider has."""

    code = "UNKNOWN_PROVIDER"


class NobodyCan(RequestError):
    """None of the providers that were asked can do it."""

    code = "UNSUPPORTED"


class UpstreamError(Refusal):
    """Something went wrong at or on the way to an upstream; `provider` is set where the error leaves the upstream client."""

    problem: ClassVar[ProblemCode] = ProblemCode.UNAVAILABLE
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


class Expired(Unauthorized):
    """The credentials have run out; the upstream client renews them once and asks again."""


class Forbidden(UpstreamError):
    """The credentials are good, but not for this."""

    problem = ProblemCode.FORBIDDEN


class NotFound(UpstreamError):
    """The upstream has no such record."""

    problem = ProblemCode.NOT_FOUND


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
    """Not the documented format."""

    problem = ProblemCode.BAD_ANSWER
    retryable = True


class TooLarge(BadAnswer):
    """Longer than we are willing to read at once."""


class Unforeseen(BadAnswer):
    """The plugin stumbled over it; `stumble` is the type of its exception, whose words are not told."""

    def __init__(self, message: str, *, provider: str = "", retry_after: int | None = None, stumble: str = "") -> None:
        super().__init__(message, provider=provider, retry_after=retry_after)
        self.stumble = stumble


class Malformed(UpstreamError):
    """One record of an answer cannot be read."""

    problem = ProblemCode.MALFORMED_RECORD


class Unsupported(UpstreamError):
    """This provider cannot do it."""

    problem = ProblemCode.UNSUPPORTED


class ScanLimit(UpstreamError):
    """The search stopped at its limit."""

    problem = ProblemCode.SCAN_LIMIT
    retryable = True
