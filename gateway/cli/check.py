"""`telegraphql check`: try what each provider needs and declares, and say what to change."""

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from telegraphql.gateway.cli.check_report import CheckResult, ProviderChecks, Result
from telegraphql.gateway.cli.provider_check import ProviderCheck
from telegraphql.gateway.runtime import Runtime
from telegraphql.gateway.upstream.request_budget import RequestBudget

if TYPE_CHECKING:
    from telegraphql.gateway.cluster.redis import RedisClient


async def check_providers(runtime: Runtime) -> list[ProviderChecks]:
    """Check all providers, and Redis if it is configured, concurrently. Return the reports by name, and close the runtime."""
    limits = runtime.settings.limits
    budget = RequestBudget.lasting(limits.deadline, limits.upstream_requests, fresh=True)
    try:
        checks = [ProviderCheck(each, budget).run() for each in runtime.providers.values()]
        reports = await asyncio.gather(*checks, *_redis_checks(runtime))
    finally:
        await runtime.aclose()
    broken = [_failed(name, "", "plugin", "BROKEN", reason) for name, reason in runtime.broken.items()]
    return sorted([*reports, *broken], key=lambda report: report.provider)


def _redis_checks(runtime: Runtime) -> list[Coroutine[Any, Any, ProviderChecks]]:
    return [] if runtime.shared_state is None else [_check_redis(runtime.shared_state.redis)]


async def _check_redis(redis: "RedisClient") -> ProviderChecks:
    problem = await redis.check()
    name, plugin = "(redis)", "redis"  # no provider's name has brackets
    if problem is None:
        return ProviderChecks(name, plugin, [CheckResult("connection", Result.OK)])
    return _failed(name, plugin, "connection", "UNAVAILABLE", f"it {problem}; check cluster.redis_url and the server")


def _failed(name: str, plugin: str, check: str, code: str, message: str) -> ProviderChecks:
    return ProviderChecks(name, plugin, [CheckResult(check, Result.FAILED, code=code, message=message)])
