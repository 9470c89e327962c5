"""Media: links to files that work for whoever has them, in parts and whole, and only here."""

import io
import wave
from collections.abc import Iterator

import pytest

from tests.endtoend.conftest import Make
from tests.endtoend.ground_truth.voximplant import removed
from tests.endtoend.kinds import KINDS
from tests.endtoend.list_walks import listed
from tests.endtoend.world import Row, World

FILE = "media { url mimeType sizeBytes fileName expiresAt }"
# Sessions of the documents' examples, whose files are on a host that is not there.
DOCUMENTED = ("14.", "15.")
KEEPERS = [
    ("portsip", "Recording"),
    ("portsip", "Voicemessage"),
    ("voipstudio", "Recording"),
    ("voipstudio", "Voicemessage"),
    ("voximplant", "Recording"),
]


def files(world: World, plugin: str, kind: str) -> list[Row]:
    nodes = listed(world, KINDS[kind], {"providers": [plugin]}, f"durationSeconds {FILE}")
    return [node for node in nodes if node["media"]]


@pytest.fixture(scope="module", params=KEEPERS, ids="-".join)
def kept(shared: World, request: pytest.FixtureRequest) -> tuple[World, Row, bytes]:
    """A file of each provider that has any, and all its bytes."""
    node = files(shared, *request.param)[1]
    answer = shared.fetch(node["media"]["url"])
    assert answer.status_code == 200
    return shared, node, answer.content


def test_the_whole_file_is_as_long_as_was_said(kept: tuple[World, Row, bytes]) -> None:
    world, node, content = kept
    media = node["media"]
    assert media["sizeBytes"] in (None, len(content))
    assert "127.0.0.1" not in media["url"]
    answer = world.fetch(media["url"])
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-type"] == media["mimeType"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "no-store" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ("bytes=0-0", slice(0, 1)),
        ("bytes=0-9", slice(0, 10)),
        ("bytes=7-", slice(7, None)),
        ("bytes=-5", slice(-5, None)),
        ("bytes=3-99999999", slice(3, None)),
    ],
)
def test_a_range_is_that_part(kept: tuple[World, Row, bytes], given: str, part: slice) -> None:
    world, node, content = kept
    answer = world.fetch(node["media"]["url"], range=given)
    assert answer.status_code == 206
    assert answer.content == content[part]
    first = range(len(content))[part][0]
    assert answer.headers["content-range"] == f"bytes {first}-{first + len(answer.content) - 1}/{len(content)}"
    assert answer.headers["content-length"] == str(len(answer.content))


def test_parts_put_together_are_the_whole(kept: tuple[World, Row, bytes]) -> None:
    world, node, content = kept
    step = len(content) // 3 + 1
    starts = range(0, len(content), step)
    assert b"".join(world.fetch(node["media"]["url"], range=f"bytes={at}-{at + step - 1}").content for at in starts) == content


@pytest.mark.parametrize("given", ["bytes=99999999-", "bytes=99999999-999999999"])
def test_a_range_behind_the_end_is_416(kept: tuple[World, Row, bytes], given: str) -> None:
    world, node, content = kept
    answer = world.fetch(node["media"]["url"], range=given)
    assert (answer.status_code, answer.content) == (416, b"")
    assert answer.headers["content-range"] == f"bytes */{len(content)}"


@pytest.mark.parametrize("given", ["bytes=5-2", "bytes=", "chapters=1-2", "bytes=0-1,4-5", "bytes=a-b"])
def test_a_range_that_says_nothing_gives_the_whole(kept: tuple[World, Row, bytes], given: str) -> None:
    world, node, content = kept
    answer = world.fetch(node["media"]["url"], range=given)
    assert (answer.status_code, answer.content) == (200, content)


def test_head_tells_the_same_without_the_bytes(kept: tuple[World, Row, bytes]) -> None:
    world, node, content = kept
    url = node["media"]["url"]
    head, whole = world.fetch(url, "HEAD"), world.fetch(url)
    assert (head.status_code, head.content) == (200, b"")
    same = ("content-type", "accept-ranges", "content-disposition", "cache-control")
    assert [head.headers.get(name) for name in same] == [whole.headers.get(name) for name in same]
    assert head.headers["content-length"] == str(len(content))


def test_recordings_of_portsip_are_sound_of_their_length(shared: World) -> None:
    for node in files(shared, "portsip", "Recording")[:5]:
        with wave.open(io.BytesIO(shared.fetch(node["media"]["url"]).content)) as sound:
            assert round(sound.getnframes() / sound.getframerate()) == node["durationSeconds"]


