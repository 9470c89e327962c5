"""Proofs for VoIPstudio: its 34 endpoints, reading, changing and deleting."""

import csv
import struct
from collections.abc import Callable

from tests.endtoend.kinds import KINDS
from tests.endtoend.list_walks import keys, listed
from tests.endtoend.proofs import DELETE, DELETE_ALL, Proof, asking, done, gets, gone, ids, lists, node, truth
from tests.endtoend.world import Row, Upstream, World

PCAP = 0xA1B2C3D4
UPDATE = """mutation ($changes: [CallChange!]!) { updateCalls(input: {changes: $changes}) {
  succeededIds problems { code id } calls { nativeId native } } }"""
MOVE = """mutation ($ids: [ID!]!, $folder: String!) { moveVoicemessages(input: {ids: $ids, folder: $folder}) {
  succeededIds problems { code id } voicemessages { nativeId folder } } }"""
DELETE_MESSAGES = """mutation ($nativeIds: [String!]!) { deleteChatMessages(input: {provider: "voipstudio", nativeIds: $nativeIds}) {
  succeededIds problems { code id } } }"""


def tracked(world: World, upstream: Upstream) -> None:
    with asking(upstream, "GET /cdrs/calltracking"):
        found = keys(listed(world, KINDS["Call"], {"providers": [upstream.name], "isTracked": True}))
    assert found == [each.key for each in truth(world, upstream, "Call") if each.links["tracked"]]
    assert found


def notes(world: World, upstream: Upstream) -> None:
    row = next(row for row in upstream.rows("calls") if row["nb_notes"] > 1)
    wanted = [(each["text"], str(each["user_id"])) for each in upstream.rows("notes") if each["cdr_id"] == row["id"]]
    with asking(upstream, "GET /cdrs/{id}/notes", 1):
        found = node(world, "Call", ids(world, upstream, "Call")[str(row["id"])], "notes { text userId }")
    assert [(note["text"], note["userId"]) for note in found["notes"]] == wanted


def trace(kind: str, path: str, call_id: Callable[[Row], str]) -> Proof:
    """The SIP messages of this very record, as text."""

    def run(world: World, upstream: Upstream) -> None:
        row = upstream.rows(KINDS[kind].root)[-1]
        with asking(upstream, f"GET {path}/{{id}}.trace", 1):
            found = node(world, kind, ids(world, upstream, kind)[str(row["id"])], "trace")
        assert found["trace"].startswith(f"INVITE sip:{row['dst']}@")
        assert f"\r\nCall-ID: {call_id(row)}\r\n" in found["trace"]

    return Proof(f"trace of a {kind}", run)


def capture(kind: str, path: str) -> Proof:
    """The packets of this very record, byte by byte."""

    def run(world: World, upstream: Upstream) -> None:
        row = upstream.rows(KINDS[kind].root)[-1]
        found = node(world, kind, ids(world, upstream, kind)[str(row["id"])], "capture { url mimeType }")
        with asking(upstream, f"GET {path}/{{id}}.pcap", 1):
            content = world.fetch(found["capture"]["url"]).content
        magic, major, minor, _, _, _, link = struct.unpack("<IHHiIII", content[:24])
        _, _, saved, length = struct.unpack("<IIII", content[24:40])
        assert (magic, major, minor, link) == (PCAP, 2, 4, 1)
        assert saved == length == len(content) - 40
        assert f"INVITE sip:{row['dst']}@".encode() in content

    return Proof(f"capture of a {kind}", run)


def sound(kind: str, path: str, size: Callable[[Row], int]) -> Proof:
    """The MP3, of the length the upstream says."""

    def run(world: World, upstream: Upstream) -> None:
        row = upstream.rows(KINDS[kind].root)[-1]
        found = node(world, kind, ids(world, upstream, kind)[str(row["id"])], "media { url mimeType sizeBytes fileName }")
        with asking(upstream, f"GET {path}/{{id}}.mp3", 1):
            answer = world.fetch(found["media"]["url"])
        assert answer.headers["content-type"] == found["media"]["mimeType"] == "audio/mpeg"
        assert len(answer.content) == size(row)
        assert found["media"]["sizeBytes"] in (None, size(row))
        assert answer.content[:3] == b"ID3" or answer.content[0] == 0xFF
        assert str(row["id"]) in answer.headers["content-disposition"]

    return Proof(f"sound of a {kind}", run)


