"""Walks through a list while one upstream sends answers that look right and are not."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

from telegraphql.gateway.plugin.answer_faults import twin_ids
from telegraphql.gateway.plugin.fault_modes import WRONG_ANSWERS, Fault
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.node import read_global_id
from tests.endtoend.ground_truth import Truth, expected
from tests.endtoend.kinds import KINDS
from tests.endtoend.world import simulate, world
from tests.resilience.secret_scan import Ears
from tests.resilience.simulated_gateway import NAMES, Key, Place, Row
from tests.support.clock import NOW

RECORDS = 60
# One row in sixteen is chosen.
MOST_OUTLIERS = 0.2
NEWEST, OLDEST = "NEWEST_FIRST", "OLDEST_FIRST"
# A walk that goes on longer than this goes round in circles.
FARTHEST = 1_000
# Faults that take nothing away: every row is there, and only fields may have problems.
COMPLETE = frozenset(
    {
        "refuse_value",
        "unknown_id_refuses_batch",
        "redirected_file",
        "bad_byte",
        "control_character",
        "byte_order_mark",
        "clamped_page",
        "wrong_total",
        "zero_times",
        "impossible_lengths",
        "text_numbers",
        "misorder",
        "misorder-end",
        "empty_words",
    }
)
# Modes in other sizes: times that are wrong by less than a window, a page's first row at its end.
SIZED: Mapping[str, Row] = {
    "outlier-minutes": {"mode": "outlier", "shift_seconds": 600},
    "outlier-minutes-later": {"mode": "outlier", "shift_seconds": -600},
    "outlier-days": {"mode": "outlier", "shift_seconds": 36 * 3600},
    "outlier-days-later": {"mode": "outlier", "shift_seconds": -36 * 3600},
    "outlier-months": {"mode": "outlier", "shift_seconds": 200 * 86_400},
    "misorder-end": {"mode": "misorder", "rows": FARTHEST},
}
MODES = ("refuse_value", "refuse_sort", "unknown_id_refuses_batch", "redirected_file", *WRONG_ANSWERS)
# What nobody may ever be told.
UNEXPECTED = "INTERNAL_SERVER_ERROR"
PAGE = """query ($first: Int, $after: String, $last: Int, $before: String, $order: TimeOrder, $providers: [String!]) {
  %s(first: $first, after: $after, last: $last, before: $before, order: $order, filter: {providers: $providers}) {
    nodes { id nativeId }
    pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
    problems { provider { name } code message id count }
  }
}"""
# The page of a list that is null.
NOTHING: Row = {"nodes": [], "problems": [], "pageInfo": {"hasNextPage": False}}


@dataclass(frozen=True, slots=True)
class Walk:
    """A list of some providers, read page by page in one direction: with `first` and `after`, or `last` and `before`."""

    kind: str
    providers: tuple[str, ...]
    size: int
    order: str = NEWEST
    backward: bool = False

    @classmethod
    def of(cls, kind: str, sick: str, size: int, order: str = NEWEST, backward: bool = False) -> "Walk":
        """A walk through the list of one that misbehaves, and of a healthy one that also lists the kind, if there is one."""
        others = [name for name in reversed(LIARS) if name != sick and kind in LISTED[name]]
        return cls(kind, (sick, *others[:1]), size, order, backward)

    def __str__(self) -> str:
        return f"{self.kind}-{self.providers[0]}-{self.size}-{self.order.lower()}{'-backward' * self.backward}"

    @property
    def is_descending(self) -> bool:
        return (self.order == NEWEST) is not self.backward

    def arguments(self, cursor: str | None) -> Row:
        size, place = ("last", "before") if self.backward else ("first", "after")
        return {size: self.size, place: cursor, "order": self.order, "providers": [*self.providers]}


LIARS = (*NAMES, "twilio")
LISTED = {
    "voximplant": ("Call", "Session", "Recording", "QueueVisit", "Transaction", "AuditEntry"),
    "voipstudio": ("Call", "Session", "Recording", "Voicemessage", "Chat", "Transaction", "MediaSession"),
    "portsip": ("Call", "Session", "Recording", "Voicemessage", "Report"),
    "boxis": ("Call", "Session"),
    "twilio": ("Call", "Session", "Recording", "Message", "Transaction"),
}


@dataclass
class Read:
    """What a walk came upon."""

    found: list[Key] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    problems: list[Row] = field(default_factory=list)

    @property
    def named(self) -> str:
        """The problems' ids and messages."""
        return " ".join(f"{each['id']} {each['message']}" for each in self.problems)

    def only(self, name: str) -> "Read":
        """The share of one provider."""
        pairs = [(key, each) for key, each in zip(self.found, self.ids, strict=True) if key[0] == name]
        return Read([key for key, _ in pairs], [each for _, each in pairs], [each for each in self.problems if each["provider"] == name])


@contextmanager
def lying_place(folder: Path) -> Iterator[Place]:
    """Upstreams, and a gateway whose breaker never opens and that has all the time there is."""
    sandboxes, limits = simulate(LIARS, records=RECORDS, now=NOW), {"breaker_failures": 1_000_000, "max_attempts": 1}
    with world(sandboxes, folder, limits) as made, (ears := Ears.over(made.engine)).listening():
        yield Place(made, sandboxes, ears)


