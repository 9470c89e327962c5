"""Issuing: `telegraphql key`, which makes a key and says what to write into the configuration."""

from datetime import datetime
from typing import Annotated, Any

import tomli_w
import typer
from pydantic import ValidationError

from telegraphql.gateway.auth.api_keys import hash_key, new_key
from telegraphql.gateway.auth.caller import Redaction, Scope
from telegraphql.gateway.auth.settings import CallersSettings
from telegraphql.gateway.errors import SettingsError

commands = typer.Typer(no_args_is_help=True, help="API keys for those who call the gateway.")


@commands.callback()
def key() -> None:
    """API keys for those who call the gateway."""


@commands.command("new")
def new(
    name: Annotated[str, typer.Argument(help="The caller's name, as it will stand in the audit log.")],
    scope: Annotated[
        list[Scope] | None, typer.Option(help="What the caller may do; more than once for several. Unless given: read.")
    ] = None,
    provider: Annotated[list[str] | None, typer.Option(help="A provider that exists for the caller; all unless given.")] = None,
    redact: Annotated[list[Redaction] | None, typer.Option(help="Data hidden from the caller; repeatable.")] = None,
    expires_at: Annotated[datetime | None, typer.Option(help="When the key expires, in UTC (default: never).")] = None,
) -> None:
    """Make an API key: it is shown once, its table for the configuration holds only a hash."""
    made = new_key()
    table: dict[str, Any] = {"hash": hash_key(made), "scopes": [each.value for each in scope or [Scope.READ]]}
    table |= {"providers": provider} if provider else {}
    table |= {"redact": [each.value for each in redact]} if redact else {}
    table |= {"expires_at": expires_at.isoformat() + "Z"} if expires_at else {}
    given = {"keys": {name: table}}
    try:
        CallersSettings.model_validate(given)
    except ValidationError as error:
        raise SettingsError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None
    typer.echo("The key, which is shown only now:\n", err=True)
    typer.echo(made)
    typer.echo("\nFor the configuration (telegraphql.toml):\n", err=True)
    typer.echo(tomli_w.dumps({"callers": given}))
