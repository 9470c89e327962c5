"""Revoking: `telegraphql key revoke` and `telegraphql token revoke`, after which all replicas refuse a key or token."""

import asyncio
import math
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from telegraphql.gateway.auth.authentication import key_revocation_id
from telegraphql.gateway.auth.jwt import token_revocation_id
from telegraphql.gateway.auth.settings import HASH
from telegraphql.gateway.config import GatewaySettings, read_config
from telegraphql.gateway.errors import SettingsError

NOWHERE = "cluster.redis_url is not set: without a shared store take the key out of the configuration and reload it (SIGHUP)"
NOT_THERE = "the shared store cannot be reached: nothing was revoked; see `telegraphql check`"
tokens = typer.Typer(no_args_is_help=True, help="Tokens of those who call the gateway.")
Config = Annotated[Path | None, typer.Option("--config", help="The configuration file; telegraphql.toml unless given.")]


@tokens.callback()
def token() -> None:
    """Tokens of those who call the gateway."""


def revoke_key(
    who: Annotated[list[str], typer.Argument(help="A caller's name, or the hash of a key: sha256:…")], config: Config = None
) -> None:
    """Refuse an API key from now on, at all replicas. For good: make another with `telegraphql key new`."""
    given = read_config(config)
    found = []
    for each in who:
        table = given.callers.keys.get(each)
        if table is None and not HASH.fullmatch(each):
            raise SettingsError(f"there is no caller {each!r} in [callers.keys]; give a name from there, or a hash (sha256: and 64 digits)")
        until = table.expires_at.timestamp() if table and table.expires_at else math.inf
        found.append((key_revocation_id(table.hash if table else each), until))
    _revoke(given, found)
    typer.echo(f"revoked: {', '.join(who)}. Take the key out of the configuration when that is next changed.")


@tokens.command("revoke")
def revoke_token(
    jti: Annotated[list[str], typer.Argument(help="What the token's claim `jti` says.")],
    until: Annotated[datetime | None, typer.Option(help="When the token runs out by itself, in UTC; in 30 days unless given.")] = None,
    config: Config = None,
) -> None:
    """Refuse tokens from now on, at all replicas."""
    given = read_config(config)
    if given.callers.jwt is None:
        raise SettingsError("callers.jwt is not configured: there are no tokens to revoke")
    ends = until.replace(tzinfo=until.tzinfo or UTC) if until else datetime.now(UTC) + timedelta(days=30)
    if ends.timestamp() <= time.time():
        raise SettingsError("--until is over: such a token is refused anyway")
    _revoke(given, [(token_revocation_id(given.callers.jwt.issuer, each), ends.timestamp()) for each in jti])
    typer.echo(f"revoked until {ends:%Y-%m-%d %H:%M} UTC: {', '.join(jti)}")


def _revoke(given: GatewaySettings, credentials: list[tuple[str, float]]) -> None:
    from telegraphql.gateway.cluster.redis import RedisUnavailable
    from telegraphql.gateway.cluster.shared_state import SharedState

    if given.cluster.redis_url is None or not given.cluster.check_revocations:
        raise SettingsError(NOWHERE)
    shared_state = SharedState.of(given.cluster, given.media.kept_secret)

    async def all_of_them() -> None:
        assert shared_state.revocations is not None
        try:
            for credential, until in credentials:
                await shared_state.revocations.add(credential, until)
        except RedisUnavailable:
            raise SettingsError(NOT_THERE) from None
        finally:
            await shared_state.aclose()

    asyncio.run(all_of_them())
