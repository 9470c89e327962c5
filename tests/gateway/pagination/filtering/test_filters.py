"""What a filter means, record by record, whatever the upstream has already done about it."""

from dataclasses import fields
from typing import Any

import pytest
from strawberry import UNSET

from telegraphql.gateway.errors import BadId, BadInput
from telegraphql.gateway.pagination.filtering.common_conditions import MAX_VALUES
from telegraphql.gateway.pagination.filtering.filter_checks import check_conditions
from telegraphql.gateway.pagination.filtering.filters import criteria_of, native_parts
from telegraphql.gateway.pagination.filtering.filters import given as parts_of
from telegraphql.gateway.pagination.filtering.predicates import predicate
from telegraphql.gateway.plugin.capabilities import schema_name
from telegraphql.gateway.plugin.phone_numbers import Numbering
from telegraphql.schema.call import Call, CallFilter
from telegraphql.schema.enums import CallStatus
from telegraphql.schema.filters import COMBINATIONS, IntRange, NumberFilter, TextFilter, TimeRange
from telegraphql.schema.kinds import FILTERS
from telegraphql.schema.node import global_id
from telegraphql.schema.queue import QueueFilter, QueueVisit, QueueVisitFilter
from telegraphql.schema.record import Record
from telegraphql.schema.session import Session, SessionFilter
from telegraphql.schema.values import Party
from tests.gateway.pagination.filtering.filter_cases import TRUTHS
from tests.support.records import at, call, recording

CH = Numbering("CH")


def combined(**given: Any) -> Any:
    """A filter of calls; mypy does not know the fields that every filter gets."""
    return CallFilter(**given)


def nested(depth: int) -> Any:
    wanted = CallFilter(user_id=["1"])
    for _ in range(depth):
        wanted = combined(not_=wanted)
    return wanted


def holds(kind: type[Record], field: str, value: Any, record: Record) -> bool:
    attribute = next(each.name for each in fields(FILTERS[kind]) if schema_name(each.name) == field)
    parts = parts_of(FILTERS[kind](**{attribute: value}))
    share = native_parts(kind, parts, "a")
    return share is not None and predicate(kind, share, CH)(record) is True


def test_every_field_of_every_filter_has_its_truth() -> None:
    named = {(kind, schema_name(each.name)) for kind, chosen in FILTERS.items() for each in fields(chosen)}
    own = {(kind, name) for kind in FILTERS for name in ("providers", *COMBINATIONS)} | {
        (kind, name) for kind in FILTERS for name, found in criteria_of(kind).items() if found.has
    }
    missing = named - own - {(truth.kind, truth.field) for truth in TRUTHS}
    assert not missing, f"add a case in filter_cases.py for {', '.join(sorted(f'{kind.__name__}.{field}' for kind, field in missing))}"
    assert {(truth.kind, truth.field) for truth in TRUTHS} <= named - own


RANGES = [
    (Session, "startedAt", TimeRange(since=at(10)), [10, 99], [9]),
    (Session, "startedAt", TimeRange(until=at(10)), [9, -99], [10]),
    (Session, "startedAt", TimeRange(since=None, until=UNSET), [-99, 99], []),
]


@pytest.mark.parametrize(("kind", "field", "value", "match", "differ"), RANGES)
def test_an_open_end_lets_everything_through(kind: type[Record], field: str, value: TimeRange, match: list[int], differ: list[int]) -> None:
    made = {seconds: Session(provider_name="a", native_id="1", started_at=at(seconds), is_derived=False) for seconds in match + differ}
    assert [seconds for seconds, record in made.items() if holds(kind, field, value, record)] == match


def test_numbers_at_an_open_end_must_still_be_known() -> None:
    assert holds(Call, "durationSeconds", IntRange(min=0), call(1, duration_seconds=0))
    assert not holds(Call, "durationSeconds", IntRange(), call(1, duration_seconds=None))


# Two ways of writing, whether they are one number where the account is in Switzerland.
SAME = [
    ("+41616925879", "+41 61 692 58 79", True),
    ("+41616925879", "0041616925879", True),
    ("+41616925879", "061 692 58 79", True),
    ("0616925879", "0041 61 692 58 79", True),
    ("+41616925879", "41616925879", True),
    ("+41616925879", "+41616925870", False),
    ("+41616925879", "616925879", True),
    ("+41616925879", "+49616925879", False),
    ("200", "200", True),
    ("200", "2 0 0", True),
    ("200", "2001", False),
    ("200", "+41200", False),
    ("alice", "Alice", True),
    ("alice", "alice2", False),
    ("sip:200@pbx.example", "200", False),
    ("sip:200@pbx.example", "SIP:200@PBX.example", True),
    ("1000", "sip:1000", False),
]


@pytest.mark.parametrize(("one", "other", "equal"), SAME)
def test_numbers_are_compared_in_e164_where_certain_and_else_by_their_digits(one: str, other: str, equal: bool) -> None:
    assert CH.matcher([other], None, None)(one) is equal
    assert CH.matcher([one], None, None)(other) is equal
    assert holds(Call, "from", NumberFilter(equals=["999", other]), call(1, from_=Party(number=one))) is equal