def test_every_file_of_voximplant_opens_secure_ones_too(shared: World) -> None:
    """Some are in secure storage, which wants the account's token."""
    secure = {
        row["record_url"].rpartition("/")[2] for row in shared.upstreams["voximplant"].rows("recordings") if "-secure/" in row["record_url"]
    }
    nodes = [node for node in files(shared, "voximplant", "Recording") if not node["nativeId"].startswith(DOCUMENTED)]
    assert len(secure) >= 2
    for node in nodes:
        answer = shared.fetch(node["media"]["url"], range="bytes=0-3")
        assert answer.status_code == 206, node
        assert answer.content[:2] == b"\xff\xf3"


def test_a_removed_file_of_voximplant_has_no_link(shared: World) -> None:
    nodes = listed(shared, KINDS["Recording"], {"providers": ["voximplant"]}, "isRemoved media { url } transcription { media { url } }")
    rows = shared.upstreams["voximplant"].rows("recordings")
    gone = {f"{row['call_session_history_id']}.{row['record_id']}" for row in rows if removed(row)}
    assert {node["nativeId"] for node in nodes if node["isRemoved"]} == gone
    assert {node["nativeId"] for node in nodes if node["media"] is None} == gone
    assert len(gone) >= 2
    assert not any(node["transcription"] and node["transcription"]["media"] for node in nodes if node["isRemoved"])


def test_logs_and_transcriptions_of_voximplant(shared: World) -> None:
    sessions = listed(shared, KINDS["Session"], {"providers": ["voximplant"]}, "log { url mimeType }")
    rows = {str(row["call_session_history_id"]): row for row in shared.upstreams["voximplant"].rows("sessions")}
    assert {node["nativeId"] for node in sessions if node["log"]} == {key for key, row in rows.items() if "log_file_url" in row}
    ours = [node for node in sessions if node["log"] and "127.0.0.1" in rows[node["nativeId"]]["log_file_url"]]
    assert shared.fetch(ours[0]["log"]["url"]).text.endswith(f"[session {ours[0]['nativeId']}] AppEvents.Started\n")
    transcribed = listed(shared, KINDS["Recording"], {"providers": ["voximplant"]}, "transcription { status media { url } }")
    complete = [node for node in transcribed if node["transcription"] and node["transcription"]["media"]]
    assert {node["transcription"]["status"] for node in complete} == {"COMPLETE"}
    for node in complete:
        assert shared.fetch(node["transcription"]["media"]["url"]).text.startswith("Left [00:01]")


def test_a_file_on_a_foreign_host_is_not_fetched(shared: World) -> None:
    """The examples of the documents name files on 1.2.3.4: that is not the provider's host."""
    nodes = {node["nativeId"]: node for node in files(shared, "voximplant", "Recording")}
    answer = shared.fetch(nodes["14.call-15"]["media"]["url"])
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "FORBIDDEN"
    words = "the file is kept on http://1.2.3.4, which is not a host of this provider; add it to `file_hosts` if you trust it"
    assert answer.json()["error"]["message"] == words


@pytest.fixture(scope="module")
def other(make: Make) -> Iterator[World]:
    """Another gateway, with a key of its own."""
    return make(["voipstudio"], records=20)


def test_a_link_of_another_gateway_is_refused(shared: World, other: World) -> None:
    link = files(other, "voipstudio", "Recording")[0]["media"]["url"]
    assert other.fetch(link).status_code == 200
    answer = shared.fetch(link)
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "BAD_TOKEN"


def test_a_link_that_was_changed_is_refused(shared: World) -> None:
    still = files(shared, "voipstudio", "Recording")[0]["media"]["url"]
    shared.forget()
    for changed in (
        still[:-1] + ("A" if still[-1] != "A" else "B"),
        still.replace("/media/", "/media/x"),
        still + "x",
        still[: len(still) // 2],
    ):
        assert shared.fetch(changed).status_code == 403
    assert shared.upstreams["voipstudio"].journal() == []


@pytest.mark.parametrize(
    ("fault", "status"), [({"mode": "status", "status": 404}, 404), ({"mode": "drop"}, 502), ({"mode": "status", "status": 500}, 502)]
)
def test_a_file_that_does_not_come_is_told_with_a_status(other: World, fault: Row, status: int) -> None:
    link = files(other, "voipstudio", "Recording")[0]["media"]["url"]
    other.upstreams["voipstudio"].misbehave(**fault)
    answer = other.fetch(link)
    other.upstreams["voipstudio"].behave()
    assert answer.status_code == status
    assert set(answer.json()["error"]) >= {"code", "message", "provider"}
    assert other.fetch(link).status_code == 200
