"""A browser plays what Media.url leads to, and seeks in it, whether or not the upstream can give parts."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, Response
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from telegraphql.gateway.http.thread_server import serve_in_thread
from tests.browser.chromium import Complaints

pytestmark = [pytest.mark.slow, pytest.mark.browser]

FILES = [
    ("recordings", "voximplant", "audio/mpeg"),
    ("recordings", "voipstudio", "audio/mpeg"),
    ("recordings", "portsip", "audio/wav"),
    ("voicemessages", "voipstudio", "audio/mpeg"),
    ("voicemessages", "portsip", "audio/wav"),
]
FRONTEND = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>A frontend</title><link rel="icon" href="data:,"></head>
<body><audio controls preload="metadata"></audio></body>
</html>
"""
OPEN = """(address) => new Promise((resolve, reject) => {
  const audio = document.querySelector('audio');
  audio.addEventListener('error', () => reject(new Error(`error ${audio.error.code}: ${audio.error.message}`)), { once: true });
  audio.addEventListener('canplay', () => resolve([audio.duration, audio.seekable.end(0)]), { once: true });
  audio.src = address;
})"""
SEEK = """(seconds) => new Promise((resolve) => {
  const audio = document.querySelector('audio');
  audio.addEventListener('seeked', () => resolve(audio.currentTime), { once: true });
  audio.currentTime = seconds;
})"""
PLAY = """async () => {
  const audio = document.querySelector('audio');
  const begun = audio.currentTime;
  await audio.play();
  await new Promise((resolve) => audio.addEventListener('timeupdate', () => audio.currentTime > begun + 0.2 && resolve()));
  audio.pause();
  return audio.currentTime;
}"""
# An MP3 holds whole frames, and telephones count whole seconds.
TOLERANCE = 1.0
BYTES_PER_SECOND = 1000
Row = dict[str, Any]


@dataclass
class Player:
    """A frontend's page, at another origin than the gateway's, and what the gateway answered it."""

    page: Page
    answers: list[Response] = field(default_factory=list)

    async def open(self, address: str) -> tuple[float, float]:
        """How long it is, and how far the browser can seek."""
        duration, seekable = await self.page.evaluate(OPEN, address)
        return duration, seekable

    async def seek(self, seconds: float) -> float:
        place: float = await self.page.evaluate(SEEK, seconds)
        return place

    async def play(self) -> float:
        place: float = await self.page.evaluate(PLAY)
        return place


@pytest.fixture(scope="session")
def frontend() -> Iterator[str]:
    async def page(request: Request) -> HTMLResponse:
        return HTMLResponse(FRONTEND)

    with serve_in_thread(Starlette(routes=[Route("/", page)])) as address:
        yield address


@pytest_asyncio.fixture(loop_scope="session")
async def player(frontend: str, origin: str, visitor: BrowserContext, complaints: Complaints) -> AsyncIterator[Player]:
    complaints.origins = (origin, frontend)
    page = await visitor.new_page()
    complaints.watch(page)
    player = Player(page)
    page.on("response", lambda answer: player.answers.append(answer) if "/media/" in answer.url else None)
    await page.goto(frontend)
    yield player
    await page.close()


def longest(origin: str, kind: str, provider: str) -> Row:
    """The longest file that is as long as the upstream says, which its own examples are not."""
    query = f"""query ($providers: [String!]) {{ {kind}(first: 200, filter: {{providers: $providers}}) {{
        nodes {{ durationSeconds media {{ url mimeType sizeBytes }} }} problems {{ code }} }} }}"""
    answer = httpx.post(f"{origin}/graphql", json={"query": query, "variables": {"providers": [provider]}}, timeout=30).json()
    assert answer["data"][kind]["problems"] == []
    rows = [row for row in answer["data"][kind]["nodes"] if row["media"] and row["durationSeconds"]]
    return max((row for row in rows if is_whole(row)), key=lambda row: row["durationSeconds"])


def is_whole(row: Row) -> bool:
    size = row["media"]["sizeBytes"]
    return size is None or size > BYTES_PER_SECOND * (row["durationSeconds"] - TOLERANCE)


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize(("kind", "provider", "mime_type"), FILES)
async def test_a_file_plays_and_can_be_sought_in(player: Player, origin: str, kind: str, provider: str, mime_type: str) -> None:
    file = longest(origin, kind, provider)
    assert file["media"]["url"].startswith(f"{origin}/media/")
    assert file["media"]["mimeType"] == mime_type
    duration, seekable = await player.open(file["media"]["url"])
    assert duration == seekable == pytest.approx(file["durationSeconds"], abs=TOLERANCE)
    middle = file["durationSeconds"] / 2
    assert await player.seek(middle) == middle
    assert middle < await player.play() < middle + 5
    assert {(answer.status, answer.headers["content-type"]) for answer in player.answers} == {(206, mime_type)}


# A browser that has read ahead far enough seeks without asking, so the parts are asked for once more.
@pytest.mark.parametrize(("kind", "provider", "mime_type"), FILES)
def test_a_part_from_the_middle_is_that_part_of_the_file(origin: str, kind: str, provider: str, mime_type: str) -> None:
    address = longest(origin, kind, provider)["media"]["url"]
    whole = httpx.get(address)
    size = len(whole.content)
    assert (whole.status_code, whole.headers["accept-ranges"], whole.headers["content-length"]) == (200, "bytes", str(size))
    part = httpx.get(address, headers={"range": f"bytes={size // 2}-"})
    assert (part.status_code, part.headers["content-range"]) == (206, f"bytes {size // 2}-{size - 1}/{size}")
    assert part.content == whole.content[size // 2 :]
