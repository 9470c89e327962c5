"""What calls cost and which queue they went through, asked for no more than needed."""

from decimal import Decimal

from telegraphql.gateway.errors import Forbidden, Unavailable
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.plugin.provider import GetRequest, Keyset, ListRequest, Page, Push, gets, lists
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.schema.call import Call
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.queue import Queue
from telegraphql.schema.statistics import CallStatisticsDimension as By
from telegraphql.schema.values import Money
from tests.support.call_statistics import count
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import call, queue


class Priced(Memory):
    """Tells what a call cost call by call, and knows queues by their number."""

    plugin = "priced"

    @lists(Call, pages=Keyset(most=100), filters={"startedAt": Push.EXACT}, detail=("cost",))
    async def calls(self, ask: ListRequest) -> Page:
        """Calls without their cost."""
        return await self._slice(
            [call(each.native_id, 0, self.name, started_at=each.started_at, refs=each.refs) for each in self.store.calls], ask
        )

    @gets(Call)
    async def calls_by_id(self, wanted: GetRequest) -> Page:
        """A call with its cost."""
        await self.store.answer(wanted)
        (name,) = wanted.keys
        if name in self.store.failing:
            raise self.store.failing[name]
        return Page(records=[each for each in self.store.calls if each.native_id == name], read=1)

    @gets(Queue, at_most=10)
    async def queue(self, wanted: GetRequest) -> Page:
        """Queues by their number or id."""
        await self.store.answer(wanted)
        known = [queue("q1", "Sales", self.name, refs={"id": "number:1"}), queue("q2", "Care", self.name, refs={"id": "number:2"})]
        records = [each for each in known if {each.native_id, each.refs["id"]} & set(wanted.keys)]
        return Page(records=records, read=len(records))


def priced(number: int = 6) -> tuple[BoundProvider, Store]:
    queues = ["number:1", "number:2", "nobody", None, "q1", "number:2"]
    calls = [
        call(each, each, cost=Money(amount=Decimal("0.1"), currency="CHF" if each % 2 else None), refs={"queue": queues[each % 6]})
        for each in range(number)
    ]
    store = Store(calls)
    return serving("a", Priced, store), store


COSTED = Selection.of("groups.figures.calls", "total.cost", "total.costKnown")


async def test_costs_are_asked_for_call_by_call_only_where_they_are_selected() -> None:
    served, store = priced()
    assert ((await count([served])).total.cost, store.wanted) == ([], [])
    found = await count([served], select=COSTED)
    assert [(each.currency, each.amount) for each in found.total.cost] == [("CHF", Decimal("0.3")), (None, Decimal("0.3"))]
    assert (found.total.cost_known, len(store.wanted)) == (6, 6)


async def test_a_cost_that_cannot_be_had_ends_the_count_before_its_call() -> None:
    served, store = priced(8)
    store.failing["5"] = Forbidden("may not be seen")
    found = await count([served], select=COSTED)
    assert (found.total.calls, found.is_complete, [each.code for each in found.problems]) == (2, False, [ProblemCode.FORBIDDEN])
    store.failing.clear()
    rest = await count([served], select=COSTED, after=found.end_cursor)
    assert (rest.total.calls, rest.total.cost_known) == (6, 6)


async def test_calls_are_grouped_by_the_queue_their_keys_lead_to() -> None:
    served, store = priced(12)
    found = await count([served], [By.QUEUE], select=Selection.of("groups.queue.name", "groups.figures.calls"))
    assert [(group.queue and group.queue.name, group.figures.calls) for group in found.groups] == [("Care", 4), ("Sales", 4), (None, 4)]
    assert len(store.wanted) == 1


async def test_queues_that_do_not_answer_are_a_problem() -> None:
    served, store = priced(12)

    class Deaf(Priced):
        @gets(Queue, at_most=10)
        async def queue(self, wanted: GetRequest) -> Page:
            """Nothing."""
            raise Unavailable("is down", provider=self.name)

    found = await count([serving("a", Deaf, store)], [By.QUEUE])
    assert (found.total.calls, found.is_complete, [each.code for each in found.problems]) == (12, False, [ProblemCode.UNAVAILABLE])
    assert found.end_cursor is None
    assert served.name == "a"
