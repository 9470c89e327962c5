"""Files as fields of records: a link, or a text read to its end."""

import httpx

from telegraphql.schema.record import FileInfo
from tests.gateway.media.test_streaming import LINKS, SOUND, Chunks, Filing
from tests.support.graphql_client import ask, data
from tests.support.memory_provider import Store, serving
from tests.support.records import call, recording

TRACE = "{ calls { nodes { nativeId trace capture { url } } } }"


async def test_a_text_is_read_to_its_end_through_graphql() -> None:
    served = serving(
        "a", Filing, Store([call(1, 1, files={"trace": FileInfo()}), call(0, 0)]), lambda _: httpx.Response(200, text="INVITE ü")
    )
    found = await data([served], TRACE)
    assert found["calls"]["nodes"] == [
        {"nativeId": "1", "trace": "INVITE ü", "capture": None},
        {"nativeId": "0", "trace": None, "capture": None},
    ]


async def test_a_text_that_fails_or_is_too_long_spoils_only_itself() -> None:
    for handler, code in (
        (lambda _: httpx.Response(404), "NOT_FOUND"),
        (lambda _: httpx.Response(200, stream=Chunks(5, bytes(1024 * 1024))), "BAD_ANSWER"),
    ):
        answer = await ask([serving("a", Filing, Store([call(1, 1, files={"trace": FileInfo()})]), handler)], TRACE)
        assert answer.data == {"calls": {"nodes": [{"nativeId": "1", "trace": None, "capture": None}]}}
        assert answer.errors is None
        (problem,) = (answer.extensions or {})["problems"]
        assert (problem["path"], problem["code"], problem["field"]) == (["calls", "nodes", 0, "trace"], code, "trace")


async def test_media_of_a_record_is_a_link() -> None:
    sound = recording(7, 1, files={"media": FileInfo("audio/mpeg", 5, "x.mp3")})
    served = serving("a", Filing, Store([], [sound]))
    found = await data([served], "{ recordings { nodes { media { url mimeType sizeBytes fileName expiresAt } } } }")
    (node,) = found["recordings"]["nodes"]
    assert LINKS.read(node["media"]["url"].rpartition("/")[2]) == SOUND
    assert (node["media"]["mimeType"], node["media"]["sizeBytes"], node["media"]["fileName"]) == ("audio/mpeg", 5, "x.mp3")
