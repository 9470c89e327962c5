"""Checking: whether each configured provider can be reached with its credentials, and what to do where not."""

import asyncio
from dataclasses import dataclass

from gateway.engine import Engine
from gateway.errors import UpstreamError
from gateway.serving import Serving
from schema.enums import ProblemCode

ADVICE = {
    ProblemCode.UNAUTHORIZED: "check this provider's credentials in the configuration",
    ProblemCode.FORBIDDEN: "give the configured account the role it needs at the provider",
    ProblemCode.TIMEOUT: "check base_url and whether a firewall is in between",
    ProblemCode.UNAVAILABLE: "check base_url, and whether the provider is up",
    ProblemCode.BAD_ANSWER: "check that base_url leads to this provider's API",
    ProblemCode.RATE_LIMITED: "wait a while and check again",
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


async def check(engine: Engine) -> list[Finding]:
    """All providers at once, by name; closes the engine."""
    try:
        found = await asyncio.gather(*(_one(serving) for serving in engine.serving.values()))
    finally:
        await engine.aclose()
    broken = [Finding(name, "", "BROKEN", reason) for name, reason in engine.broken.items()]
    return sorted([*found, *broken], key=lambda finding: finding.provider)


async def _one(serving: Serving) -> Finding:
    plugin = type(serving.provider).plugin
    try:
        await serving.provider.check()
    except UpstreamError as error:
        advice = f"{error.message}; {ADVICE.get(error.problem, 'see the message')}"
        return Finding(serving.name, plugin, error.problem.name, advice)
    return Finding(serving.name, plugin)
