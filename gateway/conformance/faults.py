"""Failing: whatever an upstream does wrong arrives as the right error of the closed set, and tells no tales."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Any

from telegraphql.gateway.conformance.harness import Harness
from telegraphql.gateway.conformance.promises import is_local, need, promise, whole_plugin
from telegraphql.gateway.conformance.walks import keys
from telegraphql.gateway.errors import BadAnswer, Forbidden, RateLimited, TimedOut, Unauthorized, Unavailable, UpstreamError
from telegraphql.gateway.plugin.provider import GetRequest, ListRequest, Provider

PATIENCE = 0.3
# What the sandbox's frame says when it misbehaves: the upstream's words, which are not ours to pass on.
BODIES = ("simulated failure", "Maintenance", "<html")


@dataclass(frozen=True, slots=True)
class Bad:
    """A way for an upstream to misbehave, and the error it stands for."""

    error: type[UpstreamError]
    fault: Mapping[str, Any] = field(default_factory=dict)
    advice: str = "leave it to the status, or name it in `refusal`"

    @property
    def patience(self) -> float | None:
        """How long to wait for an answer that will not come."""
        return PATIENCE if self.error is TimedOut else None


FAULTS = {
    "status-500": Bad(Unavailable, {"mode": "status", "status": 500}),
    "status-503": Bad(Unavailable, {"mode": "status", "status": 503}),
    "drop": Bad(Unavailable, {"mode": "drop"}, "let the transport's errors pass"),
    "timeout": Bad(TimedOut, {"mode": "timeout"}, "let the transport's errors pass"),
    "html": Bad(BadAnswer, {"mode": "html"}, "decode answers with Answer.decode"),
    "truncate": Bad(BadAnswer, {"mode": "truncate"}, "decode answers with Answer.decode"),
    "rate_limit": Bad(RateLimited, {"mode": "rate_limit"}, "name the upstream's words for it in `refusal`"),
    "unauthorized": Bad(Unauthorized, {"mode": "unauthorized"}, "name the upstream's words for it in `refusal`"),
}


RUN = "read with self.upstream.run, and let its errors pass"
LOCAL_FAULTS = {
    "missing": Bad(Unavailable, {"mode": "status"}, RUN),
    "unreadable": Bad(Forbidden, {"mode": "unauthorized"}, RUN),
    "broken": Bad(Unavailable, {"mode": "drop"}, RUN),
    "timeout": Bad(TimedOut, {"mode": "timeout"}, RUN),
}


def faults(plugin: type[Provider]) -> Mapping[str, Bad]:
    """Every way to misbehave: of an upstream over HTTP, or of the disk."""
    return LOCAL_FAULTS if is_local(plugin) else FAULTS


@promise(faults)
async def turns_faults_into_errors(harness: Harness, bad: Bad) -> None:
    """Listings and gets answer each fault with the right error: code, whether to try again, provider, and a message of our own."""
    harness.reconnect()
    wanted = await _some_keys(harness)
    await harness.provider.check()
    harness.fault(bad.fault, bad.patience)
    works = _works(harness, wanted)
    answers = await asyncio.gather(*works.values(), return_exceptions=True)
    for name, answer in zip(works, answers, strict=True):
        _judge(harness, bad, name, answer)


@promise(faults)
async def fails_its_check_rightly(harness: Harness, bad: Bad) -> None:
    """`check` of a provider that was never well tells the same, login included."""
    harness.reconnect()
    harness.fault(bad.fault, bad.patience)
    (answer,) = await asyncio.gather(harness.provider.check(), return_exceptions=True)
    _judge(harness, bad, "check", answer)


@promise(whole_plugin)
async def recovers(harness: Harness, plugin: type[Provider]) -> None:
    """After each fault the same provider works again as soon as the upstream does."""
    harness.reconnect()
    for name, bad in faults(plugin).items():
        # The gateway itself keeps a pause after a complaint of too many requests; a timeout takes its time.
        if bad.error in (RateLimited, TimedOut):
            continue
        harness.fault(bad.fault, bad.patience)
        await asyncio.gather(*_works(harness, {}).values(), return_exceptions=True)
        harness.heal()
        try:
            await harness.provider.check()
        except UpstreamError as error:
            advice = "keep no state of a failure; log in again where the credentials were refused"
            raise AssertionError(f"after {name} the provider still fails with {error.problem.name}: {advice}") from error


async def _some_keys(harness: Harness) -> dict[tuple[Any, str], list[str]]:
    return {(kind, by): list(await keys(harness, kind, by))[:1] for kind, by in harness.declared.getters}


def _works(harness: Harness, wanted: Mapping[tuple[Any, str], list[str]]) -> dict[str, Awaitable[Any]]:
    """Everything a plugin reads, not yet awaited."""
    found: dict[str, Awaitable[Any]] = {}
    since, until = harness.span
    for listing in harness.declared.listings.values():
        found[f"listing {listing.kind.__name__}"] = harness.serving.answer(listing.method, ListRequest(since=since, until=until, size=5))
    for key, texts in wanted.items():
        getting = harness.declared.getters[key]
        if texts:
            ask = GetRequest(keys=texts, since=since, until=until)
            found[f"getting {getting.kind.__name__} by {getting.by}"] = harness.serving.answer(getting.method, ask)
    return found


def _judge(harness: Harness, bad: Bad, name: str, answer: Any) -> None:
    fault = " ".join(str(each) for each in bad.fault.values())
    wanted = f"under the fault `{fault}` {name} must fail with {bad.error.__name__}"
    need(isinstance(answer, BaseException), f"{wanted}, but it succeeds: catch nothing, and read the answer")
    code = answer.problem.name if isinstance(answer, UpstreamError) else type(answer).__name__
    need(isinstance(answer, bad.error) and code == bad.error.problem.name, f"{wanted}, not {code} ({answer}): {bad.advice}")
    need(answer.retryable is bad.error.retryable, f"{wanted} and retryable {bad.error.retryable}: do not change it")
    foreign = answer.provider not in ("", harness.provider.name)
    need(not foreign, f"{wanted} of this provider, not {answer.provider!r}: leave `provider` to the gateway")
    text = f"{answer} {answer.message} {answer!r}"
    telling = [each for each in ("://", "?", harness.sandbox.base_url, str(harness.simulation.folder), *BODIES) if each and each in text]
    need(answer.message and not telling, f"the message of {name}, {answer.message!r}, holds {telling}: say in your own words what to do")
    need(harness.hides(text), f"the message of {name} under `{fault}` holds a secret: say in your own words what to do")
