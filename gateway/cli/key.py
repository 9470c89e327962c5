"""`telegraphql key`: create API keys."""

from datetime import datetime
from typing import Annotated, Any

import tomli_w
import typer
from pydantic import ValidationError

from telegraphql.gateway.auth.api_keys import hash_key, new_key
from telegraphql.gateway.auth.caller import Redaction, Scope
from telegraphql.gateway.auth.settings import CallersSettings
from telegraphql.gateway.errors import SettingsError

commands = typer.Typer(no_args_is_help=True, help="Create and revoke API keys.")


@commands.callback()
def key() -> None:
    """Create and revoke API keys."""


@commands.command("new")
def new(
    name: Annotated[str, typer.Argument(help="The caller's name, used in the configuration and in logs.")],
    scope: Annotated[list[Scope] | None, typer.Option(help="A scope of the caller; repeatable. Default: read.")] = None,
    provider: Annotated[list[str] | None, typer.Option(help="A provider that the caller can see; repeatable. Default: all.")] = None,
    redact: Annotated[list[Redaction] | None, typer.Option(help="Data hidden from the caller; repeatable. Default: none.")] = None,
    expires_at: Annotated[datetime | None, typer.Option(help="When the key expires, in UTC. Default: never.")] = None,
) -> None:
    """Create an API key and print its table for the configuration. The key itself is printed once and stored nowhere."""
    api_key = new_key()
    table: dict[str, Any] = {"hash": hash_key(api_key), "scopes": [each.value for each in scope or [Scope.READ]]}
    table |= {"providers": provider} if provider else {}
    table |= {"redact": [each.value for each in redact]} if redact else {}
    table |= {"expires_at": expires_at.isoformat() + "Z"} if expires_at else {}
    callers = {"keys": {name: table}}
    try:
        CallersSettings.model_validate(callers)
    except ValidationError as error:
        raise SettingsError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None
    typer.echo("The key, which is not shown again:\n", err=True)
    typer.echo(api_key)
    typer.echo("\nAdd to the configuration (telegraphql.toml):\n", err=True)
    typer.echo(tomli_w.dumps({"callers": callers}))
