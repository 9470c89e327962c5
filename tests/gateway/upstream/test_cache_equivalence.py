"""The cache is never seen: whatever is asked, commanded and waited for, the answers are those without it."""

import asyncio
from dataclasses import dataclass, field

import httpx
import msgspec
from hypothesis import given
from hypothesis import strategies as some

from telegraphql.gateway.errors import UpstreamError
from telegraphql.gateway.upstream.client import Request, Upstream
from telegraphql.gateway.upstream.request_budget import changing
from tests.support.cached_upstream import LONG_AGO, Account, Rig

PATHS = ("/one", "/two")
NAMES = ("acme", "other")
Step = tuple[str, str, str, bool]
STEPS = some.lists(
    some.tuples(
        some.sampled_from(("read", "read", "read", "write", "fail", "race", "wait", "long wait")),
        some.sampled_from(NAMES),
        some.sampled_from(PATHS),
        some.booleans(),
    ),
    max_size=25,
)


@dataclass
class Numbers:
    """An upstream that nobody changes but by commands: each adds one, and may fail when it has done so."""

    found: dict[tuple[str, str], int] = field(default_factory=dict)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        place, changes = (request.headers["key"], request.url.path), request.method == "POST"
        # A read that has found something may arrive long after a command that came later and changed it.
        await turns(15 if changes else 0)
        if changes:
            self.found[place] = self.found.get(place, 0) + 1
        told = msgspec.json.encode({"of": place, "number": self.found.get(place, 0)})
        await turns(0 if changes else 40)
        return httpx.Response(503 if "fail" in request.url.params else 200, content=told)


async def turns(number: int) -> None:
    """Let the others go on."""
    for _ in range(number):
        await asyncio.sleep(0)


def without(numbers: Numbers, name: str) -> Upstream:
    """An account that keeps nothing."""
    made = Upstream(httpx.AsyncClient(transport=httpx.MockTransport(numbers), trust_env=False), "https://upstream.example")
    made.provider = Account(name, name)
    return made


async def write(upstream: Upstream, path: str, **params: str) -> None:
    """A command."""
    with changing():
        try:
            await upstream.ask(Request(operation="Add", method="POST", path=path, params=params))
        except UpstreamError:
            assert params


async def walked(steps: list[Step]) -> None:
    rig, numbers = Rig(), Numbers()
    rig.server.answering = Numbers()
    kept = {name: rig.account(name, name) for name in NAMES}
    bare = {name: without(numbers, name) for name in NAMES}
    for deed, name, path, is_past in steps:
        until = LONG_AGO if is_past else None
        if deed == "read":
            assert await rig.read(kept[name], path, until) == await rig.read(bare[name], path, until)
        elif deed.endswith("wait"):
            rig.clock.now += 9 if deed == "wait" else 120
        for upstream in (kept[name], bare[name]):
            if deed in ("write", "fail"):
                await write(upstream, path, **({"fail": "1"} if deed == "fail" else {}))
            elif deed == "race":
                await asyncio.gather(rig.read(upstream, path, until), write(upstream, path), rig.read(upstream, path))
    for upstream in kept.values():
        await upstream.aclose()


@given(STEPS)
def test_any_sequence_of_reads_commands_and_waits_is_answered_as_without_it(steps: list[Step]) -> None:
    asyncio.run(walked(steps))
