"""CLI: the `telegraphql` command. Errors are one line that says what to do."""

import asyncio
import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from telegraphql import __version__
from telegraphql.gateway import sandbox_servers
from telegraphql.gateway.auth.loopback import open_access_warning, with_binding_check
from telegraphql.gateway.cli import key, revoke
from telegraphql.gateway.cli import matrix as support
from telegraphql.gateway.cli.check import check_providers
from telegraphql.gateway.config import GatewaySettings, build_config, read_config
from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.export import command as exporting
from telegraphql.gateway.federation import subgraph
from telegraphql.gateway.federation.entities import federated_schema
from telegraphql.gateway.http import app as application
from telegraphql.gateway.http.process import ServerProcess, server_config
from telegraphql.gateway.plugin.registry import plugins
from telegraphql.gateway.plugin.sandbox import Sandbox
from telegraphql.gateway.runtime import Runtime
from telegraphql.gateway.scaffold import commands as starting
from telegraphql.gateway.telemetry import logs
from telegraphql.schema.schema import build

commands = typer.Typer(
    no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False, help="One GraphQL list over all your telephony providers."
)
key.commands.command("revoke")(revoke.revoke_key)
commands.add_typer(key.commands, name="key")
commands.command("export")(exporting.export)
commands.add_typer(revoke.tokens, name="token")
commands.add_typer(starting.commands, name="plugin")
out, err = Console(), Console(stderr=True)

ConfigOption = Annotated[Path | None, typer.Option("--config", help="The configuration file; telegraphql.toml unless given.")]
RecordsOption = Annotated[int, typer.Option(min=1, help="Calls per provider.")]
# A sandbox's port is at most 99 above.
PORT_BASE = typer.Option(min=0, max=65436, help="The simulated providers listen above this port.")
SeedOption = Annotated[int, typer.Option(help="The same seed gives the same records.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"telegraphql {__version__}\n")
        raise typer.Exit


@commands.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version.")] = False,
) -> None:
    """Define the options that stand before a command."""


@commands.command()
def serve(
    config: ConfigOption = None,
    sandbox: Annotated[bool, typer.Option("--sandbox", help="Serve simulated providers instead of configured ones.")] = False,
    host: Annotated[str | None, typer.Option(help="The address to listen on; 127.0.0.1 unless given.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="The port to listen on; 8000 unless given.")] = None,
    sandbox_port_base: Annotated[int, PORT_BASE] = 9100,
    sandbox_records: RecordsOption = 1000,
    seed: SeedOption = 1,
) -> None:
    """Serve the gateway, with GraphiQL at its root."""
    if not sandbox:
        _serve(lambda: read_config(config), host, port)
        return
    made = _made(sandbox_records, seed)
    with tempfile.TemporaryDirectory(prefix="telegraphql-") as folder, sandbox_servers.run_sandboxes(made, sandbox_port_base):
        given = sandbox_servers.sandbox_config(made, Path(folder))
        _serve(lambda: build_config(given, Path(folder)), host, port)


@commands.command("sandbox")
def sandbox_command(
    port_base: Annotated[int, PORT_BASE] = 9100,
    records: RecordsOption = 1000,
    seed: SeedOption = 1,
    write_config: Annotated[Path | None, typer.Option(help="Write a telegraphql.toml that reaches them.")] = None,
) -> None:
    """Serve the simulated providers alone."""
    made = _made(records, seed)
    with sandbox_servers.run_sandboxes(made, port_base):
        if write_config:
            sandbox_servers.write_sandbox_config(made, write_config)
            out.print(f"wrote {write_config}; serve it with: telegraphql serve --config {write_config}", soft_wrap=True)
        for each in made:
            out.print(f"{each.plugin}: {each.base_url}")
        _until_stopped()


@commands.command()
def check(config: ConfigOption = None) -> None:
    """Ask each provider: reachable? credentials good? clock right? Says what is wrong and how to mend it."""
    engine = Runtime.build(read_config(config))
    findings = asyncio.run(check_providers(engine))
    table = Table("provider", "plugin", "state", "what to do")
    for finding in findings:
        table.add_row(finding.provider, finding.plugin, "ok" if finding.good else finding.code, finding.advice)
    out.print(table)
    if told := open_access_warning(engine.settings.server.host, engine.settings.callers):
        err.print(f"callers: {told}", style="yellow", markup=False, highlight=False, soft_wrap=True)
    if not all(finding.good for finding in findings):
        raise typer.Exit(1)


@commands.command()
def schema(
    federation: Annotated[bool, typer.Option("--federation", help="As a subgraph of Apollo Federation 2, for routers.")] = False,
) -> None:
    """Print the schema in GraphQL's own language."""
    sys.stdout.write(subgraph.subgraph_sdl(federated_schema()) if federation else build().as_str() + "\n")


@commands.command()
def matrix(into: Annotated[Path | None, typer.Option(help="A document whose tables are made anew, between its marks.")] = None) -> None:
    """Print what the installed plugins can do, as Markdown tables."""
    if into is None:
        sys.stdout.write(support.matrix(plugins().found))
    else:
        support.write(into, plugins().found)


def _made(records: int, seed: int) -> list[Sandbox]:
    with err.status(f"making {records:,} calls for each simulated provider"):
        return sandbox_servers.create_sandboxes(records, seed)


def _serve(given: Callable[[], GatewaySettings], host: str | None, port: int | None) -> None:
    read = with_binding_check(given, host)
    chosen = read()
    logs.configure_logging(chosen.logs)
    engine = Runtime.build(chosen)
    listen, at = host or chosen.server.host, chosen.server.port if port is None else port
    served = ", ".join(sorted(engine.providers)) or "no providers"
    out.print(f"TelegraphQL with {served}: open http://{listen}:{at}/ in a browser", soft_wrap=True)
    config = server_config(application.create_app(engine, read), engine, listen, at)
    server = ServerProcess(config, engine)
    try:
        server.run()
    except SystemExit:
        raise SettingsError(f"cannot listen on {listen}:{at}; choose another --port") from None


def _until_stopped() -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()


def main() -> None:
    """The console script."""
    try:
        commands()
    except SettingsError as error:
        err.print(f"telegraphql: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
