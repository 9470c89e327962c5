"""MixMonitor's files: found by the uniqueid in their names or by userfield, each of one call, and nothing outside of their folder."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.pagination.relations import follow
from telegraphql.plugin import NOTHING, Folder, GetRequest, NotFound, Selection, Unsupported
from telegraphql.plugins.asterisk import recordings, sandbox
from telegraphql.plugins.asterisk.recordings import Recordings, id_of, key_of
from telegraphql.schema import Call, Recording
from tests.plugins.asterisk.asterisk_records import START, cdr, serving, write
from tests.support.graphql_client import walk

ZURICH = ZoneInfo("Europe/Zurich")
UNIQUEID = f"{int(START.timestamp())}.7"
KEYS = {
    f"2026/11/02/q-600-+4144-20261102-100003-{UNIQUEID}.wav": UNIQUEID,
    f"{UNIQUEID}.gsm": UNIQUEID,
    f"out-{UNIQUEID}.WAV": UNIQUEID,
    f"pbx1-{UNIQUEID}": UNIQUEID,
    "/var/spool/asterisk/monitor/desk.mp3": "desk.mp3",
    f"prefix{UNIQUEID}.wav": f"prefix{UNIQUEID}.wav",
}


def touch(folder: Path, *names: str) -> None:
    for name in names:
        sandbox.record(folder / name)


@pytest.mark.parametrize("name", KEYS)
def test_a_name_holds_the_key_of_its_call(name: str) -> None:
    assert key_of(name) == KEYS[name]


def test_a_sound_began_when_its_name_says_or_its_channel_or_its_file(tmp_path: Path) -> None:
    names = [f"a-20261102-100003-{UNIQUEID}.wav", f"b-20200101-100003-{UNIQUEID}.wav", f"{UNIQUEID}.wav", "c-20261102-100005.wav", "d.wav"]
    touch(tmp_path, *names)
    os.utime(tmp_path / "d.wav", (START.timestamp() + 9.5, START.timestamp() + 9.5))
    found = Recordings(Folder(tmp_path), ZURICH).slice(None, None, False, 9)
    assert {sound.name: int((sound.at - START).total_seconds()) for sound in found} == dict(zip(names, [3, 0, 0, 5, 9], strict=True))


def test_links_and_other_files_are_no_sounds(tmp_path: Path) -> None:
    touch(tmp_path, "outside/a.wav", "inside/b.wav")
    inside = tmp_path / "inside"
    (inside / "notes.txt").write_text("no sound")
    (inside / "link.wav").symlink_to(tmp_path / "outside/a.wav")
    (inside / "folder").symlink_to(tmp_path / "outside")
    (inside / "loop").symlink_to(inside)
    os.mkfifo(inside / "pipe.wav")
    (inside / os.fsdecode(b"\xff.wav")).write_bytes(b"")
    of = Recordings(Folder(inside), ZURICH)
    assert [sound.name for sound in of.slice(None, None, True, 9)] == ["b.wav"]
    made_up = [id_of(name) for name in ("link.wav", "folder/a.wav", "../outside/a.wav", "pipe.wav", "/etc/passwd", "gone.wav")]
    assert [sound.name for sound in of.known_as([*made_up, "b.wav", "", "/", id_of("b.wav")])] == ["b.wav"]


def test_no_id_holds_what_a_name_may_hold() -> None:
    with_number, without = f"in-+41445556677-20261102-100003-{UNIQUEID}.wav", "+41445556677.wav"
    assert id_of(with_number).startswith(f"{UNIQUEID}/")
    assert not any("5556677" in id_of(name) for name in (with_number, without))
    assert len({id_of(name) for name in (with_number, without, f"2026/{without}")}) == 3


def test_a_folder_is_listed_again_only_when_it_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "old/a.wav", "new/b.wav")
    long_ago = time.time() - 100
    for name in ("old", "new", ""):
        os.utime(tmp_path / name, (long_ago, long_ago))
    of, scan, listed = Recordings(Folder(tmp_path), ZURICH), os.scandir, []
    monkeypatch.setattr(recordings.os, "scandir", lambda path: listed.append(Path(path).name) or scan(path))
    assert len(of.slice(None, None, True, 9)) == 2
    listed.clear()
    touch(tmp_path, "new/c.wav")
    assert len(of.slice(None, None, True, 9)) == 3
    assert listed == ["new"]


@pytest.fixture
def pbx(tmp_path: Path) -> BoundProvider:
    """A channel with three records, of which sounds were made; a call with a sound by its userfield; and one without any."""
    legs = [cdr(0, 60, sequence=1), cdr(60, 60, sequence=2, disposition="NO ANSWER", billsec=0), cdr(120, 60, sequence=3)]
    legs = [leg | {"uniqueid": UNIQUEID, "linkedid": UNIQUEID} for leg in legs]
    named = cdr(500, sequence=4, userfield="/var/spool/asterisk/monitor/named.wav")
    write(tmp_path, [*legs, named, cdr(900, sequence=5)])
    touch(tmp_path / "monitor", f"a-20261102-090001-{UNIQUEID}.wav", f"b-20261102-090210-{UNIQUEID}.wav", "named.wav", "nobodys.wav")
    for name, seconds in (("named", 505), ("nobodys", 700)):
        at = (START + timedelta(seconds=seconds)).timestamp()
        os.utime(tmp_path / f"monitor/{name}.wav", (at, at))
    return serving(tmp_path, recordings_folder=str(tmp_path / "monitor"))


async def test_each_sound_is_of_the_record_during_which_it_began(pbx: BoundProvider) -> None:
    found = await walk([pbx], size=9)
    loaders = DataLoaders()
    sounds = {call.refs["recordings"]: await follow(pbx, call, "recordings", NOTHING, loaders) for call in found}
    assert {key[-1]: [sound.file_name[:5] for sound in each] for key, each in sounds.items()} == {
        "1": ["a-202"],
        "2": [],
        "3": ["b-202"],
        "4": ["named"],
        "5": [],
    }
    await pbx.provider.upstream.aclose()


async def test_a_sound_leads_to_its_call_and_its_conversation(pbx: BoundProvider) -> None:
    select = Selection.of("nodes.call", "nodes.session")
    found, loaders = await walk([pbx], Recording, size=9, select=select), DataLoaders()
    assert [sound.file_name[:5] for sound in found] == ["nobod", "named", "b-202", "a-202"]
    calls = [await follow(pbx, sound, "call", NOTHING, loaders) for sound in found]
    assert [call and call.native_id[-1] for call in calls] == [None, "4", "3", "1"]
    sessions = [await follow(pbx, sound, "session", Selection.of("calls"), loaders) for sound in found]
    assert [session and session.native_id for session in sessions] == [None, f"{int(START.timestamp()) + 500}.4", UNIQUEID, UNIQUEID]
    whole = await follow(pbx, sessions[3], "recordings", NOTHING, loaders)
    assert sorted(sound.file_name[0] for sound in whole) == ["a", "b"]
    await pbx.provider.upstream.aclose()


async def test_records_are_not_read_for_sounds_whose_calls_nobody_wants(pbx: BoundProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = pbx.provider
    monkeypatch.setattr(provider, "_finder", None)
    assert len(await walk([pbx], Recording, size=9)) == 4
    await provider.upstream.aclose()


async def test_without_a_folder_nothing_is_told_of_recordings(tmp_path: Path) -> None:
    write(tmp_path, [cdr()])
    of = serving(tmp_path)
    (call,) = await walk([of], size=9)
    assert isinstance(call, Call)
    assert await follow(of, call, "recordings", NOTHING, DataLoaders()) is None
    with pytest.raises(Unsupported, match="set `recordings_folder`"):
        await of.answer("recordings_by_id", GetRequest(keys=["a.wav"]))
    with pytest.raises(NotFound):
        await of.answer("sound", "a.wav")
    await of.provider.upstream.aclose()


def test_times_are_moments(tmp_path: Path) -> None:
    touch(tmp_path, "x-20261025-023000.wav")
    (found,) = Recordings(Folder(tmp_path), ZURICH).slice(None, None, True, 9)
    assert found.at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert found.size == 1644
