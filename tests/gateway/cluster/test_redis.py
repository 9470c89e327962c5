"""The line: a store that hangs, dies or refuses costs one short wait, is told once, and is used again when it is back."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from telegraphql.gateway.cluster.redis import RedisClient, RedisUnavailable
from telegraphql.gateway.cluster.shared_state import SharedState
from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.errors import SettingsError
from tests.gateway.cluster.redis_server import House, eventually, free_port, house

# What is told of the line in the log.
AWAY, BACK = "Redis does not answer (TimeoutError): this replica works alone until it does", "Redis is back"


def ping(redis: Redis) -> Awaitable[object]:
    found: Awaitable[object] = redis.ping()
    return found


async def test_one_that_hangs_is_waited_for_once_and_told_once(caplog: pytest.LogCaptureFixture) -> None:
    with house() as made:
        line = made.line(timeout="100ms")
        assert await line.execute(ping)
        made.hang()
        results = await asyncio.gather(*(line.execute(ping) for _ in range(200)), return_exceptions=True)
        assert {type(each) for each in results} == {RedisUnavailable}
        began = time.perf_counter()
        for _ in range(1000):
            with pytest.raises(RedisUnavailable):
                await line.execute(ping)
        assert time.perf_counter() - began < 0.5, "nobody waits any more"
        await eventually(lambda: AWAY in caplog.messages)
        made.go_on()
        await eventually(lambda: line.is_up)
        assert await line.execute(ping)
        assert caplog.messages == [AWAY, BACK]
        await line.aclose()


async def pipelined(redis: Redis) -> object:
    async with redis.pipeline(transaction=True) as both:
        both.incr("one")
        return await both.execute()


@pytest.mark.parametrize("is_connected", [False, True])
@pytest.mark.parametrize(
    "ask", [lambda line: line.execute(ping), lambda line: line.execute(pipelined), RedisClient.check], ids=["one", "some", "look"]
)
async def test_who_is_cancelled_ends_there_at_whatever_turn_of_the_loop(
    redis: House, ask: Callable[[RedisClient], Coroutine[Any, Any, object]], is_connected: bool
) -> None:
    line = redis.line()
    for turns in count():
        await line.execute(ping)
        if not is_connected:
            await line._redis.connection_pool.disconnect()
        asking = asyncio.create_task(ask(line))
        for _ in range(turns):
            await asyncio.sleep(0)
        if asking.done():
            break
        asking.cancel()
        await asyncio.wait([asking])
        assert asking.cancelled(), f"not after {turns} turns"
    assert turns > 3
    assert line.is_up, "a cancellation says nothing about the store"
    await line.aclose()


async def test_a_moment_of_our_own_that_is_too_long_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    with house() as made:
        line = made.line(timeout="100ms")

        async def slow(redis: Redis) -> None:
            await asyncio.sleep(1)

        with pytest.raises(RedisUnavailable):
            await line.execute(slow)
        await eventually(lambda: line.is_up)
        assert await line.execute(ping)
        assert caplog.messages == []
        await line.aclose()


async def test_a_connection_that_was_closed_meanwhile_is_noticed_before_it_is_used() -> None:
    with house() as made:
        line = made.line()
        assert await line.execute(ping)
        made.kill()
        made.start()
        await asyncio.sleep(0.02)
        assert await line.execute(ping)
        await line.aclose()


async def test_one_that_is_not_there_yet_is_used_when_it_comes(caplog: pytest.LogCaptureFixture) -> None:
    with house() as made:
        made.kill()
        line = made.line()
        with pytest.raises(RedisUnavailable):
            await line.execute(ping)
        made.start()
        await eventually(lambda: line.is_up)
        assert await line.execute(ping)
        await line.aclose()


async def test_one_that_is_full_or_forbids_something_is_told_once_and_asked_again(caplog: pytest.LogCaptureFixture) -> None:
    with house("--user", "limited", "on", "nopass", "~*", "+ping", "+get") as made:
        line, limited = made.line(), made.line(redis_url=f"redis://limited:x@127.0.0.1:{made.port}/0")
        await line.execute(lambda redis: redis.config_set("maxmemory", 1))
        for each in (line, limited) * 3:
            with pytest.raises(RedisUnavailable):
                await each.execute(lambda redis: redis.set("a", "b"))
            await eventually(lambda each=each: each.is_up)  # type: ignore[misc]
            assert await each.execute(lambda redis: redis.get("a")) is None
        told = "Redis refuses a command ({}): check its memory, its role and the user's permissions"
        assert caplog.messages == [told.format("OutOfMemoryError"), told.format("NoPermissionError")]
        await line.aclose()
        await limited.aclose()


async def test_a_wrong_password_is_told_without_it(caplog: pytest.LogCaptureFixture) -> None:
    with house("--requirepass", "right-and-secret") as made:
        line = made.line(redis_url=f"redis://:wrong-and-secret@127.0.0.1:{made.port}/0")
        with pytest.raises(RedisUnavailable):
            await line.execute(ping)
        await eventually(lambda: bool(caplog.messages))
        assert caplog.messages == ["Redis refuses the credentials of cluster.redis_url: this replica works alone until it does"]
        assert "wrong" not in caplog.text
        assert "wrong" not in repr(line.settings)
        await line.aclose()
        right = made.line(redis_url=f"redis://:right-and-secret@127.0.0.1:{made.port}/0")
        assert await right.check() is None
        await right.aclose()


@pytest.mark.parametrize(
    ("shared", "told"),
    [
        ({"redis_url": "http://127.0.0.1"}, "cluster.redis_url: write redis://HOST:6379/0, rediss://HOST:6379/0 with TLS, or unix://PATH"),
        ({"redis_url": "redis://"}, "cluster.redis_url: write redis://HOST:6379/0, rediss://HOST:6379/0 with TLS, or unix://PATH"),
        ({"redis_url": "redis://h:p/0"}, "cluster.redis_url: write redis://HOST:6379/0, rediss://HOST:6379/0 with TLS, or unix://PATH"),
        (
            {"redis_url": "redis://h?socket_timeout=5"},
            "cluster.redis_url: the only allowed query parameters are db and, with rediss://, ssl_certfile and ssl_keyfile",
        ),
        (
            {"redis_url": "redis://h", "secret": "short"},
            "cluster.secret: use at least 16 characters, for example the output of `openssl rand -base64 32`",
        ),
        (
            {"uri": "redis://h"},
            "cluster.uri: unknown key; the keys here are ca_file, check_revocations, key_prefix, leader_lease, reconnect_delay, redis_url, "
            "replicas, secret, share_cache, share_polling, share_rate_limits, timeout",
        ),
        ({"key_prefix": "a b"}, "cluster.key_prefix: String should match pattern '^[A-Za-z0-9._:-]{1,64}$'"),
    ],
)
def test_wrong_settings_are_told_by_their_key(shared: dict[str, object], told: str) -> None:
    with pytest.raises(SettingsError) as error:
        build_config({"cluster": shared}, Path())
    assert str(error.value) == told


def test_without_a_secret_that_all_replicas_have_nothing_is_shared() -> None:
    given = build_config({"cluster": {"redis_url": f"redis://127.0.0.1:{free_port()}"}}, Path())
    with pytest.raises(SettingsError, match=r"^cluster\.secret is missing: set it, or media\.secret"):
        SharedState.of(given.cluster, given.media.configured_secret)
    given = build_config({"cluster": {"redis_url": "valkey://127.0.0.1"}, "media": {"secret": "sixteen characters"}}, Path())
    assert SharedState.of(given.cluster, given.media.configured_secret).redis.is_up


async def test_the_log_is_not_filled_while_it_stays_away(caplog: pytest.LogCaptureFixture) -> None:
    with house() as made:
        line = made.line(reconnect_delay="10ms")
        made.kill()
        with caplog.at_level(logging.DEBUG, "telegraphql"), pytest.raises(RedisUnavailable):
            await line.execute(ping)
        await asyncio.sleep(0.2)
        assert len([each for each in caplog.records if each.name == "telegraphql"]) == 1
        await line.aclose()