def dictionary(kind: str, path: str, field: str) -> Proof:
    def run(world: World, upstream: Upstream) -> None:
        with asking(upstream, f"GET {path}/dictionaries", 1):
            found = world.ask(f'{{ dictionary(provider: "voipstudio", of: {kind}) }}')["dictionary"]
        assert len(found) == 1
        assert field in found[0]

    return Proof(f"dictionary of {kind}", run)


def export(world: World, upstream: Upstream) -> None:
    user = "1004567"
    document = f'mutation {{ exportUserCalls(input: {{provider: "voipstudio", userId: "{user}"}}) {{ media {{ url }} }} }}'
    link = world.ask(document)["exportUserCalls"]["media"]
    with asking(upstream, "GET /users/{id}/cdrs.csv", 1):
        answer = world.fetch(link["url"])
    assert answer.headers["content-type"].startswith("text/csv")
    found = {row["id"] for row in csv.DictReader(answer.text.splitlines())}
    assert found == {each.native_id for each in truth(world, upstream, "Call") if each.shown["userId"] == user}
    assert found


def update_calls(world: World, upstream: Upstream) -> None:
    before, known = upstream.rows("calls"), ids(world, upstream, "Call")
    chosen = {str(row["id"]): {"info": f"seen {row['id']}", "labels": ["done"]} for row in before[9:12]}
    with asking(upstream, "PATCH /cdrs", 1):
        made = done(world, UPDATE, changes=[{"id": known[native], **given} for native, given in chosen.items()])
    assert made["succeededIds"] == [known[native] for native in chosen]
    assert {call["nativeId"]: call["native"]["info"] for call in made["calls"]} == {
        native: given["info"] for native, given in chosen.items()
    }
    assert upstream.rows("calls") == [row | chosen.get(str(row["id"]), {}) for row in before]


def move(world: World, upstream: Upstream) -> None:
    before, known = upstream.rows("voicemessages"), ids(world, upstream, "Voicemessage")
    chosen = [str(row["id"]) for row in before[2:5]]
    with asking(upstream, "PATCH /voicemessages", 1):
        made = done(world, MOVE, ids=[known[native] for native in chosen], folder="archive")
    assert made["succeededIds"] == [known[native] for native in chosen]
    assert made["voicemessages"] == [{"nativeId": native, "folder": "archive"} for native in chosen]
    assert upstream.rows("voicemessages") == [row | ({"folder": "archive"} if str(row["id"]) in chosen else {}) for row in before]
    assert ids(world, upstream, "Voicemessage", {"folder": ["archive"]}).keys() == set(chosen)


def deletes(kind: str, command: str, path: str) -> Proof:
    """Those named are gone with one request; nothing else is."""

    def run(world: World, upstream: Upstream) -> None:
        root = KINDS[kind].root
        before, known = upstream.rows(root), ids(world, upstream, kind)
        chosen = [str(row["id"]) for row in before[3:6]]
        with asking(upstream, f"DELETE {path}/{{ids}}", 1):
            made = done(world, DELETE % command, ids=[known[native] for native in chosen])
        assert made["succeededIds"] == [known[native] for native in chosen]
        gone(before, upstream.rows(root), *chosen)
        assert set(ids(world, upstream, kind)) == known.keys() - set(chosen)

    return Proof(command, run, changes=True)


def delete_messages(world: World, upstream: Upstream) -> None:
    before = upstream.rows("chatMessages")
    chosen = [str(row["id"]) for row in before[:2]]
    with asking(upstream, "DELETE /chatmsgs/{ids}", 1):
        made = done(world, DELETE_MESSAGES, nativeIds=chosen)
    assert made["succeededIds"] == chosen
    gone(before, upstream.rows("chatMessages"), *chosen)


