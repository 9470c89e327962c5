"""Checking: whether each configured provider can be reached with its credentials, and what to do where not."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from telegraphql.gateway.errors import UpstreamError
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.plugin.provider import Settings
from telegraphql.gateway.runtime import Runtime
from telegraphql.schema.enums import ProblemCode

ADVICE = {
    ProblemCode.UNAUTHORIZED: "check this provider's credentials in the configuration",
    ProblemCode.FORBIDDEN: "give the configured account the role it needs at the provider",
    ProblemCode.TIMEOUT: "check base_url and whether a firewall is in between",
    ProblemCode.UNAVAILABLE: "check base_url, and whether the provider is up",
    ProblemCode.BAD_ANSWER: "check that base_url leads to this provider's API",
    ProblemCode.RATE_LIMITED: "wait a while and check again",
}
LOCAL_ADVICE = {
    ProblemCode.FORBIDDEN: "let the gateway's user read the paths in this provider's configuration",
    ProblemCode.TIMEOUT: "check whether the disk or the network folder hangs",
    ProblemCode.UNAVAILABLE: "",  # what the operating system said is told with what to do
    ProblemCode.BAD_ANSWER: "check that the paths lead to files of this provider",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found of one provider."""

    provider: str
    plugin: str
    code: str = ""
    advice: str = ""

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.code


async def check_providers(engine: Runtime) -> list[Finding]:
    """All providers at once, by name; closes the engine."""
    try:
        found = await asyncio.gather(*(_one(serving) for serving in engine.providers.values()), *_shared(engine))
    finally:
        await engine.aclose()
    broken = [Finding(name, "", "BROKEN", reason) for name, reason in engine.broken.items()]
    return sorted([*found, *broken], key=lambda finding: finding.provider)


def _shared(engine: Runtime) -> list[Coroutine[Any, Any, Finding]]:
    shared_state = engine.shared_state
    return [] if shared_state is None else [_reached(shared_state.redis.looked)]


async def _reached(looked: Callable[[], Awaitable[str | None]]) -> Finding:
    why = await looked()
    name, plugin = "(shared store)", "redis"  # no provider's name has brackets
    return Finding(name, plugin, "UNAVAILABLE", f"it {why}; check cluster.redis_url and the server") if why else Finding(name, plugin)


async def _one(serving: BoundProvider) -> Finding:
    plugin = type(serving.provider).plugin
    try:
        await serving.provider.check()
    except UpstreamError as error:
        known = ADVICE if isinstance(serving.provider.settings, Settings) else {**ADVICE, **LOCAL_ADVICE}
        advice = "; ".join(filter(None, (error.message, known.get(error.problem, "see the message"))))
        return Finding(serving.name, plugin, error.problem.name, advice)
    return Finding(serving.name, plugin)
