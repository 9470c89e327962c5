"""The `telegraphql` command. Errors of the configuration are printed as one line; the exit code is 2."""

import asyncio
import json
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from starlette.routing import Route

from telegraphql import __version__
from telegraphql.gateway import sandbox_servers
from telegraphql.gateway.auth.loopback import open_access_warning, with_binding_check
from telegraphql.gateway.cli import check_report, key, revoke
from telegraphql.gateway.cli.check import check_providers
from telegraphql.gateway.cli.faults import print_faults
from telegraphql.gateway.cli.init import init
from telegraphql.gateway.cli.matrix import support_matrix, update_document
from telegraphql.gateway.cli.open_files import raise_limit
from telegraphql.gateway.config.json_schema import config_schema
from telegraphql.gateway.config.settings import GatewaySettings, build_config, read_config
from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.export import command as export_command
from telegraphql.gateway.federation import subgraph
from telegraphql.gateway.federation.entities import federated_schema
from telegraphql.gateway.graphql.provider_descriptions import describe_providers
from telegraphql.gateway.http.app import create_app
from telegraphql.gateway.http.server_process import ServerProcess, server_config
from telegraphql.gateway.plugin.registry import plugins
from telegraphql.gateway.plugin.sandbox import Sandbox
from telegraphql.gateway.runtime import Runtime
from telegraphql.gateway.scaffold import commands as scaffold_commands
from telegraphql.gateway.telemetry.logs import configure_logging
from telegraphql.schema.schema import build

commands = typer.Typer(
    no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False, help="One GraphQL API over many telephony providers."
)
key.commands.command("revoke")(revoke.revoke_key)
commands.add_typer(key.commands, name="key")
commands.command("init")(init)
commands.command("export")(export_command.export)
commands.add_typer(revoke.token_commands, name="token")
commands.add_typer(scaffold_commands.commands, name="plugin")
out, err = Console(), Console(stderr=True)

ConfigOption = Annotated[Path | None, typer.Option("--config", help="The configuration file. Default: telegraphql.toml.")]
RecordsOption = Annotated[int, typer.Option(min=1, help="Calls per simulated provider.")]
# A sandbox's port is at most 99 above the base.
PORT_BASE = typer.Option(min=0, max=65436, help="The simulated providers listen on ports above this one; 0: on any free ports.")
SeedOption = Annotated[int, typer.Option(help="The seed of the simulated data: the same seed gives the same records.")]


