"""VoIPstudio: commands, as they change the sandbox's records, and files, byte by byte."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from telegraphql.gateway.errors import BadAnswer, Forbidden, NotFound, Unavailable
from telegraphql.gateway.plugin.capabilities import declared
from telegraphql.gateway.plugin.provider import CommandRequest, CommandResult, Provider
from telegraphql.plugins.voipstudio import Voipstudio
from telegraphql.plugins.voipstudio.sandbox import examples, files
from telegraphql.plugins.voipstudio.sandbox.rules import ListRules
from telegraphql.schema.enums import DeletableKind, DictionaryKind
from tests.plugins.conftest import Served

FILES = {
    "Call.trace": ("calls", "/cdrs/{id}.trace"),
    "Call.capture": ("calls", "/cdrs/{id}.pcap"),
    "Recording.media": ("recordings", "/monitors/{id}.mp3"),
    "Voicemessage.media": ("voicemessages", "/voicemessages/{id}.mp3"),
    "MediaSession.trace": ("mediaSessions", "/msdrs/{id}.trace"),
    "MediaSession.capture": ("mediaSessions", "/msdrs/{id}.pcap"),
}


@pytest.fixture
def fresh(serve: Callable[..., Served]) -> Served:
    """A sandbox that may be changed."""
    return serve(Voipstudio)


async def does(provider: Provider, name: str, ids: list[str] | None = None, **arguments: Any) -> CommandResult:
    command = declared(type(provider)).commands[name]
    outcome: CommandResult = await getattr(provider, command.method)(CommandRequest(ids=ids or [], arguments=arguments))
    return outcome


def ids(served: Served, kind: str) -> list[str]:
    return [str(row["id"]) for row in served.truth(kind)]


@pytest.mark.parametrize(
    ("name", "kind", "path"),
    [
        ("deleteRecordings", "recordings", "/monitors"),
        ("deleteVoicemessages", "voicemessages", "/voicemessages"),
        ("deleteChatMessages", "chatMessages", "/chatmsgs"),
    ],
)
async def test_deleting_is_one_request(fresh: Served, connect: Callable[..., Provider], name: str, kind: str, path: str) -> None:
    before = ids(fresh, kind)
    outcome = await does(connect(fresh), name, before[:3])
    assert (outcome.done, outcome.failed) == (before[:3], {})
    assert ids(fresh, kind) == before[3:]
    assert [(row["operation"], row["path"].rpartition("/")[2]) for row in fresh.journal()] == [
        (f"DELETE {path}/{{ids}}", ",".join(before[:3]))
    ]


async def test_one_unknown_id_costs_only_itself(fresh: Served, connect: Callable[..., Provider]) -> None:
    known = ids(fresh, "recordings")[:3]
    outcome = await does(connect(fresh), "deleteRecordings", [known[0], "123456789", known[1], "967", "../cdrs", known[2]])
    assert outcome.done == known
    assert {key: type(error) for key, error in outcome.failed.items()} == {"../cdrs": NotFound, "123456789": NotFound, "967": Forbidden}
    assert not {*known} & {*ids(fresh, "recordings")}
    assert len(fresh.journal()) == 6


async def test_one_unknown_id_alone_is_asked_once(fresh: Served, connect: Callable[..., Provider]) -> None:
    outcome = await does(connect(fresh), "deleteRecordings", ["123456789"])
    assert (outcome.done, [*outcome.failed], len(fresh.journal())) == ([], ["123456789"], 1)


async def test_a_failure_that_is_of_no_id_is_raised_and_nothing_repeated(fresh: Served, connect: Callable[..., Provider]) -> None:
    fresh.fault(status=503)
    with pytest.raises(Unavailable):
        await does(connect(fresh), "deleteRecordings", ids(fresh, "recordings")[:3])
    assert len(fresh.journal()) == 1


async def test_moving_voicemessages_changes_their_folder(fresh: Served, connect: Callable[..., Provider]) -> None:
    rows = fresh.truth("voicemessages")[-2:]
    outcome = await does(connect(fresh), "moveVoicemessages", [str(row["id"]) for row in rows], folder="Old")
    assert outcome.done == [str(row["id"]) for row in rows]
    assert {(record.native_id, record.folder) for record in outcome.records} == {(str(row["id"]), "Old") for row in rows}
    assert [row["folder"] for row in rows] == ["Old", "Old"]


async def test_updating_calls_sends_each_its_own_attributes(fresh: Served, connect: Callable[..., Provider]) -> None:
    one, two = fresh.truth("calls")[-2:]
    changes = {str(one["id"]): {"info": "first"}, str(two["id"]): {"native": {"info": "second", "id": 7762}}}
    outcome = await does(connect(fresh), "updateCalls", [*changes], changes=changes)
    assert (outcome.done, outcome.failed) == ([*changes], {})
    assert {record.native_id for record in outcome.records} == {*changes}
    assert (one["info"], two["info"], fresh.truth("calls")[0]["info"]) == ("first", "second", "value")


async def test_an_update_that_is_refused_spoils_no_other(fresh: Served, connect: Callable[..., Provider]) -> None:
    one, two, three = fresh.truth("calls")[-3:]
    changes = {str(one["id"]): {"info": "first"}, str(two["id"]): {"native": {"charge": 0}}, str(three["id"]): {"info": "third"}}
    outcome = await does(connect(fresh), "updateCalls", [*changes], changes=changes)
    assert outcome.done == [str(one["id"]), str(three["id"])]
    assert {key: error.problem.value for key, error in outcome.failed.items()} == {str(two["id"]): "BAD_INPUT"}
    assert (one["info"], three["info"]) == ("first", "third")


@pytest.mark.parametrize(
    ("kind", "truth", "path"),
    [
        (DeletableKind.CALLS, "calls", "/cdrs"),
        (DeletableKind.RECORDINGS, "recordings", "/monitors"),
        (DeletableKind.VOICEMESSAGES, "voicemessages", "/voicemessages"),
        (DeletableKind.CHAT_MESSAGES, "chatMessages", "/chatmsgs"),
        (DeletableKind.STATEMENTS, "statements", "/statements"),
    ],
)
async def test_deleting_all_empties_one_collection(
    fresh: Served, connect: Callable[..., Provider], kind: DeletableKind, truth: str, path: str
) -> None:
    await does(connect(fresh), "deleteAll", kind=kind)
    assert ids(fresh, truth) == []
    assert [row["operation"] for row in fresh.journal()] == [f"DELETE {path}"]
    assert all(rows for name, rows in fresh.sandbox.records.items() if name not in (truth, "notes", "trackedCalls"))


@pytest.mark.parametrize(
    ("of", "path", "first"),
    [
        (DictionaryKind.CALLS, "/cdrs/dictionaries", 9710),
        (DictionaryKind.MEDIA_SESSIONS, "/mediasessions/dictionaries", 9455),
        (DictionaryKind.MEDIA_SESSION_RECORDS, "/msdrs/dictionaries", 4894),
        (DictionaryKind.SMS, "/sms/dictionaries", 5477),
    ],
)
async def test_a_dictionary_is_what_the_upstream_says(
    provider: Provider, served: Served, of: DictionaryKind, path: str, first: int
) -> None:
    outcome = await does(provider, "dictionary", of=of)
    assert [row["id"] for row in outcome.value] == [first]
    assert [row["operation"] for row in served.journal()] == [f"GET {path}"]


@pytest.mark.parametrize("name", FILES)
async def test_a_file_is_fetched_with_credentials(provider: Provider, served: Served, fetch: Callable[..., Any], name: str) -> None:
    kind, path = FILES[name]
    row = served.truth(kind)[-1]
    download = await getattr(provider, declared(Voipstudio).files[name].method)(str(row["id"]))
    status, body, headers = await fetch(provider, download)
    assert (status, headers["content-type"].partition(";")[0]) == (200, "text/plain" if name.endswith("trace") else download.mime_type)
    assert (
        body
        == {
            "trace": lambda: files.trace(row).encode(),
            "capture": lambda: files.pcap(row),
            "media": lambda: files.mp3(row.get("size") or files.mp3_size(row["duration"])),
        }[name.partition(".")[2]]()
    )
    assert served.journal()[-1]["path"] == f"/v1.2/voipstudio{path}".replace("{id}", str(row["id"]))


@pytest.mark.parametrize("name", ["Call.trace", "MediaSession.trace"])
async def test_a_trace_may_come_as_json_but_not_as_a_page(provider: Provider, served: Served, name: str) -> None:
    sandbox: Any = served.sandbox
    row = served.truth(FILES[name][0])[-1]
    download = await getattr(provider, declared(Voipstudio).files[name].method)(str(row["id"]))
    sandbox.rules = ListRules(traces_as_json=True)
    try:
        async with provider.upstream.stream(download.request, download.mime_type) as response:
            assert json.loads(await response.aread())["data"]["id"] == row["id"]
        served.fault(mode="html")
        with pytest.raises(BadAnswer, match="something else in place of the file"):
            async with provider.upstream.stream(download.request, download.mime_type):
                pass
    finally:
        sandbox.rules = ListRules()


async def test_a_recordings_size_is_its_bytes_exactly_and_ranges_are_ignored(
    provider: Voipstudio, served: Served, fetch: Callable[..., Any]
) -> None:
    for row in served.truth("recordings")[:6]:
        status, body, headers = await fetch(provider, await provider.recording_media(str(row["id"])), "bytes=0-9")
        assert (status, len(body), "content-disposition" in headers, "accept-ranges" in headers) == (200, row["size"], False, False)


async def test_a_users_calls_are_exported_as_csv(provider: Voipstudio, served: Served, fetch: Callable[..., Any]) -> None:
    status, body, headers = await fetch(provider, await provider.user_calls("1004568"))
    wanted = [row for row in served.truth("calls") if row["user_id"] == 1_004_568]
    lines = body.decode().splitlines()
    assert (status, headers["content-type"].partition(";")[0], len(lines)) == (200, "text/csv", 1 + len(wanted))
    assert [line.partition(",")[0] for line in lines] == ["id", *(str(row["id"]) for row in wanted)]


async def test_a_file_of_an_unknown_record_is_not_found(provider: Voipstudio, fetch: Callable[..., Any]) -> None:
    with pytest.raises(NotFound):
        await fetch(provider, await provider.recording_media("123456789"))
    with pytest.raises(NotFound):
        await provider.user_calls("../me")


def test_the_seeds_calls_are_among_the_records(served: Served) -> None:
    assert [row for row in served.truth("calls") if row["id"] in {example[0] for example in examples.CDRS}] == sorted(
        examples.cdrs(), key=lambda row: str(row["calldate"])
    )
