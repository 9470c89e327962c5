"""Mailboxes: a message is the same one wherever it is moved to, belongs to the call of its channel, and its sound can be heard."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.plugin import GetRequest, ListRequest, NotFound, Selection, Unsupported, wav
from telegraphql.plugins.asterisk import voicemail
from telegraphql.schema import Voicemessage
from tests.plugins.asterisk.asterisk_records import START, cdr, serving, write

EPOCH = int(START.timestamp())
CHANNEL = "PJSIP/uplink-0000000a"
ALL = Selection.of("call")


def message(seconds: int = 0, **words: object) -> str:
    given = {"origmailbox": 104, "callerchan": CHANNEL, "callerid": '"Ada" <+41445556677>', "origtime": EPOCH + seconds, "duration": 4}
    return ";\n; Message Information file\n;\n[message]\n" + "".join(f"{name}={value}\n" for name, value in (given | words).items())


def put(folder: Path, place: str, text: str, *suffixes: str) -> Path:
    file = folder / f"{place}.txt"
    file.parent.mkdir(parents=True, exist_ok=True)
    for suffix in suffixes:
        file.with_suffix(suffix).write_bytes(wav(1))
    file.write_text(text)
    return file


def pbx(folder: Path, *rows: Any) -> BoundProvider:
    (folder / "cdr").mkdir()
    write(folder / "cdr", rows)
    (folder / "boxes").mkdir(exist_ok=True)
    return serving(folder / "cdr", voicemail_folder=str(folder / "boxes"))


async def messages(of: BoundProvider, **ask: Any) -> Sequence[Voicemessage]:
    page = await of.answer("voicemessages", ListRequest(select=ALL, **ask))
    assert list(page.problems) == []
    return list(page.records)


async def test_a_message_with_all_that_its_file_says(tmp_path: Path) -> None:
    put(tmp_path / "boxes", "default/104/INBOX/msg0000", message(msg_id="1-1"), ".gsm", ".WAV", ".wav")
    (found,) = await messages(pbx(tmp_path, cdr(-10, channel=CHANNEL)))
    assert (found.received_at, found.duration_seconds, found.is_read, found.folder, found.mailbox) == (START, 4, False, "INBOX", "104")
    assert (found.from_.number, found.from_.name, found.to and found.to.number) == ("+41445556677", "Ada", "104")
    assert "104" not in found.native_id.replace(str(EPOCH), "")
    assert (found.files["media"].mime_type, found.files["media"].size_bytes) == ("audio/x-wav", len(wav(1)))


@pytest.mark.parametrize("caller", ["Unknown", "", "anonymous", '"Anonymous" <anonymous>'])
async def test_a_caller_who_is_not_known(tmp_path: Path, caller: str) -> None:
    put(tmp_path / "boxes", "default/104/INBOX/msg0000", message(callerid=caller))
    (found,) = await messages(pbx(tmp_path))
    assert (found.from_.number, found.from_.name) == (None, None)


async def test_a_message_stays_the_same_when_it_is_moved_and_two_of_one_id_are_two(tmp_path: Path) -> None:
    boxes = tmp_path / "boxes"
    first = put(boxes, "default/104/INBOX/msg0000", message(msg_id="1-1"), ".wav")
    put(boxes, "default/105/INBOX/msg0000", message(msg_id="1-1"))
    put(boxes, "default/104/INBOX/msg0001", message(1))
    of = pbx(tmp_path)
    before = {each.native_id: each.is_read for each in await messages(of)}
    assert list(before.values()) == [False] * 3
    for file in (first, first.with_suffix(".wav")):
        file.rename(put(boxes, "default/104/Old/msg0007", "") if file is first else boxes / "default/104/Old/msg0007.wav")
    after = {each.native_id: each.is_read for each in await messages(of)}
    assert after.keys() == before.keys()
    assert sorted(after.values()) == [False, False, True]
    moved = next(key for key, is_read in after.items() if is_read)
    download = await of.answer("voicemessage_sound", moved)
    with download.request.local() as file:
        assert file.read() == wav(1)
    assert [each.native_id for each in await messages(of, filter={"isRead": True})] == [moved]
    assert [each.mailbox for each in await messages(of, filter={"mailbox": ["105"]})] == ["105"]
    assert len(await messages(of, filter={"folder": ["INBOX", "Work"]})) == 2


async def test_what_is_moved_while_it_is_read_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, given = put(tmp_path / "boxes", "default/104/INBOX/msg0000", message(msg_id="1-1")), voicemail.Mailboxes._listed

    def listed(self: voicemail.Mailboxes, names: Sequence[str]) -> Any:
        if file.exists():
            file.rename(put(tmp_path / "boxes", "default/104/Old/msg0000", ""))
        return given(self, names)

    monkeypatch.setattr(voicemail.Mailboxes, "_listed", listed)
    assert [each.folder for each in await messages(pbx(tmp_path))] == ["Old"]


async def test_greetings_and_what_is_being_recorded_are_no_messages(tmp_path: Path) -> None:
    for place in ("default/104/tmp/msg0000", "default/104/greet", "default/104/Trash/msg0000", "msg0000"):
        put(tmp_path / "boxes", place, message())
    (tmp_path / "boxes/default/104/INBOX").symlink_to(tmp_path / "boxes/default/104/tmp")
    assert await messages(pbx(tmp_path)) == []


async def test_a_file_that_cannot_be_read_is_named_without_the_mailbox(tmp_path: Path) -> None:
    put(tmp_path / "boxes", "default/104/INBOX/msg0003", "[message]\norigtime=today\n")
    put(tmp_path / "boxes", "default/104/INBOX/msg0004", message())
    page = await pbx(tmp_path).answer("voicemessages", ListRequest())
    assert len(page.records) == 1
    (problem,) = page.problems
    assert (
        problem.message.partition(";")[0]
        == "INBOX/msg0003.txt of a mailbox in the context default cannot be read: `origtime` is missing or wrong"
    )


async def test_a_message_belongs_to_the_last_leg_of_its_channel_before_it(tmp_path: Path) -> None:
    put(tmp_path / "boxes", "default/104/INBOX/msg0000", message(msg_id="1-1"))
    legs = [
        cdr(at, sequence=at + 100, channel=channel)
        for at, channel in ((-90, CHANNEL), (-30, CHANNEL), (20, CHANNEL), (-5, "PJSIP/104-0000000b"))
    ]
    of = pbx(tmp_path, *legs)
    (found,) = await messages(of)
    calls = {each.native_id.rpartition("/")[2]: each for each in (await of.answer("calls", ListRequest())).records}
    assert found.refs["call"] == calls["70"].refs["voicemessages"]
    keys = {mark: [call.refs["voicemessages"]] for mark, call in calls.items()}
    assert {
        mark: [each.native_id for each in (await of.answer("voicemessages_of_calls", GetRequest(keys=key))).records]
        for mark, key in keys.items()
    } == {
        "70": [found.native_id],
        "10": [],
        "120": [],
        "95": [],
    }


async def test_what_is_missing_is_told(tmp_path: Path) -> None:
    put(tmp_path / "boxes", "default/104/INBOX/msg0000", message())
    of = pbx(tmp_path)
    (found,) = await messages(of)
    assert found.files.get("media") is None
    for native_id in (found.native_id, "1/../../x"):
        with pytest.raises(NotFound, match="no such sound"):
            await of.answer("voicemessage_sound", native_id)
    with pytest.raises(Unsupported, match="set `voicemail_folder`"):
        await serving(tmp_path / "cdr").answer("voicemessages", ListRequest())