def test_a_bare_international_number_is_certain_where_the_provider_writes_so() -> None:
    assert Numbering(None, True).matcher(["0041616925879"], None, None)("41616925879")
    assert not Numbering(None, False).matcher(["0041616925879"], None, None)("41616925879")


PARTS = [
    ("+41616925879", NumberFilter(starts_with="+41"), True),
    ("0616925879", NumberFilter(starts_with="+4161"), True),
    ("0041616925879", NumberFilter(starts_with="0041 61"), True),
    ("+41616925879", NumberFilter(starts_with="41"), True),
    ("+41616925879", NumberFilter(starts_with="+49"), False),
    ("200", NumberFilter(starts_with="20"), True),
    ("200", NumberFilter(starts_with="+41"), False),
    ("alice7", NumberFilter(starts_with="ALICE7"), True),
    ("0616925879", NumberFilter(contains="692 58"), True),
    ("0616925879", NumberFilter(contains="4161692"), True),
    ("0616925879", NumberFilter(contains="693"), False),
    ("sip:alice7@pbx.example", NumberFilter(contains="Alice7@"), True),
    ("+41616925879", NumberFilter(starts_with="+41", contains="58"), True),
    ("+41616925879", NumberFilter(starts_with="+41", contains="59"), False),
    ("+41616925879", NumberFilter(equals=["+41616925879"], starts_with="+49"), False),
    ("+41616925879", NumberFilter(), True),
    (None, NumberFilter(), False),
    ("", NumberFilter(contains="1"), False),
]


@pytest.mark.parametrize(("number", "wanted", "match"), PARTS)
def test_every_part_of_a_number_filter_must_hold(number: str | None, wanted: NumberFilter, match: bool) -> None:
    assert holds(Call, "to", wanted, call(1, to=Party(number=number))) is match


NEVER = [
    (CallFilter(status=[]), "`status` is empty, so that no record can match"),
    (CallFilter(from_=NumberFilter(equals=[])), "`from.equals` is empty"),
    (QueueFilter(name=TextFilter(equals=[])), "`name.equals` is empty"),
    (QueueFilter(name=TextFilter(equals=["Sales"], contains="port")), "no text of `name.equals` has what"),
    (CallFilter(search=" "), "`search` is blank"),
    (CallFilter(started_at=TimeRange(since=at(2), until=at(1))), "the range `startedAt` is empty: `since` has to be before `until`"),
    (CallFilter(started_at=TimeRange(since=at(1), until=at(1))), "the range `startedAt` is empty"),
    (CallFilter(duration_seconds=IntRange(min=2, max=1)), "the range `durationSeconds` ends before it begins: swap `min` and `max`"),
    (CallFilter(duration_seconds=IntRange(min=2, max=0)), "ends before it begins"),
    (CallFilter(talk_seconds=IntRange(min=0, max=-1)), "ends before it begins"),
    (SessionFilter(duration_seconds=IntRange(min=2, max=1)), "ends before it begins"),
    (combined(or_=[]), "`or` is empty, so that no record can match"),
    (combined(not_=CallFilter()), "`not` is empty, so that no record can match"),
    (combined(and_=[CallFilter(providers=[])]), "`providers` is empty"),
    (combined(status=[CallStatus.BUSY], and_=[CallFilter(status=[CallStatus.FAILED])]), "contradict each other"),
    (combined(and_=[CallFilter(has_recording=True), CallFilter(has_recording=False)]), "contradict each other"),
    (combined(and_=[CallFilter(talk_seconds=IntRange(max=1)), CallFilter(talk_seconds=IntRange(min=2))]), "contradict each other"),
    (combined(and_=[CallFilter(providers=["a"]), CallFilter(providers=["b"])]), "contradict each other"),
    (combined(status=[CallStatus.BUSY], or_=[CallFilter(status=[CallStatus.FAILED])]), "contradict each other"),
    (combined(or_=[CallFilter(), CallFilter(user_id=[])]), "`userId` is empty"),
    (nested(6), "`and`, `or` and `not` are nested more than 5 deep"),
    (combined(and_=[CallFilter(user_id=["1"])] * 101), "the filter has 101 conditions, at most 100 can be asked for at once"),
]


@pytest.mark.parametrize(("wanted", "words"), NEVER)
def test_a_filter_that_cannot_match_or_asks_too_much_is_refused(wanted: Any, words: str) -> None:
    with pytest.raises(BadInput) as refused:
        check_conditions(parts_of(wanted))
    assert words in str(refused.value)
    assert refused.value.extensions == {"code": "BAD_USER_INPUT"}


def test_as_deep_and_as_much_as_is_allowed_is_accepted() -> None:
    check_conditions(parts_of(nested(5)))
    check_conditions(parts_of(combined(and_=[CallFilter(user_id=["1"])] * 100)))


