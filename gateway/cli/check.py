"""`telegraphql check`: check that each provider can be reached with its credentials."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from telegraphql.gateway.errors import UpstreamError
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.plugin.provider import Settings
from telegraphql.gateway.runtime import Runtime
from telegraphql.schema.enums import ProblemCode

if TYPE_CHECKING:
    from telegraphql.gateway.cluster.redis import RedisClient

ADVICE = {
    ProblemCode.UNAUTHORIZED: "check this provider's credentials in the configuration",
    ProblemCode.FORBIDDEN: "give the configured account the role it needs at the provider",
    ProblemCode.TIMEOUT: "check base_url and any firewall in between",
    ProblemCode.UNAVAILABLE: "check base_url and whether the provider is up",
    ProblemCode.BAD_ANSWER: "check that base_url is the URL of this provider's API",
    ProblemCode.RATE_LIMITED: "wait a while and check again",
}
LOCAL_ADVICE = {
    ProblemCode.FORBIDDEN: "let the gateway's user read the paths in this provider's configuration",
    ProblemCode.TIMEOUT: "check whether the disk or the network folder hangs",
    ProblemCode.UNAVAILABLE: "",  # the message of the operating system says enough
    ProblemCode.BAD_ANSWER: "check that the paths name files of this provider",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check. `code` is empty if all is well; `warnings` are what works less well than it could."""

    provider: str
    plugin: str
    code: str = ""
    advice: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def is_ok(self) -> bool:
        """Return True if no problem was found."""
        return not self.code


async def check_providers(runtime: Runtime) -> list[Finding]:
    """Check all providers, and Redis if it is configured, concurrently. Return the findings by name, and close the runtime."""
    try:
        findings = await asyncio.gather(*(_check_provider(each) for each in runtime.providers.values()), *_redis_checks(runtime))
    finally:
        await runtime.aclose()
    broken = [Finding(name, "", "BROKEN", reason) for name, reason in runtime.broken.items()]
    return sorted([*findings, *broken], key=lambda finding: finding.provider)


def _redis_checks(runtime: Runtime) -> list[Coroutine[Any, Any, Finding]]:
    return [] if runtime.shared_state is None else [_check_redis(runtime.shared_state.redis)]


async def _check_redis(redis: "RedisClient") -> Finding:
    problem = await redis.check()
    name, plugin = "(redis)", "redis"  # no provider's name has brackets
    if problem is None:
        return Finding(name, plugin)
    return Finding(name, plugin, "UNAVAILABLE", f"it {problem}; check cluster.redis_url and the server")


async def _check_provider(bound: BoundProvider) -> Finding:
    plugin = type(bound.provider).plugin
    try:
        await bound.provider.check()
        await bound.provider.diagnose()
    except UpstreamError as error:
        advice_by_code = ADVICE if isinstance(bound.provider.settings, Settings) else {**ADVICE, **LOCAL_ADVICE}
        advice = "; ".join(filter(None, (error.message, advice_by_code.get(error.problem, "see the message"))))
        return Finding(bound.name, plugin, error.problem.name, advice)
    return Finding(bound.name, plugin, warnings=bound.provider.upstream.health.warnings)
