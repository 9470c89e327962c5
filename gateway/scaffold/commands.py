"""The command `telegraphql plugin`."""

from pathlib import Path
from typing import Annotated

import typer

from telegraphql.gateway.scaffold.project import PageStyleName, PluginProject, SchemeName

commands = typer.Typer(no_args_is_help=True, help="Commands for authors of plugins.")


@commands.callback()
def plugin() -> None:
    """Commands for authors of plugins."""


@commands.command("new")
def new(
    name: Annotated[str, typer.Argument(help="Name of the plugin, such as my-pbx. All other names are derived from it.")],
    pages: Annotated[PageStyleName, typer.Option(help="How the upstream sends lists.")] = PageStyleName.KEYSET,
    auth: Annotated[SchemeName, typer.Option(help="How the upstream takes credentials.")] = SchemeName.BEARER,
    into: Annotated[Path, typer.Option(help="Directory in which the plugin's directory is created.")] = Path(),
) -> None:
    """Create a new plugin: a small distribution with a provider, its sandbox and tests, which works as it is."""
    directory = PluginProject(name, pages, auth).write(into)
    typer.echo(f"created {directory}; next:\n  cd {directory}\n  pip install -e . pytest ruff mypy\n  pytest\nand read its README.md")
