"""What becomes of a record."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from telegraphql.gateway.runtime import create_provider
from telegraphql.plugin import ListRequest, SettingsError
from telegraphql.plugin.testing import read_page
from telegraphql.plugins.asterisk import Asterisk
from telegraphql.schema import Call, CallDirection, CallStatus, PartyKind, Session
from tests.plugins.asterisk.asterisk_records import START, cdr, serving, write

SECONDS = timedelta(seconds=1)


async def calls(folder: Path, *rows: dict[str, Any], **settings: Any) -> list[Call]:
    write(folder, rows)
    of = serving(folder, **settings)
    page = await of.answer("calls", ListRequest())
    await of.provider.upstream.aclose()
    found: list[Call] = read_page(page)[0][::-1]
    return found


async def call(folder: Path, **given: Any) -> Call:
    (found,) = await calls(folder, cdr(**given))
    return found


async def test_a_record_becomes_a_call(tmp_path: Path) -> None:
    found = await call(tmp_path, duration=30, linkedid="1793606400.1", channel="PJSIP/up-link-0000001a", accountcode="desk")
    assert (found.native_id, found.refs["session"]) == (f"20261102090000/{int(START.timestamp())}.0/0", "1793606400.1")
    assert (found.started_at, found.answered_at, found.ended_at) == (START, START + 2 * SECONDS, START + 30 * SECONDS)
    assert (found.duration_seconds, found.ring_seconds, found.talk_seconds, found.is_ended_at_derived) == (30, 2, 28, False)
    assert (found.direction, found.status, found.hangup_cause) == (CallDirection.INBOUND, CallStatus.ANSWERED, "ANSWERED")
    assert (found.from_.number, found.from_.name, found.from_.kind) == ("+41445556677", "Ada", PartyKind.PSTN)
    assert (found.to.number, found.to.name, found.to.kind) == ("104", None, PartyKind.EXTENSION)
    assert (found.trunk, found.user_id, found.refs["queue"]) == ("up-link", "desk", None)
    assert found.raw["channel"] == "PJSIP/up-link-0000001a"


STATUSES = {
    "ANSWERED": CallStatus.ANSWERED,
    "NO ANSWER": CallStatus.NO_ANSWER,
    "BUSY": CallStatus.BUSY,
    "FAILED": CallStatus.FAILED,
    "CONGESTION": CallStatus.CONGESTION,
    "8": CallStatus.ANSWERED,
    "VANISHED": CallStatus.UNKNOWN,
    "": CallStatus.UNKNOWN,
}


@pytest.mark.parametrize("word", STATUSES)
async def test_a_disposition_is_a_status_and_stays_as_a_word(tmp_path: Path, word: str) -> None:
    found = await call(tmp_path, disposition=word)
    assert (found.status, found.hangup_cause) == (STATUSES[word], word or None)


async def test_what_a_box_answered_is_voicemail(tmp_path: Path) -> None:
    assert (await call(tmp_path, lastapp="VoiceMail")).status is CallStatus.VOICEMAIL


DIRECTIONS = [
    ("from-trunk", "PJSIP/104-00000001", CallDirection.INBOUND),
    ("from-trunk", "PJSIP/uplink-00000001", CallDirection.TRANSIT),
    ("from-internal", "PJSIP/104-00000001", CallDirection.INTERNAL),
    ("from-internal", "PJSIP/uplink-00000001", CallDirection.OUTBOUND),
    ("to-outside", "", CallDirection.OUTBOUND),
    ("elsewhere", "PJSIP/uplink-00000001", CallDirection.UNKNOWN),
]


@pytest.mark.parametrize(("context", "peer", "direction"), DIRECTIONS)
async def test_contexts_and_trunks_tell_the_direction(tmp_path: Path, context: str, peer: str, direction: CallDirection) -> None:
    write(tmp_path, [cdr(dcontext=context, dstchannel=peer)])
    of = serving(tmp_path, trunks=["uplink"], outbound_contexts=["to-outside"])
    (found,) = (await of.answer("calls", ListRequest())).records
    assert found.direction is direction
    await of.provider.upstream.aclose()


@pytest.mark.parametrize("dialled", ["PJSIP/0791234567@uplink,60,tT", "SIP/uplink/0791234567,60", "PJSIP/uplink&PJSIP/104"])
async def test_a_call_that_failed_before_there_was_a_second_channel_was_going_outside_all_the_same(tmp_path: Path, dialled: str) -> None:
    write(tmp_path, [cdr(dcontext="from-internal", dstchannel="", disposition="FAILED", lastapp="Dial", lastdata=dialled)])
    of = serving(tmp_path, trunks=["uplink"])
    (found,) = (await of.answer("calls", ListRequest())).records
    assert (found.direction, found.trunk) == (CallDirection.OUTBOUND, "uplink")
    await of.provider.upstream.aclose()


CALLERS = [
    ('"Ada ""the count"" L." <104>'.replace('""', '"'), "104", "104", 'Ada "the count" L.'),
    ('"" <104>', "104", "104", None),
    ('"104" <104>', "104", "104", None),
    ("Ada <104>", "", "104", "Ada"),
    ("104", "104", "104", None),
    ('"unclosed', "", None, None),
    ("", "", None, None),
]


@pytest.mark.parametrize(("clid", "src", "number", "name"), CALLERS)
async def test_a_callers_name_and_number_come_out_of_clid(
    tmp_path: Path, clid: str, src: str, number: str | None, name: str | None
) -> None:
    found = await call(tmp_path, clid=clid, src=src)
    assert (found.from_.number, found.from_.name) == (number, name)


async def test_an_unanswered_call_rang_to_its_end(tmp_path: Path) -> None:
    found = await call(tmp_path, answer="", billsec=0, disposition="NO ANSWER")
    assert (found.answered_at, found.ring_seconds, found.talk_seconds) == (None, 10, 0)


async def test_the_queue_a_caller_waited_in_comes_with_the_call(tmp_path: Path) -> None:
    found = await call(tmp_path, lastapp="Queue", lastdata="support,t,,,60")
    assert (found.held["queue"].native_id, found.held["queue"].name) == ("support", "support")


async def test_local_time_is_told_in_utc_also_in_the_hour_that_runs_twice(tmp_path: Path) -> None:
    twice = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)]
    rows = [cdr(start="2026-10-25 02:30:00", uniqueid=f"{int(each.timestamp())}.1", answer="", end="") for each in twice]
    found = await calls(tmp_path, *rows, zone="Europe/Zurich")
    assert [each.started_at for each in found] == twice
    assert [each.ended_at for each in found] == [each + 10 * SECONDS for each in twice]
    assert found[0].is_ended_at_derived


async def test_legs_with_one_linkedid_are_a_conversation(tmp_path: Path) -> None:
    rows = [cdr(0, 20, sequence=1, disposition="NO ANSWER"), cdr(20, 60, sequence=2)]
    write(tmp_path, [row | {"linkedid": "1793606400.1"} for row in rows])
    of = serving(tmp_path)
    page = await of.answer("calls", ListRequest())
    made = of.derive("session")(read_page(page)[0][::-1])
    assert isinstance(made, Session)
    assert (made.native_id, made.started_at, made.ended_at, made.duration_seconds) == ("1793606400.1", START, START + 80 * SECONDS, 80)
    assert (made.status, made.direction, made.is_derived) == (CallStatus.ANSWERED, CallDirection.INBOUND, True)
    await of.provider.upstream.aclose()


NO_URL = "database_url is not a URL such as postgresql://user@host/name or mysql://user@host/name or mariadb://user@host/name"
HAS_PASSWORD = "database_url holds a password; put it into `database_password`, which can be read from the environment"
WRONG = [
    ({"zone": "Mars/Olympus"}, "providers.pbx.zone: zone is not an IANA name such as Europe/Zurich"),
    ({"database_file": "master.db"}, "providers.pbx: set one of cdr_folder, database_file, database_url: where the call records are"),
    ({"database_url": "sqlite:///master.db"}, "providers.pbx.database_url: " + NO_URL),
    ({"database_url": "mysql://a:b@pbx/cdr"}, "providers.pbx.database_url: " + HAS_PASSWORD),
    ({"base_url": "http://127.0.0.1"}, "providers.pbx.base_url: unknown key; did you mean database_url?"),
]


@pytest.mark.parametrize(("given", "complaint"), WRONG, ids=[next(iter(given)) for given, _ in WRONG])
def test_a_wrong_setting_is_named(tmp_path: Path, given: dict[str, str], complaint: str) -> None:
    with pytest.raises(SettingsError) as caught:
        create_provider("pbx", {"cdr_folder": str(tmp_path), **given}, Asterisk)
    assert str(caught.value) == complaint
