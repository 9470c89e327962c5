"""`telegraphql init`: ask for one account, and write a first configuration."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, get_args

import tomli_w
import typer
from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo

from telegraphql.gateway.config.mistakes import mistakes_of
from telegraphql.gateway.config.provider_tables import read_settings
from telegraphql.gateway.config.settings import CONFIG_VERSION, DEFAULT_FILE
from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.plugin.provider import Provider, Settings
from telegraphql.gateway.plugin.registry import plugins
from telegraphql.gateway.plugin.settings import NAME

# Only the shape of an account's settings is checked here; `telegraphql check` tries them.
SOME_SECRET = "some-secret"


def init(config: Annotated[Path, typer.Option("--config", help="The file to write.")] = DEFAULT_FILE) -> None:
    """Ask for one provider, and write a first configuration. Secrets stay in environment variables."""
    if config.exists():
        raise SettingsError(f"{config} exists: add a table [providers.NAME] to it, or choose another file with --config")
    found = plugins().found
    chosen = _choice("plugin", sorted(found))
    name = _name(chosen)
    table = _account(name, found[chosen])
    text = tomli_w.dumps({"config_version": CONFIG_VERSION, "providers": {name: {"plugin": chosen, **table}}})
    try:
        config.write_text(text, "utf-8")
    except OSError as error:
        raise SettingsError(f"cannot write {config} ({error.strerror})") from None
    config.chmod(0o600)
    typer.echo(f"wrote {config}")
    for variable in sorted(value["env"] for value in table.values() if isinstance(value, dict)):
        typer.echo(f"set the environment variable {variable}")
    typer.echo(f"then run: telegraphql check --config {config} && telegraphql serve --config {config}")


def _choice(what: str, names: list[str]) -> str:
    while True:
        chosen: str = typer.prompt(f"{what} ({', '.join(names)})")
        if chosen in names:
            return chosen
        typer.echo(f"choose one of {', '.join(names)}")


def _name(plugin: str) -> str:
    while True:
        name: str = typer.prompt("a name for this account", default=plugin)
        if NAME.fullmatch(name):
            return name
        typer.echo("use letters, digits, '.', '_' and '-', and begin with a letter or digit")


def _account(name: str, plugin: type[Provider]) -> dict[str, Any]:
    """Return the table of an account, whose settings fit together."""
    while True:
        table = dict(_answers(name, plugin))
        try:
            read_settings(plugin, {key: SOME_SECRET if isinstance(value, dict) else value for key, value in table.items()})
        except ValidationError as error:
            for mistake in mistakes_of(error, plugin.settings_type):
                typer.echo(f"{'.'.join(mistake.key)}: {mistake.text}" if mistake.key else mistake.text)
        else:
            return table


def _answers(name: str, plugin: type[Provider]) -> Iterator[tuple[str, Any]]:
    for key, field in _asked(plugin.settings_type.model_fields).items():
        typer.echo(field.description or "")
        if SecretStr in (field.annotation, *get_args(field.annotation)):
            default = f"{name}_{key}".upper().replace("-", "_").replace(".", "_")
            variable = typer.prompt(f"  {key}: environment variable that holds it, such as {default}", default="", show_default=False)
            answer: Any = {"env": variable} if variable else None
        else:
            answer = typer.prompt(f"  {key}", default="", show_default=False) or None
        if answer is not None:
            yield key, answer


def _asked(fields: Mapping[str, FieldInfo]) -> dict[str, FieldInfo]:
    """Return what a first configuration may need: what is required, and what the plugin adds without a default, as credentials are."""
    return {
        key: field for key, field in fields.items() if field.is_required() or (key not in Settings.model_fields and field.default is None)
    }
