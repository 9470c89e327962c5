from collections import Counter

import pytest

from telegraphql.plugins.voximplant.sandbox import VoximplantSandbox, examples, sample_values
from tests.support.clock import FIXED_NOW


def test_the_same_seed_gives_the_same_data() -> None:
    one, two = (VoximplantSandbox(records=300, seed=7, now=FIXED_NOW) for _ in range(2))
    assert one.records == two.records
    assert VoximplantSandbox(records=300, seed=8, now=FIXED_NOW).records != one.records


@pytest.mark.parametrize(("records", "calls"), [(0, 4), (3, 4), (4, 4), (5, 5), (1000, 1000)])
def test_there_are_exactly_as_many_calls_as_asked_for(records: int, calls: int) -> None:
    made = VoximplantSandbox(records=records, seed=1, now=FIXED_NOW)
    assert len(made.records["calls"]) == calls
    assert [row["call_id"] for row in made.records["calls"]][:4] == [14, 15, 16, 17]
    assert made.records["sessions"][:2] == list(examples.SESSIONS)


def test_every_word_occurs_and_times_tie() -> None:
    made = VoximplantSandbox(records=1000, seed=1, now=FIXED_NOW).records
    calls, sessions = made["calls"], made["sessions"]
    assert {row["remote_number_type"] for row in calls} == {"pstn", "mobile", "user", "sip", "sip address"}
    assert {type(row["end_reason"]) for row in calls if "end_reason" in row} == {dict, str}
    assert {row.get("finish_reason") for row in sessions} >= set(sample_values.FINISHES)
    assert {each["resource_type"] for row in sessions for each in row.get("other_resource_usage", ())} == {
        name for name, _, _ in sample_values.RESOURCES
    }
    assert {row.get("transcription_status") for row in made["recordings"]} >= set(sample_values.TRANSCRIPTIONS)
    assert {row["transaction_type"] for row in made["transactions"]} == set(sample_values.TYPES)
    ties = Counter(row["start_date"] for row in sessions)
    assert max(ties.values()) >= 40
    biggest = [row["call_session_history_id"] for row in sessions if ties[row["start_date"]] >= 40]
    assert biggest != sorted(biggest)
    assert all(1 <= len(row["calls"]) <= 4 for row in sessions)


@pytest.mark.parametrize(
    "kind",
    [
        *("calls", "sessions", "recordings", "transactions", "heldTransactions"),
        *("queues", "queueVisits", "auditEntries", "reports"),
    ],
)
def test_records_can_be_added_now(kind: str) -> None:
    made = VoximplantSandbox(records=10, seed=1, now=FIXED_NOW)
    before = len(made.records[kind])
    row = made.add(kind, {})
    assert len(made.records[kind]) == before + 1
    assert row in made.records[kind]


def test_an_added_leg_joins_the_session_it_names() -> None:
    made = VoximplantSandbox(records=10, seed=1, now=FIXED_NOW)
    row = made.add("calls", {"call_session_history_id": 14, "remote_number": "33142685301"})
    assert (row["start_date"], row["remote_number"]) == ("2013-07-21 15:04:17", "33142685301")
    assert [leg["call_id"] for leg in made.records["sessions"][0]["calls"]] == [14, 15, row["call_id"]]
    other = made.add("calls", {"application_name": "new.acme", "duration": 5})
    session = made.records["sessions"][-1]
    assert (session["application_name"], session["calls"][0]["duration"], session["start_date"]) == ("new.acme", 5, other["start_date"])


def test_what_cannot_be_added_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        VoximplantSandbox(records=0, seed=1, now=FIXED_NOW).add("voicemessages", {})