def misbehave(place: Place, modes: Mapping[str, str]) -> None:
    """Begin a fault each. What was learned of the upstreams before is forgotten: they were always like this."""
    for each in place.world.engine.providers.values():
        each._disciplines.clear()
    for name, mode in modes.items():
        place.sandboxes[name].fault = Fault.parse(SIZED.get(mode, {"mode": mode}))


def read(place: Place, walk: Walk) -> Read:
    """Read the whole list."""
    result, cursor = Read(), None
    for _ in range(FARTHEST):
        body = place.world.post(PAGE % KINDS[walk.kind].root, **walk.arguments(cursor))
        assert UNEXPECTED not in str(body)
        assert "errors" not in body
        page = body["data"][KINDS[walk.kind].root]
        nodes, info = page["nodes"][:: -1 if walk.backward else 1], page["pageInfo"]
        result.ids += [node["id"] for node in nodes]
        result.found += [(read_global_id(node["id"])[1], node["nativeId"]) for node in nodes]
        result.problems += [{**each, "provider": each["provider"]["name"]} for each in page["problems"]]
        if not info["hasPreviousPage" if walk.backward else "hasNextPage"]:
            return result
        cursor = info["startCursor" if walk.backward else "endCursor"]
    raise AssertionError("the walk does not end")


def truth(place: Place, walk: Walk) -> list[Key]:
    """The whole list of a healthy day."""
    return [each.key for each in expected(place.world, walk.kind, walk.is_descending, walk.providers)]


def check(place: Place, walk: Walk, modes: Mapping[str, str], result: Read) -> None:
    """Every readable row is there once and in order, or a problem of its provider says what is missing.

    `modes` are the faults of those that misbehave, by name."""
    whole = truth(place, walk)
    assert [key for key in result.found if key[0] not in modes] == [key for key in whole if key[0] not in modes]
    assert {each["provider"] for each in result.problems} <= modes.keys()
    if COMPLETE.issuperset(modes.values()):
        assert result.found == whole
    for name, mode in modes.items():
        check_one(place, walk, name, mode, result.only(name))


def check_one(place: Place, walk: Walk, sick: str, mode: str, result: Read) -> None:
    """Check the share of one that misbehaves."""
    whole, found = [key for key in truth(place, walk) if key[0] == sick], set(result.found)
    repeated = [each for each, times in Counter(result.ids).items() if times > 1]
    missing = [native for name, native in whole if (name, native) not in found]
    if mode in COMPLETE:
        assert result.found == whole, (missing, repeated, result.problems[:2])
        # A page names a row that came too early, and is shown by a later one.
        named = {ProblemCode.MALFORMED_RECORD.name} if mode.startswith("misorder") else set()
        assert {each["code"] for each in result.problems} <= {ProblemCode.MALFORMED_FIELD.name} | named
    elif mode == "short_page":
        assert result.problems == []
        assert result.found == (readable(place, walk, sick) if walk.kind != "Session" else [key for key in whole if key in found])
    elif mode == "duplicate_ids":
        # Both rows are there, under ids that differ, or a problem names the id that they share.
        assert len(set(result.ids)) == len(whole) or shared(place, sick, missing) <= set(result.named.split())
        assert [each for each in repeated if read_global_id(each)[2] not in result.named] == []
        assert not missing or result.problems or len(set(result.ids)) == len(whole)
    else:
        assert repeated == []
        silent = [] if is_lost_in_its_window(sick, mode) else missing
        assert not mode.startswith("outlier") or unnamed(place, walk, sick, silent, result.named) == []
        assert not silent or result.problems, missing
        assert silent == missing or len(missing) <= MOST_OUTLIERS * len(whole)


def is_lost_in_its_window(sick: str, mode: str) -> bool:
    """True if a wrong row may be missing silently: it comes with the window of its true time, in no order that shows that it is wrong."""
    return sick == "boxis" and mode.startswith("outlier-") and mode != "outlier-months"


def unnamed(place: Place, walk: Walk, sick: str, missing: Sequence[str], named: str) -> list[str]:
    """The missing that no problem names, neither themselves nor a call that they are made of."""
    calls = {each.native_id: each.links.get("calls") or [] for each in expected(place.world, walk.kind, providers=[sick])}
    return [each for each in missing if not any(name in named for name in (each, *calls[each]))]


def readable(place: Place, walk: Walk, sick: str) -> list[Key]:
    """What a client can see of an upstream that withholds rows."""
    whole = expected(place.world, walk.kind, walk.is_descending, [sick])
    return [each.key for each in whole if crc32(withheld_by(place, sick, walk.kind, each).encode()) % 10]


def withheld_by(place: Place, sick: str, kind: str, record: Truth) -> str:
    """The id by which the row of a record is withheld. Calls and recordings of Voximplant are parts of the rows of sessions."""
    if sick == "voximplant" and kind in ("Call", "Recording"):
        return str(record.links["session"])
    (name,) = {shape.id for shape in place.sandboxes[sick].answer_shapes.values() if shape.kind == place.sandboxes[sick].truths[kind].rows}
    return str(record.row[name])


def shared(place: Place, sick: str, missing: Sequence[str]) -> set[str]:
    """The ids under which missing rows came, where a row is a record."""
    sandbox = place.sandboxes[sick]
    twins = {
        each: str(twin)
        for shape in sandbox.answer_shapes.values()
        for each, twin in twin_ids(sandbox.records[shape.kind], shape.id).items()
    }
    return {twins[native] for native in missing if native in twins}
