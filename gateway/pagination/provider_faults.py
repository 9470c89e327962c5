"""Provider faults: whatever is raised over one provider's answer becomes that provider's problem, never the whole operation's."""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path

from telegraphql.gateway.errors import RequestError, Unforeseen, UpstreamError
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.paging import Problem

log = logging.getLogger("telegraphql")
NOT_FORESEEN = "sent something that was not foreseen; it has been logged"


def fault_of(error: Exception, provider: str) -> UpstreamError:
    """Return the error that names the provider. An unexpected one is logged: its type and place, and nothing of what it says."""
    if isinstance(error, UpstreamError):
        error.provider = error.provider or provider
        return error
    kind, frames = type(error).__name__, traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown place"
    log.error("the plugin of %s failed with %s at %s", provider, kind, place)
    return Unforeseen(NOT_FORESEEN, provider=provider, cause=kind)


@contextmanager
def provider_faults(provider: str) -> Iterator[None]:
    """Raise what is raised inside as an error of the provider; a client's own error stays as it is."""
    try:
        yield
    except RequestError:
        raise
    except UpstreamError as error:
        error.provider = error.provider or provider
        raise
    except Exception as error:
        raise fault_of(error, provider) from None


def problem_of(error: UpstreamError) -> Problem:
    """Return an error as a problem, even if it cannot say what it is about."""
    try:
        return error.as_problem()
    except Exception as broken:
        return fault_of(broken, error.provider).as_problem()


def stale_problem(provider: str, reason: str, seconds: float, retry_after: int | None = None) -> Problem:
    """Return the problem of records that come from an earlier answer, so many seconds old."""
    age = ceil(seconds)
    return Problem(
        provider=provider,
        code=ProblemCode.STALE,
        message=f"{reason}; what is shown of it is {age} seconds old",
        retryable=True,
        retry_after=retry_after,
        age_seconds=age,
    )