def test_a_range_of_one_point_is_a_range() -> None:
    check_conditions(parts_of(CallFilter(duration_seconds=IntRange(min=0, max=0), started_at=TimeRange(since=at(1), until=at(1.000001)))))
    assert holds(Call, "durationSeconds", IntRange(min=0, max=0), call(1, duration_seconds=0))


@pytest.mark.parametrize("text", ["+", " ", "-", "()"])
@pytest.mark.parametrize("part", ["equals", "starts_with", "contains"])
def test_a_number_without_digits_is_refused(part: str, text: str) -> None:
    given = NumberFilter(**{part: [text] if part == "equals" else text})
    with pytest.raises(BadInput, match=r"`from` has .* which holds no digit|`from\.\w+` is .* which no telephone number holds"):
        check_conditions(parts_of(CallFilter(from_=given)))


MANY = [str(number) for number in range(MAX_VALUES + 1)]


@pytest.mark.parametrize(
    "wanted", [CallFilter(user_id=MANY), CallFilter(number=NumberFilter(equals=MANY)), QueueFilter(name=TextFilter(equals=MANY))]
)
def test_a_list_of_too_many_values_is_refused(wanted: Any) -> None:
    with pytest.raises(BadInput, match="has 501 values, at most 500 can be asked for at once"):
        check_conditions(parts_of(wanted))


def test_numbers_are_read_once_not_for_each_record(monkeypatch: pytest.MonkeyPatch) -> None:
    numbering, read = Numbering("CH"), []
    monkeypatch.setattr(numbering, "e164", lambda number: read.append(number))
    check = predicate(Call, parts_of(CallFilter(from_=NumberFilter(equals=MANY))), numbering)
    before = len(read)
    assert not any(check(call(number, from_=Party(number="x"))) for number in range(10))
    assert len(read) - before == 10


def test_an_address_needs_no_digits_but_a_part_of_a_number_does() -> None:
    check_conditions(parts_of(CallFilter(number=NumberFilter(equals=["alice"], starts_with="*31#", contains="sip:1"))))
    for wanted, key in ((NumberFilter(contains="abc"), "contains"), (NumberFilter(starts_with="alice"), "startsWith")):
        with pytest.raises(BadInput, match=rf"^`number\.{key}` is '(abc|alice)', which no telephone number holds: write digits$"):
            check_conditions(parts_of(CallFilter(number=wanted)))


@pytest.mark.parametrize(
    ("id", "words"),
    [
        ("x", "'x' is not an id of this gateway"),
        (global_id("Call", "a", "7"), "is the id of a Call, not of a Session"),
    ],
)
def test_a_wrong_id_is_refused(id: str, words: str) -> None:
    with pytest.raises(BadId, match=words) as refused:
        native_parts(Call, parts_of(CallFilter(session_id=[id])), "a")
    assert refused.value.extensions == {"code": "BAD_ID"}


def test_each_provider_gets_its_own_ids() -> None:
    wanted = QueueVisitFilter(queue_id=[global_id("Queue", "a", "7"), global_id("Queue", "b", "8")])
    assert [native_parts(QueueVisit, parts_of(wanted), name) for name in "abc"] == [{"queueId": ["7"]}, {"queueId": ["8"]}, None]


def test_what_is_true_or_false_of_a_provider_is_left_out() -> None:
    of_a, busy = CallFilter(providers=["a"]), CallFilter(status=[CallStatus.BUSY])
    cases = {
        "or": (combined(or_=[of_a, busy]), {}, {"or": [{"status": [CallStatus.BUSY]}]}),
        "and": (combined(and_=[of_a, busy]), {"and": [{"status": [CallStatus.BUSY]}]}, None),
        "not": (combined(not_=of_a), None, {}),
        "none": (combined(or_=[of_a], user_id=["7"]), {"userId": ["7"]}, None),
    }
    for wanted, of_first, of_second in cases.values():
        assert (native_parts(Call, parts_of(wanted), "a"), native_parts(Call, parts_of(wanted), "b")) == (of_first, of_second)


def test_only_what_was_given_is_part_of_a_filter() -> None:
    assert parts_of(None) == {}
    assert parts_of(CallFilter(providers=["a"], status=None, has_recording=False)) == {"hasRecording": False}
    assert parts_of(CallFilter(from_=NumberFilter(), status=[CallStatus.BUSY])) == {"from": NumberFilter(), "status": [CallStatus.BUSY]}


def test_a_relation_is_not_known_before_it_is_loaded() -> None:
    judge = predicate(Call, {"hasRecording": True, "status": [CallStatus.BUSY]}, CH)
    busy = call(1, status=CallStatus.BUSY, refs={"recordings": "7"})
    assert (judge(call(1)), judge(call(1, status=CallStatus.BUSY)), judge(busy)) == (False, False, None)
    assert predicate(Call, {"not": {"hasRecording": True}}, CH)(busy) is None
    assert predicate(Call, {"or": [{"hasRecording": True}, {"status": [CallStatus.BUSY]}]}, CH)(busy) is True
    busy.held["recordings"] = [recording(1, 1)]
    assert judge(busy) is True