def empties(kind: str, root: str, path: str) -> Proof:
    """All of one kind are gone, and nothing of the others."""

    def run(world: World, upstream: Upstream) -> None:
        others = [
            each for each in ("calls", "recordings", "voicemessages", "chatMessages", "statements", "chats", "transactions") if each != root
        ]
        before = {each: upstream.rows(each) for each in others}
        assert upstream.rows(root)
        with asking(upstream, f"DELETE {path}", 1):
            done(world, DELETE_ALL, provider="voipstudio", kind=kind)
        assert upstream.rows(root) == []
        assert {each: upstream.rows(each) for each in others} == before

    return Proof(f"deleteAll of {kind}", run, changes=True)


def mp3_size(row: Row) -> int:
    """At 8 kbit/s in frames of 36 ms and 36 bytes."""
    return max(1, round(row["duration"] * 1000 / 36)) * 36


PROOFS: dict[str, list[Proof]] = {
    "GET /chats": [lists("Chat", "GET /chats")],
    "GET /chats/{id}": [gets("Chat", "GET /chats/{id}")],
    "DELETE /chatmsgs/{ids}": [Proof("deleteChatMessages", delete_messages, changes=True)],
    "DELETE /chatmsgs": [empties("CHAT_MESSAGES", "chatMessages", "/chatmsgs")],
    "GET /cdrs": [lists("Call", "GET /cdrs")],
    "PATCH /cdrs": [Proof("updateCalls", update_calls, changes=True)],
    "DELETE /cdrs": [empties("CALLS", "calls", "/cdrs")],
    "GET /cdrs/{id}.trace": [trace("Call", "/cdrs", lambda row: f"{row['live_id']}@sip.example.com")],
    "GET /cdrs/{id}.pcap": [capture("Call", "/cdrs")],
    "GET /cdrs/calltracking": [Proof("tracked calls", tracked)],
    "GET /cdrs/{id}": [gets("Call", "GET /cdrs/{id}")],
    "GET /cdrs/dictionaries": [dictionary("CALLS", "/cdrs", "calldate")],
    "GET /cdrs/{id}/notes": [Proof("notes", notes)],
    "GET /monitors/{id}.mp3": [sound("Recording", "/monitors", lambda row: int(row["size"]))],
    "GET /monitors": [lists("Recording", "GET /monitors")],
    "DELETE /monitors": [empties("RECORDINGS", "recordings", "/monitors")],
    "GET /monitors/{id}": [gets("Recording", "GET /monitors/{id}")],
    "DELETE /monitors/{ids}": [deletes("Recording", "deleteRecordings", "/monitors")],
    "GET /msdrs/{id}.trace": [trace("MediaSession", "/msdrs", lambda row: f"{row['media_session_id']}@sip.example.com")],
    "GET /msdrs/{id}.pcap": [capture("MediaSession", "/msdrs")],
    "GET /msdrs": [lists("MediaSession", "GET /msdrs")],
    "GET /msdrs/{id}": [gets("MediaSession", "GET /msdrs/{id}")],
    "GET /msdrs/dictionaries": [dictionary("MEDIA_SESSION_RECORDS", "/msdrs", "media_session_id")],
    "DELETE /statements": [empties("STATEMENTS", "statements", "/statements")],
    "GET /voicemessages/{id}.mp3": [sound("Voicemessage", "/voicemessages", mp3_size)],
    "GET /voicemessages": [lists("Voicemessage", "GET /voicemessages")],
    "PATCH /voicemessages": [Proof("moveVoicemessages", move, changes=True)],
    "DELETE /voicemessages": [empties("VOICEMESSAGES", "voicemessages", "/voicemessages")],
    "GET /voicemessages/{id}": [gets("Voicemessage", "GET /voicemessages/{id}")],
    "DELETE /voicemessages/{ids}": [deletes("Voicemessage", "deleteVoicemessages", "/voicemessages")],
    "GET /sms/dictionaries": [dictionary("SMS", "/sms", "message")],
    "GET /calltracking/cdrs": [lists("TrackingNumber", "GET /calltracking/cdrs")],
    "GET /users/{id}/cdrs.csv": [Proof("exportUserCalls", export)],
    "GET /mediasessions/dictionaries": [dictionary("MEDIA_SESSIONS", "/mediasessions", "updated_at")],
}
