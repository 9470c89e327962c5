"""Sandboxes: the simulated upstreams of all installed plugins, made and served together, and the configuration that reaches them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from socket import socket
from typing import Any

import tomli_w
from starlette.types import ASGIApp

from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.http.thread_server import ThreadServer, bind_socket
from telegraphql.gateway.plugin.registry import Plugins, plugins
from telegraphql.gateway.plugin.sandbox import Sandbox

HOST = "127.0.0.1"
# Nobody pays for these upstreams.
UNHURRIED = {"requests_per_second": 10_000.0}
# What is added to or broken in a sandbox shows at once.
UNKEPT = {"present_ttl": "0s", "stale_if_error": "0s"}
HURRIED = {"poll_interval": "1s"}
WHY_UNKEPT = "# Nothing of the present is kept: what is added to or broken in a sandbox shows at once.\n"


def create_sandboxes(records: int, seed: int, now: datetime | None = None, installed: Plugins | None = None) -> list[Sandbox]:
    """A sandbox for each installed plugin that has one, in the order of their ports."""
    found = []
    for plugin in (installed or plugins()).found.values():
        try:
            kind = plugin.sandbox()
        except NotImplementedError:
            continue
        found.append(kind(records=records, seed=seed, now=now))
    return sorted(found, key=lambda sandbox: sandbox.port_offset)


@contextmanager
def run_sandboxes(sandboxes: Sequence[Sandbox], port_base: int) -> Iterator[None]:
    """The sandboxes on their ports: base + each one's offset, or free ones where the base is 0."""
    apps: list[tuple[ASGIApp, socket]] = []
    for sandbox in sandboxes:
        port = port_base + sandbox.port_offset if port_base else 0
        try:
            sock = bind_socket(HOST, port)
        except OSError as error:
            for _, bound in apps:
                bound.close()
            raise SettingsError(
                f"port {port} for the sandbox {sandbox.plugin} cannot be used ({error.strerror}); choose another base"
            ) from None
        sandbox.base_url = f"http://{HOST}:{sock.getsockname()[1]}{sandbox.base_path}"
        apps.append((sandbox.app(), sock))
    with ThreadServer(apps):
        yield


def sandbox_config(sandboxes: Sequence[Sandbox], folder: Path) -> dict[str, Any]:
    """A complete configuration that reaches them; key files are written into the folder."""
    providers = {sandbox.plugin: sandbox.configuration(folder) | {"limits": UNHURRIED} for sandbox in sandboxes}
    return {"cache": UNKEPT, "subscriptions": HURRIED, "providers": providers}


def write_sandbox_config(sandboxes: Sequence[Sandbox], path: Path) -> None:
    """The configuration as a file, readable by its owner only, since it holds the sandboxes' credentials."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    path.chmod(0o600)
    path.write_text(WHY_UNKEPT + tomli_w.dumps(sandbox_config(sandboxes, path.parent.absolute())), "utf-8")
