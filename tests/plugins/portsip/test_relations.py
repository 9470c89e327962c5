"""PortSIP's relations: which recordings, calls, sessions and queues belong together, and in how few requests."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.dataloaders import DataLoaders, LoaderKey
from telegraphql.gateway.plugin.provider import GetRequest, ListRequest
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.plugins.portsip.recordings import RecordedCall, choose_leg, merge_windows
from telegraphql.plugins.portsip.sandbox import examples
from telegraphql.schema.call import Call
from telegraphql.schema.enums import CallStatus
from telegraphql.schema.queue import Queue
from telegraphql.schema.recording import Recording
from telegraphql.schema.session import Session

LIVE_SESSION, LIVE_LEG = "878156644691742720", "878156644691742721"
DAY = (datetime(2024, 8, 20, tzinfo=UTC), datetime(2024, 8, 21, tzinfo=UTC))
NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
EARLIER, LATER = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def records() -> int:
    return 600


async def test_recordings_are_found_by_time_and_told_apart_by_their_files_name(served: Any, provider: Any) -> None:
    serving, loaders = BoundProvider.of(provider), DataLoaders()
    page = await provider.calls(ListRequest(until=LATER))
    answered = [call for call in page.records if call.refs["recordings"]]
    keys = [LoaderKey(call.refs["recordings"], call.started_at, call.ended_at) for call in answered]
    served.forget()
    found = await loaders.load(serving, Recording, "call", keys, Selection.of("startedAt"))
    truth: dict[str, list[str]] = {call.native_id: [] for call in answered}
    for row in served.truth("recordings"):
        truth.get(row.get("calllog_id", ""), []).append(row["id"])
    assert {call.native_id: [each.native_id for each in group] for call, group in zip(answered, found, strict=True)} == truth
    assert sum(map(len, truth.values())) > 10
    assert len(served.journal("GET /recordings")) == 1
    assert len(served.journal("GET /recordings/{id}")) < 5
    assert {each.refs["session"] for group in found for each in group} <= {call.refs["session"] for call in answered}


async def test_the_recordings_of_every_session_are_its_own(served: Any, provider: Any) -> None:
    serving, loaders = BoundProvider.of(provider), DataLoaders()
    tied = max(Counter(row["started_at"] for row in served.truth("sessions")).items(), key=lambda pair: pair[1])[0]
    time_literal = datetime.fromisoformat(tied)
    page = await provider.sessions(ListRequest(since=time_literal, until=time_literal))
    sessions = [session for session in page.records if session.refs["recordings"]]
    keys = [LoaderKey(session.refs["recordings"], session.started_at, session.ended_at) for session in sessions]
    found = await loaders.load(serving, Recording, "session", keys, Selection.of("fileName"))
    for session, group in zip(sessions, found, strict=True):
        expected = [row["id"] for row in served.truth("recordings") if f"_{session.native_id}_" in row["file_name"]]
        assert sorted(each.native_id for each in group) == sorted(expected)
        assert all(f"_{session.native_id}_" in each.file_name for each in group)
    back = await loaders.load(
        serving, Session, "id", [LoaderKey(group[0].refs["session"]) for group in found if group], Selection.of("status")
    )
    assert [each[0].native_id for each in back] == [session.native_id for session, group in zip(sessions, found, strict=True) if group]


async def test_a_listed_recording_leads_to_its_call_and_session(served: Any, provider: Any) -> None:
    serving, loaders = BoundProvider.of(provider), DataLoaders()
    select = Selection.of("durationSeconds", "sizeBytes", "fileName", "media", "session.status", "call.status")
    page = await provider.recordings(ListRequest(since=DAY[0], until=DAY[1]))
    live = page.records[0].record()
    assert (live.file_name, live.refs["session"], live.files) == (None, None, {})
    await loaders.hydrate(serving, Recording, [live], select)
    assert (live.duration_seconds, live.size_bytes, live.refs["session"]) == (34, None, LIVE_SESSION)
    assert live.file_name == examples.RECORDING["file_name"]
    assert "/api/blobs" not in bytes(live.raw).decode()
    ((session,),) = await loaders.load(serving, Session, "id", [LoaderKey(live.refs["session"])], select["session"])
    ((call,),) = await loaders.load(serving, Call, "recordings", [LoaderKey(live.refs["call"])], select["call"])
    assert (session.native_id, call.native_id, call.status) == (LIVE_SESSION, LIVE_LEG, CallStatus.ANSWERED)


async def test_every_recording_leads_to_the_leg_that_was_recorded_or_to_none(served: Any, provider: Any) -> None:
    serving, loaders = BoundProvider.of(provider), DataLoaders()
    rows = [row for row in served.truth("recordings") if "calllog_id" in row][:30]
    records = [(await provider.recording(GetRequest(keys=[row["id"]]))).records[0] for row in rows]
    served.forget()
    found = await loaders.load(serving, Call, "recordings", [LoaderKey(each.refs["call"]) for each in records], Selection.of("status"))
    assert [[call.native_id for call in group] for group in found] == [[row["calllog_id"]] for row in rows]
    assert len(served.journal()) == 2


@pytest.mark.parametrize("is_end_known", [False, True])
async def test_the_queues_of_a_page_of_calls_cost_one_request(served: Any, provider: Any, is_end_known: bool) -> None:
    serving = BoundProvider.of(provider)
    page = await provider.calls(ListRequest())
    keys = [LoaderKey(call.refs["queue"], call.started_at, call.ended_at) for call in page.records if call.refs["queue"]]
    if is_end_known:
        await DataLoaders().load(serving, Queue, "id", keys, Selection.of("name"))
    served.forget()
    found = await DataLoaders().load(serving, Queue, "id", keys, Selection.of("name"))
    assert [f"number:{group[0].number}" for group in found] == [key.text for key in keys]
    # The first time an empty page has to prove the end of the list.
    assert [row["operation"] for row in served.journal()] == ["GET /call_queues"] * (1 if is_end_known else 2)


async def test_the_sessions_of_a_page_of_calls_cost_a_windowed_request_or_two(served: Any, provider: Any) -> None:
    serving, loaders = BoundProvider.of(provider), DataLoaders()
    page = await provider.calls(ListRequest(size=25))
    keys = [LoaderKey(call.refs["session"], call.started_at, call.ended_at) for call in page.records]
    served.forget()
    found = await loaders.load(serving, Session, "id", keys, Selection.of("status"))
    assert [group[0].native_id for group in found] == [key.text for key in keys]
    assert len(served.journal()) <= 2


def times(*seconds: int | None) -> list[str]:
    return ["" if each is None else (NOON + timedelta(seconds=each)).isoformat().replace("+00:00", ".000000Z") for each in seconds]


def add_leg(served: Any, session: str, leg: str, parties: tuple[str, str], answered: int | None, ended: int) -> None:
    started, answer, end = times((answered or 0) - 4, answered, ended)
    moments = {"started_at": started, "rang_at": started, "answered_at": answer, "ended_at": end}
    talk = 0 if answered is None else ended - answered
    line = {"direction": "INBOUND_CALL", "duration": talk, "service_number": "", "reroute_reason": "", "status_code": 0}
    served.sandbox.add("calls", {"id": leg, "session_id": session, "caller": parties[0], "callee": parties[1], **line, **moments})


def add_recording(served: Any, session: str, key: str, parties: tuple[str, str], span: tuple[int, int], extension: str) -> None:
    started, ended = times(*span)
    name = f"{examples.TENANT}_{session}_{extension}_45060_11032026_200000.wav"
    caller, callee = parties
    given = {"id": key, "caller": caller, "callee": callee, "started_at": started, "ended_at": ended, "file_name": name}
    served.sandbox.add("recordings", given)


@pytest.fixture(scope="module")
def doubtful(module_served: Any) -> dict[str, str]:
    """Recordings whose parties and times tell no leg, and the legs that they belong to."""
    outside, again = "+41445550101", "+41445550102"
    # Two answered legs with the same parties, and one recording of both.
    add_leg(module_served, "7001", "70011", (outside, "101"), 10, 40)
    add_leg(module_served, "7001", "70012", (outside, "101"), 50, 200)
    add_recording(module_served, "7001", "70013", (outside, "101"), (11, 199), "101")
    # A recording that was switched on late, and names the queue.
    add_leg(module_served, "7002", "70021", (again, "8001"), 310, 330)
    add_leg(module_served, "7002", "70022", (again, "102"), 331, 900)
    add_leg(module_served, "7002", "70023", (again, "103"), 335, 1900)
    add_recording(module_served, "7002", "70024", (again, "8001"), (400, 898), "102")
    # An extension that no leg has: the leg that was answered longest.
    add_recording(module_served, "7002", "70025", (again, "8009"), (500, 510), "150")
    # Two recordings of one leg.
    add_leg(module_served, "7003", "70031", ("105", "106"), 2010, 2100)
    add_recording(module_served, "7003", "70032", ("105", "106"), (2011, 2040), "105")
    add_recording(module_served, "7003", "70033", ("105", "106"), (2060, 2099), "105")
    # One between two answered legs, and one after them: the leg that was answered longest.
    add_leg(module_served, "7004", "70041", (outside, "107"), 3010, 3040)
    add_leg(module_served, "7004", "70042", (outside, "107"), 3100, 3200)
    add_recording(module_served, "7004", "70043", (outside, "107"), (3050, 3090), "107")
    add_recording(module_served, "7004", "70044", (outside, "107"), (3300, 3390), "107")
    return {"70043": "70042", "70044": "70042", "70013": "70012", "70024": "70022", "70025": "70023", "70032": "70031", "70033": "70031"}


async def test_each_recording_is_of_one_call_of_those_that_are_listed(served: Any, provider: Any, doubtful: dict[str, str]) -> None:
    serving = BoundProvider.of(provider)
    page = await provider.calls(ListRequest(since=NOON - timedelta(minutes=1), until=NOON + timedelta(hours=2)))
    calls = [call for call in page.records if call.refs["recordings"]]
    for chosen in (calls, [call for call in calls if call.native_id in ("70012", "70022", "70023", "70042")]):
        keys = [LoaderKey(call.refs["recordings"], call.started_at, call.ended_at) for call in chosen]
        found = await DataLoaders().load(serving, Recording, "call", keys, Selection.of("startedAt"))
        shown = {each.native_id: call.native_id for call, group in zip(chosen, found, strict=True) for each in group}
        of_chosen = {call.native_id for call in chosen}
        assert {key: leg for key, leg in shown.items() if key in doubtful} == {
            key: leg for key, leg in doubtful.items() if leg in of_chosen
        }


async def test_each_recording_leads_to_its_call(served: Any, provider: Any, doubtful: dict[str, str]) -> None:
    serving, loaders = BoundProvider.of(provider), DataLoaders()
    records = [(await provider.recording(GetRequest(keys=[key]))).records[0] for key in doubtful]
    served.forget()
    found = await loaders.load(serving, Call, "recordings", [LoaderKey(each.refs["call"]) for each in records], Selection.of("status"))
    assert [[call.native_id for call in group] for group in found] == [[leg] for leg in doubtful.values()]
    assert [row["operation"] for row in served.journal()] == ["GET /calllogs"]


async def test_a_recording_without_any_sign_of_its_session_is_of_the_call_that_fits(served: Any, provider: Any) -> None:
    call = RecordedCall("8", "7", "anonymous", "101", NOON, NOON + timedelta(seconds=60))
    facts = RecordedCall("", "", "anonymous", "101", NOON, NOON + timedelta(seconds=59))
    assert (call.is_certain, call.fits(facts), choose_leg(facts, [call])) == (False, True, call)


async def test_a_recording_of_another_session_of_the_same_caller_is_not_of_the_one_on_the_page(served: Any, provider: Any) -> None:
    """Only the page's session is asked about; the other one began later, and is still under way when it ends."""
    add_leg(served, "7101", "71011", ("0790000001", "101"), 5000, 5600)
    add_leg(served, "7102", "71021", ("0790000001", "102"), 5100, 5500)
    add_recording(served, "7102", "71022", ("0790000001", "102"), (5101, 5499), "102")
    page = await provider.sessions(ListRequest(since=NOON - timedelta(minutes=1), until=NOON + timedelta(hours=2)))
    found = {each.native_id: each for each in page.records}
    for session, recordings in (("7101", []), ("7102", ["71022"])):
        of_session = await provider.recordings_of_sessions(GetRequest(keys=[found[session].refs["recordings"]]))
        assert [each.native_id for each in of_session.records] == recordings


