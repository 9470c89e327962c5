"""With TLS the store is only believed where an authority that is trusted vouches for it; no password goes to another."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from telegraphql.gateway.cluster.redis import RedisUnavailable
from telegraphql.gateway.errors import SettingsError
from tests.gateway.cluster.redis_server import House, eventually, house
from tests.gateway.cluster.test_redis import ping
from tests.support.self_signed_certificate import Certificate


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tls=Certificate.made(tmp_path_factory.mktemp("tls"))) as made:
        yield made


def authority(store: House) -> str:
    assert store.tls is not None
    return str(store.tls.path)


async def test_one_that_the_named_authority_vouches_for_is_asked(store: House) -> None:
    line = store.line(ca_file=authority(store))
    assert await asyncio.gather(*(line.execute(ping) for _ in range(40))) == [True] * 40
    pool = line._redis.connection_pool
    contexts = {id(each.ssl_context.get()) for each in pool._available_connections}  # type: ignore[attr-defined]
    assert len(contexts) == 1, "the authorities are read once"
    await line.aclose()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_nobody_else_is_asked(store: House, host: str, caplog: pytest.LogCaptureFixture) -> None:
    """Neither one whom nobody vouches for, nor one who is vouched for under another name."""
    ca_file = authority(store) if host == "localhost" else None
    line = store.line(redis_url=f"rediss://:hush@{host}:{store.port}/0", ca_file=ca_file)
    with pytest.raises(RedisUnavailable):
        await line.execute(ping)
    await eventually(lambda: bool(caplog.messages))
    assert caplog.messages == ["Redis does not answer (ConnectionError): this replica works alone until it does"]
    assert "hush" not in caplog.text
    await line.aclose()


def test_a_file_that_holds_no_authority_is_told_by_its_key(store: House, tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("nothing")
    for path in (tmp_path / "no.pem", tmp_path / "missing.pem"):
        with pytest.raises(SettingsError, match=r"^cluster\.ca_file: cannot be read as a PEM file of certificates$"):
            store.line(ca_file=str(path))
