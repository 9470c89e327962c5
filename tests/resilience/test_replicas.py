"""Replicas come and go behind nginx, under load: every record comes once, every file whole, and every call that ends is told."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from telegraphql.gateway.graphql.validation.limits import Limits
from tests.endtoend.ground_truth import order, truths
from tests.endtoend.world import simulate
from tests.gateway.cluster.redis_server import house
from tests.resilience.processes import PATIENCE, graphql, until
from tests.resilience.replicas import DRAIN, KILL, Replica, Scene, answers, replicated
from tests.resilience.retrying_clients import Follower, Key, Progress, Walker, download, key

pytestmark = pytest.mark.slow
RECORDS, DOWNLOADS = 40, 9
SIZES = (7, 60)
ORDERS = ("NEWEST_FIRST", "OLDEST_FIRST")
LINKS = """{ recordings(first: 1, filter: {providers: ["voipstudio"]}) { nodes { media { url } } } }"""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("replicas")
    with (
        house() as redis,
        replicated(simulate(records=RECORDS), folder, cluster={"redis_url": redis.url, "replicas": 3, "leader_lease": "1s"}) as made,
    ):
        yield made


def true_calls(scene: Scene) -> list[Key]:
    """All calls of all upstreams, in the order of the list."""
    return [truth.key for truth in order(each for upstream in scene.upstreams.values() for each in truths(upstream, "Call"))]


async def link(client: httpx.AsyncClient) -> str:
    """A link to a recording."""
    found: str = (await client.post("/graphql", json=graphql(LINKS))).json()["data"]["recordings"]["nodes"][0]["media"]["url"]
    return found


async def test_cursors_and_links_of_one_replica_work_at_the_others(scene: Scene) -> None:
    async def asked(replica: Replica, cursor: str | None, url: str | None) -> tuple[Any, str, bytes]:
        async with httpx.AsyncClient(base_url=replica.url, timeout=PATIENCE) as client:
            page = await Walker(client, Progress(), 20, "NEWEST_FIRST").page(cursor)
            url = url or await link(client)
            return page, url, (await client.get(url)).raise_for_status().content

    first, url, sound = await asked(scene.replicas[0], None, None)
    found = [await asked(replica, first["pageInfo"]["endCursor"], url) for replica in scene.replicas]
    assert [key(node["id"]) for node in found[0][0]["nodes"]] == true_calls(scene)[20:40]
    assert [page for page, _, _ in found] == [found[0][0]] * 3
    assert [bytes for _, _, bytes in found] == [sound] * 3


async def test_a_message_that_is_much_too_long_is_not_read(scene: Scene) -> None:
    address = f"{scene.replicas[0].url.replace('http', 'ws')}/graphql"
    async with connect(address, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
        with suppress(ConnectionClosed):
            await socket.send(" " * (2 * Limits().body_bytes + 1))
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(socket.recv(), PATIENCE)
    assert socket.close_code == 1009
    assert "limits.body_bytes" not in (socket.close_reason or "")


class Story:
    """What happens while clients are busy."""

    def __init__(self, scene: Scene, client: httpx.AsyncClient) -> None:
        self.scene, self.client = scene, client
        self.progress = Progress()
        self.truth = true_calls(scene)
        self.added: set[Key] = set()
        self.others: set[Key] = set()
        since = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
        self.followers = [Follower(scene.url, self.progress, since) for _ in range(2)]

    def check(self, found: list[Key], newest: bool) -> None:
        """Every record that was there from the beginning came once, at its place; of the others none came twice."""
        assert len(found) == len(set(found))
        known = set(self.truth)
        assert [each for each in found if each in known] == (self.truth if newest else self.truth[::-1])
        self.others |= set(found) - known

    @asynccontextmanager
    async def busy(self) -> AsyncIterator[None]:
        """Walkers of all sizes and orders, and two who follow; the walkers end their last walk at the end."""
        async with asyncio.TaskGroup() as group:
            for size in SIZES:
                for order in ORDERS:
                    walker = Walker(self.client, self.progress, size, order)
                    group.create_task(walker.walks(lambda found, newest=order == ORDERS[0]: self.check(found, newest)))
            by_socket, by_events = self.followers
            following = [group.create_task(by_socket.follow(by_socket.socket)), group.create_task(by_events.follow(by_events.events))]
            yield
            for follower in self.followers:
                await follower.has(self.added)
            for task in following:
                task.cancel()
            self.progress.over = True

    async def add(self) -> None:
        """A call more at one upstream, which has ended."""
        boxis = self.scene.upstreams["boxis"]
        await asyncio.to_thread(boxis.add, "calls")
        self.added = {truth.key for truth in await asyncio.to_thread(truths, boxis, "Call")} - set(self.truth)

    @asynccontextmanager
    async def downloading(self, url: str, sound: bytes) -> AsyncIterator[None]:
        """Downloads from different bytes on, all of them half done; they are let go and compared at the end."""
        gate = self.scene.gates["voipstudio"]
        gate.is_open.clear()
        self.progress.begun = 0
        begins = [number * 100 for number in range(DOWNLOADS)]
        tasks = [asyncio.create_task(download(self.client, url, self.progress, begin)) for begin in begins]
        await asyncio.to_thread(until, lambda: self.progress.begun == DOWNLOADS)
        yield
        gate.is_open.set()
        assert await asyncio.gather(*tasks) == [sound[begin:] for begin in begins]


async def test_nothing_is_lost_or_doubled_while_replicas_are_killed_and_drained(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=scene.url, timeout=PATIENCE, limits=limits) as client:
        story, url = Story(scene, client), await link(client)
        sound = (await client.get(url)).content
        progress = story.progress
        async with story.busy():
            await progress.more(20)
            await asyncio.to_thread(until, lambda: sum(replica.followers for replica in scene.replicas) == len(story.followers))
            *_, drained, killed = sorted(scene.replicas, key=lambda replica: replica.followers)
            async with story.downloading(url, sound):
                await asyncio.to_thread(killed.end, KILL)
                killed.start()
            assert progress.resumed > 0
            await story.add()
            await progress.more(20)
            await asyncio.to_thread(killed.wait)
            resumed = progress.resumed
            async with story.downloading(url, sound):
                drained.process.send_signal(DRAIN)
                await asyncio.to_thread(until, lambda: not answers(drained.url))
                await story.add()
            assert progress.resumed == resumed
            assert await asyncio.to_thread(drained.process.wait, PATIENCE) == 0
            drained.start()
            await asyncio.to_thread(drained.wait)
            await story.add()
            await progress.more(20)
    told(story, capsys)
    assert story.others <= story.added
    assert len(story.added) == 3
    assert progress.reconnected > 0
    assert url.rpartition("/")[2] not in scene.said()


def told(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    """What a walk should give and gave, for those who look."""
    progress = story.progress
    with capsys.disabled():
        print(
            f"\n{progress.walks} walks of {len(story.truth)} records: {progress.walks * len(story.truth)} rows expected, "
            f"{progress.rows} got, of which were added meanwhile {progress.rows - progress.walks * len(story.truth)}; "
            f"{progress.repeated} of {progress.pages + progress.repeated} pages were asked for again, "
            f"{progress.resumed} of {2 * DOWNLOADS} downloads resumed, {progress.reconnected} times connected anew"
        )