async def test_a_recording_that_nothing_decides_is_left_out_with_a_problem(served: Any, provider: Any) -> None:
    add_leg(served, "7201", "72011", ("0790000002", "101"), 6000, 6600)
    started, ended = times(6100, 6200)
    line = {"caller": "0790000002", "callee": "8001", "started_at": started, "ended_at": ended, "file_name": "kept.wav"}
    served.sandbox.add("recordings", {"id": "72012", **line})
    page = await provider.sessions(ListRequest(since=NOON, until=NOON + timedelta(hours=2)))
    (session,) = (each for each in page.records if each.native_id == "7201")
    found = await provider.recordings_of_sessions(GetRequest(keys=[session.refs["recordings"]]))
    message = "the Recording 72012 fits several calls, and its file name tells none; it is left out here"
    assert ([*found.records], [each.message for each in found.problems]) == ([], [message])


def test_a_leg_is_chosen_by_parties_then_extension_then_length() -> None:
    def span(leg: str, parties: tuple[str, str], answered: int, ended: int) -> RecordedCall:
        return RecordedCall(leg, "7", *parties, NOON + timedelta(seconds=answered), NOON + timedelta(seconds=ended))

    legs = [span("1", ("9", "101"), 0, 50), span("2", ("9", "102"), 60, 300), span("3", ("9", "103"), 60, 100)]

    def chosen(callee: str, extension: str, started: int, ended: int) -> str | None:
        recording = RecordedCall("", "7", "9", callee, NOON + timedelta(seconds=started), NOON + timedelta(seconds=ended), extension)
        leg = choose_leg(recording, legs)
        return leg and leg.leg

    assert (chosen("103", "102", 70, 90), chosen("8001", "103", 70, 90), chosen("8001", "103", 70, 250)) == ("3", "3", "2")
    assert (chosen("8001", "", 70, 90), choose_leg(legs[0], [])) == ("2", None)


@pytest.mark.parametrize("key", ["a|b|c|d|x|soon|e", "1|2", "|||||||", "", "'\" %00"])
async def test_a_key_that_somebody_made_up_finds_nothing(provider: Any, key: str) -> None:
    for get in (provider.session, provider.recordings_of_calls, provider.recordings_of_sessions, provider.calls_of_recordings):
        assert [*(await get(GetRequest(keys=[key]))).records] == []


def test_windows_that_are_far_apart_are_asked_for_apart() -> None:
    at = [EARLIER + timedelta(hours=hour) for hour in (0, 1, 5, 6, 20)]
    minute = timedelta(minutes=1)
    assert merge_windows([(each, each + minute) for each in (*at, at[0])], 8) == [(each, each + minute) for each in at]
    assert merge_windows([(each, each + minute) for each in at], 3) == [
        (at[0], at[1] + minute),
        (at[2], at[3] + minute),
        (at[4], at[4] + minute),
    ]