def _print_version(requested: bool) -> None:
    if requested:
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
    host: Annotated[str | None, typer.Option(help="The address to listen on. Default: server.host.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="The port to listen on. Default: server.port.")] = None,
    sandbox_port_base: Annotated[int, PORT_BASE] = 9100,
    sandbox_records: RecordsOption = 1000,
    sandbox_calls_per_minute: Annotated[
        float, typer.Option(min=0, max=600, help="New calls of all simulated providers together; 0: none.")
    ] = 6,
    seed: SeedOption = 1,
) -> None:
    """Serve the GraphQL API at /graphql, the console at /, and GraphiQL at /graphiql."""
    if not sandbox:
        _serve(lambda: read_config(config), host, port)
        return
    sandboxes = _create_sandboxes(sandbox_records, seed, sandbox_calls_per_minute)
    with tempfile.TemporaryDirectory(prefix="telegraphql-") as folder, sandbox_servers.run_sandboxes(sandboxes, sandbox_port_base):
        values = sandbox_servers.sandbox_config(sandboxes, Path(folder))
        _serve(lambda: build_config(values, Path(folder)), host, port, sandbox_servers.sandbox_routes(sandboxes))


@commands.command("sandbox")
def sandbox_command(
    port_base: Annotated[int, PORT_BASE] = 9100,
    records: RecordsOption = 1000,
    seed: SeedOption = 1,
    write_config: Annotated[Path | None, typer.Option(help="Write a configuration for these providers to this file.")] = None,
    faults: Annotated[bool, typer.Option("--faults", help="Print the faults that a simulated provider can have, and exit.")] = False,
) -> None:
    """Serve the simulated providers alone."""
    if faults:
        print_faults(port_base)
        return
    sandboxes = _create_sandboxes(records, seed)
    with sandbox_servers.run_sandboxes(sandboxes, port_base):
        if write_config:
            sandbox_servers.write_sandbox_config(sandboxes, write_config)
            out.print(f"wrote {write_config}; serve it with: telegraphql serve --config {write_config}", soft_wrap=True)
        for each in sandboxes:
            out.print(f"{each.plugin}: {each.base_url}")
        _wait_for_signal()


@commands.command()
def check(
    config: ConfigOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
) -> None:
    """Try what each provider needs and declares: sign-in, clock, lists, orders, filters, counts and files; print what to change.

    The exit code is 1 if a check failed.
    """
    runtime = Runtime.build(read_config(config))
    reports = asyncio.run(check_providers(runtime))
    warning = open_access_warning(runtime.settings.server.host, runtime.settings.callers)
    warnings = [*([f"callers: {warning}"] if warning else []), *runtime.warnings]
    if as_json:
        sys.stdout.write(json.dumps(check_report.as_json(reports, warnings), indent=2) + "\n")
    else:
        out.print(check_report.as_table(reports))
        for each in warnings:
            err.print(each, style="yellow", markup=False, highlight=False, soft_wrap=True)
    if not all(report.is_ok for report in reports):
        raise typer.Exit(1)


@commands.command()
def schema(
    federation: Annotated[bool, typer.Option("--federation", help="Print the subgraph schema for Apollo Federation 2.")] = False,
) -> None:
    """Print the schema in the GraphQL schema definition language (SDL)."""
    found = describe_providers(federated_schema() if federation else build(), plugins().found)
    sys.stdout.write(subgraph.subgraph_sdl(found) if federation else found.as_str() + "\n")


@commands.command("config-schema")
def config_schema_command() -> None:
    """Print the JSON Schema of telegraphql.toml with the installed plugins, for editors."""
    sys.stdout.write(json.dumps(config_schema(plugins().found), indent=2) + "\n")


@commands.command()
def matrix(into: Annotated[Path | None, typer.Option(help="Update the tables between the markers of this document.")] = None) -> None:
    """Print the capabilities of the installed plugins as Markdown tables."""
    if into is None:
        sys.stdout.write(support_matrix(plugins().found))
    else:
        update_document(into, plugins().found)


def _create_sandboxes(records: int, seed: int, calls_per_minute: float = 0.0) -> list[Sandbox]:
    with err.status(f"creating {records:,} calls for each simulated provider"):
        return sandbox_servers.create_sandboxes(records, seed, calls_per_minute=calls_per_minute)


def _serve(read: Callable[[], GatewaySettings], host: str | None, port: int | None, sandbox: Sequence[Route] = ()) -> None:
    read = with_binding_check(_with_address(read, host, port))
    settings = read()
    configure_logging(settings.logs)
    raise_limit()
    runtime = Runtime.build(settings)
    host, port = settings.server.host, settings.server.port
    names = ", ".join(sorted(runtime.healths)) or "no providers"
    out.print(f"TelegraphQL with {names}: open http://{host}:{port}/ in a browser", soft_wrap=True)
    server = ServerProcess(server_config(create_app(runtime, read, sandbox), runtime, host, port), runtime)
    try:
        server.run()
    except SystemExit:
        raise SettingsError(f"cannot listen on {host}:{port}; choose another --port") from None


def _with_address(read: Callable[[], GatewaySettings], host: str | None, port: int | None) -> Callable[[], GatewaySettings]:
    """Return a function that reads the configuration, with the address of the command line in the place of its own."""

    def addressed() -> GatewaySettings:
        settings = read()
        settings.server.host = host or settings.server.host
        settings.server.port = settings.server.port if port is None else port
        return settings

    return addressed


def _wait_for_signal() -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()


def main() -> None:
    """Run the console script."""
    try:
        commands()
    except SettingsError as error:
        err.print(f"telegraphql: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
