"""What is revoked with the command line is refused at all replicas, for as long as it would be good, whatever happens to the store."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from typer.testing import CliRunner, Result

from telegraphql.gateway.auth.api_keys import hash_key
from telegraphql.gateway.cli import main
from telegraphql.gateway.cluster import revocation
from telegraphql.gateway.config.settings import read_config
from telegraphql.gateway.errors import Unauthenticated
from telegraphql.gateway.plugin.registry import Plugins
from telegraphql.gateway.runtime import Runtime
from telegraphql.schema.schema import build
from tests.gateway.auth.identity_provider import issuing
from tests.gateway.cluster.redis_server import SECRET, House, eventually, house
from tests.support.memory_provider import Memory

PLUGINS = Plugins({"memory": Memory}, {})
KEYS = {"desk": "tgq_desk", "till": "tgq_till"}
CONFIG = "telegraphql.toml"


def configured(folder: Path, made: House, prefix: str, **jwt: Any) -> Path:
    """A gateway with two keys, and tokens where they are wanted."""
    callers: dict[str, Any] = {"keys": {name: {"hash": hash_key(key), "scopes": ["read", "media"]} for name, key in KEYS.items()}, **jwt}
    shared = {"redis_url": made.url, "secret": SECRET, "key_prefix": prefix, "reconnect_delay": "50ms", "timeout": "1s"}
    path = folder / CONFIG
    path.write_text(tomli_w.dumps({"callers": callers, "cluster": shared, "providers": {"one": {"plugin": "memory"}}}), "utf-8")
    return path


@asynccontextmanager
async def replicas(path: Path, most: int = 2) -> AsyncIterator[list[Runtime]]:
    engines = [Runtime.build(read_config(path), PLUGINS) for _ in range(most)]
    try:
        for each in engines:
            assert each.shared_state is not None
            each.shared_state.start()
        yield engines
    finally:
        for each in engines:
            await each.aclose()


async def revoke(path: Path, *words: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main.commands, [*words, "--config", str(path)])


async def refused(engine: Runtime, credential: str) -> bool:
    try:
        await engine.authentication.authenticate(credential)
    except Unauthenticated:
        return True
    return False


def known(engines: list[Runtime], most: int) -> bool:
    return all(
        each.shared_state is not None
        and each.shared_state.revocations is not None
        and len(each.shared_state.revocations._expiry_by_name) == most
        for each in engines
    )


async def test_a_key_is_refused_at_all_replicas_and_so_are_those_who_came_with_it(redis: House, prefix: str, tmp_path: Path) -> None:
    path = configured(tmp_path, redis, prefix)
    async with replicas(path) as engines:
        caller = await engines[1].authentication.authenticate(KEYS["desk"])
        context = engines[1].current_context(caller)
        assert await engines[1].authentication.link_owner("desk", caller.stamp) is caller
        told = await revoke(path, "key", "revoke", "desk")
        assert (told.exit_code, told.output.splitlines()) == (
            0,
            ["revoked: desk. Remove the key from the configuration at its next change."],
        )
        await eventually(lambda: known(engines, 1))
        assert [await refused(each, KEYS["desk"]) for each in engines] == [True, True]
        assert [await refused(each, KEYS["till"]) for each in engines] == [False, False]
        assert await engines[1].authentication.link_owner("desk", caller.stamp) is None
        answer = await build().execute("{ calls { nodes { nativeId } } }", context_value=engines[1].current_context(context.caller))
        assert [(each.extensions or {})["code"] for each in answer.errors or ()] == ["UNAUTHENTICATED"]
        told = await revoke(path, "key", "revoke", hash_key(KEYS["till"]))
        assert told.exit_code == 0
        await eventually(lambda: known(engines, 2))
        assert await refused(engines[0], KEYS["till"])
    text = redis.text()
    digests = [hashlib.sha256(key.encode()).hexdigest().encode() for key in KEYS.values()]
    assert not any(each in text for each in (*digests, b"desk"))


async def test_a_token_is_refused_by_its_jti_until_it_would_end(redis: House, prefix: str, tmp_path: Path) -> None:
    with issuing() as issuer:
        path = configured(tmp_path, redis, prefix, **issuer.table())
        one, other = issuer.token(jti="1"), issuer.token(jti="2")
        async with replicas(path) as engines:
            assert [await refused(engines[0], each) for each in (one, other, issuer.token())] == [False, False, False]
            told = await revoke(path, "token", "revoke", "1", "--until", "2099-01-01")
            assert (told.exit_code, told.output) == (0, "revoked until 2099-01-01 00:00 UTC: 1\n")
            await eventually(lambda: known(engines, 1))
            assert [await refused(engines[0], each) for each in (one, other, issuer.token())] == [True, False, False]
            known_there = engines[0].shared_state.revocations  # type: ignore[union-attr]
            assert known_there is not None
            await known_there.add("jti:gone", time.time() + 0.05)
            assert known_there.contains("jti:gone")
            await asyncio.sleep(0.06)
            assert not known_there.contains("jti:gone")


async def test_while_the_store_is_away_the_last_list_holds_and_one_that_lost_it_gets_it_back(
    prefix: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with house() as made:
        path = configured(tmp_path, made, prefix)
        async with replicas(path) as engines:
            await revoke(path, "key", "revoke", "desk")
            await eventually(lambda: known(engines, 1))
            made.kill()
            told = "Redis is down: keys and tokens revoked from now on stay valid here until it is back (1 revocations are known)"
            await eventually(lambda: caplog.messages.count(told) == 2)
            assert [await refused(each, KEYS["desk"]) for each in engines] == [True, True]
            old = engines[0].adopt(Runtime.build(read_config(path), PLUGINS))
            found = await revoke(path, "key", "revoke", "till")
            assert found.exit_code == 1
            assert str(found.exception) == "Redis cannot be reached: nothing was revoked; run `telegraphql check`"
            assert caplog.messages.count(told) == 2, "once for each replica, whatever is reloaded meanwhile"
            await old.aclose()
            made.start()
            await eventually(lambda: all(each.shared_state and each.shared_state.redis.is_up for each in engines))
            async with replicas(path, 1) as (late,):
                await eventually(lambda: known([late], 1))
                assert await refused(late, KEYS["desk"]), "it came after the store had lost everything"


async def test_who_can_write_to_the_store_gives_no_revocation_an_earlier_end_and_stops_nobody_listening(
    redis: House, prefix: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = configured(tmp_path, redis, prefix)
    async with replicas(path, 1) as (engine,):
        await revoke(path, "key", "revoke", "desk")
        await eventually(lambda: known([engine], 1))
        name, line = f"{prefix}:revoked", engine.shared_state.redis  # type: ignore[union-attr]
        (ours,) = engine.shared_state.revocations._expiry_by_name  # type: ignore[union-attr]
        # An earlier end, and a name that is no text.
        listed: dict[Any, float] = {ours: time.time() + 0.01, b"\xff\xfe": time.time() + 60}
        await line.execute(lambda store: store.zadd(name, listed))
        await line.execute(lambda store: store.incr(f"{name}:version"))
        told = "Redis had lost 1 revocations of keys and tokens; this replica has restored them"
        await eventually(lambda: told in caplog.messages)
        await asyncio.sleep(0.02)
        assert await refused(engine, KEYS["desk"])
        # Taken away, and the version left as it was.
        monkeypatch.setattr(revocation, "FULL_READ_INTERVAL", 0.3)
        await line.execute(lambda store: store.zrem(name, ours))
        await eventually(lambda: caplog.messages.count(told) == 2)
        assert await line.execute(lambda store: store.zscore(name, ours)) == float("inf")
        # No list at all.
        await line.execute(lambda store: store.set(name, "no list"))
        await asyncio.sleep(0.4)
        await line.execute(lambda store: store.delete(name))
        await revoke(path, "key", "revoke", "till")
        await eventually(lambda: known([engine], 3))
        assert [await refused(engine, each) for each in KEYS.values()] == [True, True]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ["key", "revoke", "dex"],
            "no caller 'dex' is configured; give a name from [callers.keys] or a key's hash (sha256: and 64 digits)",
        ),
        (["token", "revoke", "1"], "callers.jwt is not configured: there are no tokens to revoke"),
    ],
)
def test_what_cannot_be_revoked_is_told(words: list[str], told: str, redis: House, prefix: str, tmp_path: Path) -> None:
    path = configured(tmp_path, redis, prefix)
    found = CliRunner().invoke(main.commands, [*words, "--config", str(path)])
    assert str(found.exception) == told


def test_without_a_store_the_configuration_is_the_way(tmp_path: Path) -> None:
    (tmp_path / CONFIG).write_text(f'[callers.keys.desk]\nhash = "{hash_key(KEYS["desk"])}"\n', "utf-8")
    found = CliRunner().invoke(main.commands, ["key", "revoke", "desk", "--config", str(tmp_path / CONFIG)])
    told = "cluster.redis_url is not set: remove the key from the configuration and reload it (SIGHUP)"
    assert str(found.exception) == told
