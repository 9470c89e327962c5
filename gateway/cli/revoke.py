"""`telegraphql key revoke` and `telegraphql token revoke`: make all replicas refuse a key or token."""

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
from telegraphql.gateway.config.settings import GatewaySettings, read_config
from telegraphql.gateway.errors import SettingsError

NO_REDIS = "cluster.redis_url is not set: remove the key from the configuration and reload it (SIGHUP)"
NOT_CHECKED = "cluster.check_revocations is false: remove the key from the configuration and reload it (SIGHUP)"
UNREACHABLE = "Redis cannot be reached: nothing was revoked; run `telegraphql check`"
DEFAULT_TOKEN_LIFETIME = timedelta(days=30)
token_commands = typer.Typer(no_args_is_help=True, help="Revoke JWTs.")
ConfigOption = Annotated[Path | None, typer.Option("--config", help="The configuration file. Default: telegraphql.toml.")]


@token_commands.callback()
def token() -> None:
    """Revoke JWTs."""


def revoke_key(
    key: Annotated[list[str], typer.Argument(help="A caller's name, or the hash of its key: sha256:…")], config: ConfigOption = None
) -> None:
    """Revoke API keys at all replicas, from now on and for good. Create a new one with `telegraphql key new`."""
    settings = read_config(config)
    revocations = []
    for each in key:
        table = settings.callers.keys.get(each)
        if table is None and not HASH.fullmatch(each):
            raise SettingsError(
                f"no caller {each!r} is configured; give a name from [callers.keys] or a key's hash (sha256: and 64 digits)"
            )
        expires_at = table.expires_at.timestamp() if table and table.expires_at else math.inf
        revocations.append((key_revocation_id(table.hash if table else each), expires_at))
    _revoke(settings, revocations)
    typer.echo(f"revoked: {', '.join(key)}. Remove the key from the configuration at its next change.")


@token_commands.command("revoke")
def revoke_token(
    jti: Annotated[list[str], typer.Argument(help="The token's `jti` claim.")],
    until: Annotated[datetime | None, typer.Option(help="When the token expires anyway, in UTC. Default: in 30 days.")] = None,
    config: ConfigOption = None,
) -> None:
    """Revoke tokens at all replicas, from now on."""
    settings = read_config(config)
    if settings.callers.jwt is None:
        raise SettingsError("callers.jwt is not configured: there are no tokens to revoke")
    ends = until.replace(tzinfo=until.tzinfo or UTC) if until else datetime.now(UTC) + DEFAULT_TOKEN_LIFETIME
    if ends.timestamp() <= time.time():
        raise SettingsError("--until is in the past: the token has expired already")
    _revoke(settings, [(token_revocation_id(settings.callers.jwt.issuer, each), ends.timestamp()) for each in jti])
    typer.echo(f"revoked until {ends:%Y-%m-%d %H:%M} UTC: {', '.join(jti)}")


def _revoke(settings: GatewaySettings, revocations: list[tuple[str, float]]) -> None:
    from telegraphql.gateway.cluster.redis import RedisUnavailable
    from telegraphql.gateway.cluster.shared_state import SharedState

    if settings.cluster.redis_url is None:
        raise SettingsError(NO_REDIS)
    if not settings.cluster.check_revocations:
        raise SettingsError(NOT_CHECKED)
    shared_state = SharedState.of(settings.cluster, settings.media.configured_secret)

    async def add_all() -> None:
        assert shared_state.revocations is not None
        try:
            for revocation_id, expires_at in revocations:
                await shared_state.revocations.add(revocation_id, expires_at)
        except RedisUnavailable:
            raise SettingsError(UNREACHABLE) from None
        finally:
            await shared_state.aclose()

    asyncio.run(add_all())
