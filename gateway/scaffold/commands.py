"""Commands: `telegraphql plugin`, with which a plugin's author begins."""

from pathlib import Path
from typing import Annotated

import typer

from telegraphql.gateway.scaffold.writing import Draft

commands = typer.Typer(no_args_is_help=True, help="For authors of plugins.")


@commands.callback()
def plugin() -> None:
    """For authors of plugins."""


@commands.command("new")
def new(
    name: Annotated[str, typer.Argument(help="What to call the distribution, such as my-pbx; all other names follow from it.")],
    into: Annotated[Path, typer.Option(help="The folder in which the new one is made.")] = Path(),
) -> None:
    """Write a new plugin: a small distribution with a provider, its sandbox and tests, all of which works as it is."""
    folder = Draft(name).write(into)
    typer.echo(f"wrote {folder}; go on with:\n  cd {folder}\n  pip install -e . pytest ruff mypy\n  pytest\nand read its README.md")
