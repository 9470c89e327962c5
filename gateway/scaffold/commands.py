"""The command `telegraphql plugin`."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from telegraphql.gateway.config.settings import read_config
from telegraphql.gateway.errors import SettingsError, UpstreamError
from telegraphql.gateway.runtime import Runtime
from telegraphql.gateway.scaffold.listing_trial import ListingTrial, listed_kind, try_listing
from telegraphql.gateway.scaffold.project import PageStyleName, PluginProject, SchemeName
from telegraphql.gateway.upstream.request_budget import RequestBudget

out = Console()
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


@commands.command("try")
def try_plugin(
    provider: Annotated[str, typer.Argument(help="Name of the account in the configuration.")],
    kind: Annotated[str, typer.Option(help="Kind of the records, such as Recording.")] = "Call",
    size: Annotated[int, typer.Option(min=1, max=100, help="Number of the newest records.")] = 3,
    config: Annotated[Path | None, typer.Option(help="The configuration file. Default: telegraphql.toml.")] = None,
) -> None:
    """Read one list of an account: each record beside its row, the requests, and the fields that are not filled or not read."""
    runtime = Runtime.build(read_config(config))
    try:
        trial = asyncio.run(_tried(runtime, provider, kind, size))
    except UpstreamError as error:
        raise SettingsError(f"{provider} cannot be read: {error.message}; `telegraphql check` says more") from None
    table = Table("row", "record", show_lines=True)
    for row, record in trial.pairs:
        table.add_row(*(escape(_text(each)) for each in (row, {name: value for name, value in record.items() if value is not None})))
    out.print(table)
    for line in _summary(trial):
        out.print(line, markup=False, highlight=False, soft_wrap=True)


async def _tried(runtime: Runtime, provider: str, kind: str, size: int) -> ListingTrial:
    """Return the result, and close the runtime."""
    limits = runtime.settings.limits
    try:
        if provider not in runtime.providers:
            raise SettingsError(
                f"there is no provider {provider[:80]!r} in the configuration; it has {', '.join(sorted(runtime.providers))}"
            )
        serving = runtime.providers[provider]
        budget = RequestBudget.lasting(limits.deadline, limits.upstream_requests, fresh=True)
        return await try_listing(serving, listed_kind(serving, kind), size, budget)
    finally:
        await runtime.aclose()


def _text(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value, enc_hook=str), indent=2).decode()


def _summary(trial: ListingTrial) -> list[str]:
    requests = ", ".join(f"{count} {operation}" for operation, count in trial.requests.items())
    parts = {
        "null in each record": trial.unfilled,
        "not filled by the plugin": trial.unmapped,
        "in the rows, but not read": trial.unread,
        "problems": trial.problems,
    }
    return [f"requests: {requests or 'none'}", *(f"{title}: {', '.join(names)}" for title, names in parts.items() if names)]
