"""The sandboxes of all installed plugins: created and served together, with a configuration of providers for them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from socket import socket
from typing import Any

import tomli_w
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from telegraphql.gateway.auth.caller import Scope
from telegraphql.gateway.errors import NotAllowed, SettingsError
from telegraphql.gateway.http.health import caller_of
from telegraphql.gateway.http.thread_server import ThreadServer, bind_socket
from telegraphql.gateway.plugin.fault_modes import Fault
from telegraphql.gateway.plugin.registry import Plugins, plugins
from telegraphql.gateway.plugin.sandbox import LocalSandbox, Sandbox

HOST = "127.0.0.1"
# Sandboxes need no protection.
SANDBOX_LIMITS = {"requests_per_second": 10_000.0}
# Changes and faults of a sandbox show at once.
SANDBOX_CACHE = {"present_ttl": "0s", "stale_if_error": "0s"}
SANDBOX_SUBSCRIPTIONS = {"poll_interval": "1s"}
CACHE_COMMENT = "# Caching is off for recent data: changes and faults of a sandbox show at once.\n"


def create_sandboxes(
    records: int, seed: int, now: datetime | None = None, installed: Plugins | None = None, calls_per_minute: float = 0.0
) -> list[Sandbox]:
    """Create a sandbox for each installed plugin that has one. Return them in the order of their ports.

    `calls_per_minute` is how many calls all of them make together from now on. With any, those of the past follow a day's curve.
    """
    is_living = calls_per_minute > 0
    sandboxes = [kind(records=records, seed=seed, now=now, office_hours=is_living) for kind in _sandbox_types(installed or plugins())]
    for each in sandboxes:
        each.live(calls_per_minute / len(sandboxes))
    return sandboxes


def _sandbox_types(installed: Plugins) -> list[type[Sandbox]]:
    """Return the sandbox classes of the plugins in the order of their ports."""
    found = []
    for plugin in installed.found.values():
        with suppress(NotImplementedError):
            found.append(plugin.sandbox())
    return sorted(found, key=lambda each: each.port_offset)


def ports(installed: Plugins, port_base: int) -> dict[str, int]:
    """Return the port of the sandbox of each plugin that has one, by the plugin's name."""
    return {kind.plugin: port_base + kind.port_offset for kind in _sandbox_types(installed)}


@contextmanager
def run_sandboxes(sandboxes: Sequence[Sandbox], port_base: int) -> Iterator[None]:
    """Serve sandboxes on port base + the offset of each, or on any free ports if the base is 0. Sets their `base_url`.

    Raises:
        SettingsError: A port is in use.
    """
    apps: list[tuple[ASGIApp, socket]] = []
    for sandbox in sandboxes:
        port = port_base + sandbox.port_offset if port_base else 0
        try:
            sock = bind_socket(HOST, port)
        except OSError as error:
            for _, bound in apps:
                bound.close()
            raise SettingsError(
                f"cannot listen on port {port} for the sandbox {sandbox.plugin} ({error.strerror}); choose another port base"
            ) from None
        sandbox.base_url = f"http://{HOST}:{sock.getsockname()[1]}{sandbox.base_path}"
        apps.append((sandbox.app(), sock))
    with ThreadServer(apps):
        yield


def sandbox_config(sandboxes: Sequence[Sandbox], folder: Path) -> dict[str, Any]:
    """Return a configuration of providers for these sandboxes. Key files are written into the folder."""
    providers = {sandbox.plugin: sandbox.configuration(folder) | {"limits": SANDBOX_LIMITS} for sandbox in sandboxes}
    return {"cache": SANDBOX_CACHE, "subscriptions": SANDBOX_SUBSCRIPTIONS, "providers": providers}


def write_sandbox_config(sandboxes: Sequence[Sandbox], path: Path) -> None:
    """Write the configuration of these sandboxes to a file that only its owner can read, since it contains credentials."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    path.chmod(0o600)
    path.write_text(CACHE_COMMENT + tomli_w.dumps(sandbox_config(sandboxes, path.parent.absolute())), "utf-8")


def sandbox_routes(sandboxes: Sequence[Sandbox]) -> list[Route]:
    """Return the routes with which the console breaks simulated providers: PUT makes one fail, DELETE makes it work again.

    Files of this machine cannot be made to fail: faults are in answers to requests.
    """
    by_name = {sandbox.plugin: sandbox for sandbox in sandboxes if not isinstance(sandbox, LocalSandbox)}

    async def broken(request: Request) -> Response:
        _require_admin(request)
        return JSONResponse({"broken": {name: sandbox.fault != Fault() for name, sandbox in by_name.items()}})

    async def switch(request: Request) -> Response:
        _require_admin(request)
        sandbox = by_name.get(request.path_params["provider"])
        if sandbox is None:
            raise HTTPException(404)
        sandbox.fault = Fault(mode="status") if request.method == "PUT" else Fault()
        return Response(status_code=204)

    return [Route("/console/sandbox", broken), Route("/console/sandbox/{provider}", switch, methods=["PUT", "DELETE"])]


def _require_admin(request: Request) -> None:
    try:
        caller_of(request.scope).require(Scope.ADMIN)
    except NotAllowed as error:
        raise HTTPException(403, str(error)) from None
