"""Talking: providers of every page style that hold calls, recordings and voicemessages of a few numbers, for overviews."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.cursor import micros, time_of
from telegraphql.gateway.plugin.provider import Keyset, ListRequest, Page, Push, lists
from telegraphql.schema.call import Call
from telegraphql.schema.record import Record
from telegraphql.schema.values import Party
from telegraphql.schema.voicemessage import Voicemessage
from tests.support.memory_provider import Memory, Small, Store, Unpaged, serving
from tests.support.records import call, recording, voicemessage

NUMBER = "+41616925879"
# The same number, other numbers, and none.
SPELLINGS = ("+41616925879", "0041 61 692 58 79", "061 692 58 79")
OTHERS = ("+41449379015", "104", None)
Order = tuple[int, str, str]


@dataclass
class Talk(Store):
    """Messages as well."""

    messages: list[Voicemessage] = field(default_factory=list)


class Messages(Memory):
    """Voicemessages beside what others have."""

    plugin = "talking"
    store: Talk

    @lists(Voicemessage, pages=Keyset(most=100), filters={"receivedAt": Push.EXACT})
    async def messages(self, ask: ListRequest) -> Page:
        """Voicemessages."""
        return await self._slice(self.store.messages, ask)


class Talking(Messages):
    """Sorted, and filtering by number as well as it can."""

    @lists(Call, pages=Keyset(most=100), filters={"startedAt": Push.EXACT, "number": Push.SUPERSET})
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        return await self._slice(self.store.calls, ask)


class TalkingInWindows(Messages, Unpaged):
    """Calls in windows of time."""


class TalkingWhole(Messages, Small):
    """Calls as one collection."""


STYLES: tuple[Any, ...] = (Messages, Talking, TalkingInWindows, TalkingWhole)


def numbered(record: Record) -> bool:
    """Whether a record belongs to the number."""
    return any(getattr(getattr(record, end, None), "number", None) in SPELLINGS for end in ("from_", "to"))


def standing(record: Record) -> Order:
    """Where a record stands among those of other kinds."""
    return micros(time_of(record)), record.provider_name, f"{type(record).__name__}:{record.sort_id or record.native_id}"


@dataclass
class Exchange:
    """A few providers, and what is true of them."""

    stores: dict[str, Talk] = field(default_factory=dict)
    servings: list[BoundProvider] = field(default_factory=list)

    @property
    def records(self) -> list[Record]:
        return [each for store in self.stores.values() for each in (*store.calls, *store.recordings, *store.messages)]

    def expected(self, newest: bool = True) -> list[Order]:
        """The number's timeline."""
        return sorted((standing(each) for each in self.records if numbered(each)), reverse=newest)

    def add(self, name: str, plugin: Any, store: Talk, **settings: Any) -> None:
        self.stores[name] = store
        self.servings.append(serving(name, plugin, store, **settings))


def _party(draw: st.DrawFn) -> Party:
    return Party(number=draw(st.sampled_from(SPELLINGS + OTHERS)))


def _own(drawn: tuple[int, int, int]) -> tuple[int, int]:
    """Of one kind no id comes twice; of several it may."""
    return drawn[1:]


@st.composite
def exchanges(draw: st.DrawFn, most: int = 12) -> Exchange:
    """Up to three providers, whose ids and times are the same for records of different kinds."""
    made = Exchange()
    span = draw(st.sampled_from([1, 4, 90_000]))
    for name in ["a", "b", "c"][: draw(st.integers(1, 3))]:
        store = Talk(inclusive=draw(st.booleans()))
        drawn = draw(st.lists(st.tuples(st.integers(0, span), st.integers(0, 2), st.integers(0, most)), max_size=3 * most, unique_by=_own))
        for seconds, kind, number in drawn:
            if kind == 0:
                store.calls.append(call(number, seconds, name, from_=_party(draw), to=_party(draw)))
            elif kind == 1:
                store.recordings.append(recording(number, 0, seconds, name, from_=_party(draw), to=None))
            else:
                store.messages.append(voicemessage(number, seconds, name, from_=_party(draw)))
        made.add(name, draw(st.sampled_from(STYLES)), store, page_size=draw(st.integers(1, 7) | st.integers(1, 100)))
    return made
