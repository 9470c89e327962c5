"""Voximplant's storage: files on its hosts play with the default settings, with the account's token, and from no other host."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp.abc import ResolveResult
from aiohttp.resolver import ThreadedResolver

from telegraphql.plugins.voximplant import Voximplant
from tests.endtoend.conftest import NOW
from tests.endtoend.world import Row, World
from tests.support.self_signed_certificate import Certificate
from tests.support.tls_server import served_over_tls

STORAGE = ("storage-gw-us-01.voximplant.com", "storage-gw-ru-02.voximplant.com")
LOOPBACK = "127.0.0.1"
RECORDINGS = "{ recordings(first: 200) { nodes { nativeId media { url } } } }"


@pytest.fixture
def sandbox() -> Any:
    return Voximplant.sandbox()(records=120, now=NOW)


@contextmanager
def storage_of(sandbox: Any, certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, str | None]]]:
    """Serve the sandbox's files over TLS; all names lead to it. Yields what it was asked: the host, and the credentials."""
    asked: list[tuple[str, str | None]] = []
    served = sandbox.app()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            asked.append((headers[b"host"].decode(), headers.get(b"authorization", b"").decode().partition(" ")[0] or None))
        await served(scope, receive, send)

    async def to_loopback(resolver: Any, host: str, *others: Any, **options: Any) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host=LOOPBACK, port=port, family=socket.AF_INET, proto=0, flags=socket.AI_NUMERICHOST)]

    with served_over_tls(app, certificate) as port:
        monkeypatch.setattr(ThreadedResolver, "resolve", to_loopback)
        yield asked


def links(world: World, sandbox: Any) -> dict[str, str]:
    """The link of each recording that has a file, by the folder it is in."""
    rows = {f"{row['call_session_history_id']}.{row['record_id']}": row for row in sandbox.records["recordings"] if "record_id" in row}
    nodes: list[Row] = world.ask(RECORDINGS)["recordings"]["nodes"]
    return {
        rows[each["nativeId"]]["record_url"].split("/")[3]: each["media"]["url"]
        for each in nodes
        if each["media"] and each["nativeId"] in rows
    }


@pytest.mark.parametrize("host", STORAGE)
def test_a_recording_plays_with_default_settings_from_the_storage(
    make: Any, sandbox: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    certificate = Certificate.made(tmp_path, host)
    world = make(simulated={"voximplant": sandbox}, tables={"voximplant": {"ca_file": str(certificate.path)}})
    sandbox.move_files(f"https://{host}")
    with storage_of(sandbox, certificate, monkeypatch) as asked:
        found = links(world, sandbox)
        assert set(found) == {"records", "voxdata-us-acme-rec-secure", "voximplant-records-secure"}
        for url in found.values():
            answer = world.fetch(url)
            assert (answer.status_code, answer.content[:2]) == (200, b"\xff\xf3")
        assert asked == [(host, "Bearer")] * 3


@pytest.mark.parametrize(
    "origin",
    [
        "http://storage-gw-us-01.voximplant.com",
        "https://storage-gw-us-01.voximplant.com:8443",
        "https://storage-gw-us.voximplant.com",
        "https://storage-gw-us-01.voximplant.com.evil.example",
        "https://evil.example",
        "https://voximplant.com",
    ],
)
def test_no_other_host_is_asked_or_sent_a_token(
    make: Any, sandbox: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, origin: str
) -> None:
    certificate = Certificate.made(tmp_path, "evil.example")
    world = make(simulated={"voximplant": sandbox}, tables={"voximplant": {"ca_file": str(certificate.path)}})
    sandbox.move_files(origin)
    with storage_of(sandbox, certificate, monkeypatch) as asked:
        answer = world.fetch(links(world, sandbox)["records"])
        words = f"the file is kept on {origin}, which is not a host of this provider; add it to `file_hosts` if you trust it"
        assert (answer.status_code, answer.json()["error"]["message"], asked) == (403, words, [])
