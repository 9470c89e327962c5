"""Whatever comes late, fails, is slow or breaks off: every call that ended is told, and within one connection only once."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from telegraphql.gateway.errors import Unavailable
from tests.gateway.subscriptions.subscribers import Client, eventually, following
from tests.support.examples import examples
from tests.support.memory_provider import Memory, Small, Store, Unpaged, serving
from tests.support.records import at, call
from tests.support.virtual_time import leaping

STYLES = (Memory, Unpaged, Small)
BEGIN, END = 3000.0, 6000.0
LONGEST, LATEST = 1200, 90
SETTINGS: dict[str, Any] = {
    "poll_interval": "20s",
    "window": timedelta(seconds=60),
    "lookback": timedelta(seconds=LONGEST),
    "allowed_lateness": timedelta(seconds=LATEST),
    "max_backoff": "100s",
}


@dataclass(frozen=True)
class Happening:
    """A call: whose, when it ended, how long it had lasted, how late it appeared, and whether it was shown while it went on."""

    provider: str
    end: float
    lasted: int
    late: int
    shown_early: bool


@dataclass(frozen=True)
class Plan:
    """A story: what happens, when which provider fails, and how the client behaves."""

    styles: tuple[type[Memory], ...]
    happenings: list[Happening]
    failures: list[tuple[str, float, int]]
    connections: list[tuple[int, int]]
    rest: int
    queue: int
    page_size: int
    latency: float


def plan(seed: int) -> Plan:
    """A plan by chance: chances that Hypothesis weighs by itself leave most of the time empty."""
    chance = Random(seed)

    def happening() -> Happening:
        lasted = chance.choice([chance.randint(0, 60), chance.randint(0, LONGEST)])
        late = chance.choice([0, LATEST, chance.randint(0, LATEST)])
        return Happening(chance.choice("ab"), chance.randint(2000, int(END)) + 0.5, lasted, late, chance.random() < 0.3)

    return Plan(
        styles=(chance.choice(STYLES), chance.choice(STYLES)),
        happenings=[happening() for _ in range(chance.choice([5, 40, 150]))],
        failures=[(chance.choice("ab"), chance.uniform(2900, END), chance.randint(1, 800)) for _ in range(chance.randint(0, 4))],
        connections=[(chance.randint(1, 5), chance.choice([0, 30, 900])) for _ in range(chance.randint(0, 12))],
        rest=chance.choice([0, 0, 1, 45]),
        queue=chance.choice([2, 1000, 1000]),
        page_size=chance.randint(1, 100),
        latency=chance.choice([0.0, 0.1, 4.0]),
    )


plans = st.integers(0, 2**32).map(plan)


@dataclass
class Stage:
    """What a plan becomes."""

    plan: Plan
    stores: dict[str, Store] = field(default_factory=lambda: {"a": Store(), "b": Store()})

    @property
    def wanted(self) -> set[str]:
        """The calls that ended since the client began."""
        return {f"{one.provider}{number}" for number, one in enumerate(self.plan.happenings) if one.end >= BEGIN}

    async def happen(self, number: int, one: Happening) -> None:
        """One call, from its start to its appearing."""
        calls, start = self.stores[one.provider].calls, one.end - one.lasted
        if one.shown_early:
            await until(start)
            calls.append(call(number, start, one.provider))
        await until(one.end + one.late)
        calls[:] = [each for each in calls if each.native_id != str(number)]
        calls.append(call(number, start, one.provider, ended_at=at(one.end), duration_seconds=one.lasted))

    async def fail(self, provider: str, begin: float, seconds: int) -> None:
        """One provider's bad time."""
        await until(begin)
        self.stores[provider].failure = Unavailable("is down")
        await asyncio.sleep(seconds)
        self.stores[provider].failure = None

    async def play(self) -> Client:
        """All of it, long enough for everything to have been told."""
        plan = self.plan
        size: dict[str, Any] = {"page_size": plan.page_size}
        for store in self.stores.values():
            store.latency = plan.latency
        servings = [serving(name, style, self.stores[name], **size) for name, style in zip("ab", plan.styles, strict=True)]
        client = Client(following(servings, **SETTINGS, max_queue=plan.queue))
        others: list[Coroutine[Any, Any, None]] = [self.happen(number, one) for number, one in enumerate(plan.happenings)]
        tasks = [asyncio.create_task(each) for each in (*others, *(self.fail(*each) for each in plan.failures))]
        await until(BEGIN)
        client.variables["since"] = None
        listener = asyncio.create_task(self.listen(client))
        await until(END)
        await eventually(lambda: self.wanted <= {name for part in client.told for name in part}, 200, 20_000)
        await asyncio.sleep(400)
        listener.cancel()
        await asyncio.gather(*tasks, listener, return_exceptions=True)
        assert client.whole.pollers == {}
        return client

    async def listen(self, client: Client) -> None:
        """Connect again and again, with the last cursor, or while there is none since the beginning; at last stay."""
        for most, gap in self.plan.connections:
            await client.listen(most, self.plan.rest)
            if client.cursor is None:
                client.variables["since"] = at(BEGIN).isoformat()
            await asyncio.sleep(gap)
        while True:
            await client.listen(rest=self.plan.rest)


async def until(moment: float) -> None:
    """Wait for a moment of the loop's clock."""
    await asyncio.sleep(max(0.0, moment - asyncio.get_running_loop().time()))


@settings(max_examples=examples(50))
@given(plans)
def test_every_call_that_ended_since_is_told_and_within_a_connection_once(plan: Plan) -> None:
    stage = Stage(plan)
    client = leaping(stage.play())
    told = {name for part in client.told for name in part}
    assert stage.wanted <= told
    assert all(len(part) == len(set(part)) for part in client.told)
    event(f"connections: {min(len(client.told), 8)}")


@settings(max_examples=examples(25))
@given(plans)
def test_what_was_there_before_is_not_told_to_those_who_do_not_resume(plan: Plan) -> None:
    plan = Plan(plan.styles, plan.happenings, [], [], 0, 1000, plan.page_size, 0.0)
    client = leaping(Stage(plan).play())
    known = {f"{one.provider}{number}" for number, one in enumerate(plan.happenings) if one.end + one.late < BEGIN + 1}
    assert [sorted(part) for part in client.told] == [
        sorted({f"{one.provider}{number}" for number, one in enumerate(plan.happenings)} - known)
    ]
