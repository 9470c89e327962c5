"""Check: the four simulated providers by the command, as they are, behind TLS and a proxy, and where they refuse something."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from typer.testing import CliRunner

from telegraphql.gateway import sandbox_servers
from telegraphql.gateway.cli import main
from telegraphql.gateway.plugin.sandbox import Fault, Sandbox
from telegraphql.plugins.voipstudio.sandbox.rules import Like, ListRules, Sorting
from tests.support.self_signed_certificate import Certificate
from tests.support.tls_server import served_over_tls

Checks = dict[tuple[str, str, str], dict[str, str]]


@pytest.fixture
def sandboxes() -> Iterator[dict[str, Any]]:
    made = sandbox_servers.create_sandboxes(120, 1)
    with sandbox_servers.run_sandboxes(made, 0):
        yield {each.plugin: each for each in made}


@pytest.fixture
def check(sandboxes: dict[str, Sandbox], tmp_path: Path) -> Callable[..., tuple[int, Checks]]:
    """Run `telegraphql check --json`, with changed tables. Return the exit code and the checks by provider, check and subject."""

    def run(**changes: dict[str, Any]) -> tuple[int, Checks]:
        values = sandbox_servers.sandbox_config([*sandboxes.values()], tmp_path)
        for name, table in changes.items():
            values["providers"][name] |= table
        path = tmp_path / "telegraphql.toml"
        path.write_text(tomli_w.dumps(values))
        found = CliRunner().invoke(main.commands, ["check", "--json", "--config", str(path)])
        printed = json.loads(found.stdout)
        return found.exit_code, {
            (report["provider"], each["check"], each["subject"]): each for report in printed["providers"] for each in report["checks"]
        }

    return run


def failed(checks: Checks) -> set[tuple[str, str, str]]:
    return {key for key, each in checks.items() if each["result"] == "failed"}


def test_all_that_the_plugins_declare_works_at_their_sandboxes(check: Callable[..., tuple[int, Checks]], sandboxes: dict[str, Any]) -> None:
    code, checks = check()
    assert (code, failed(checks)) == (0, set())
    assert {name for name, kind, _ in checks if kind == "sign-in"} == {*sandboxes}
    for key in (
        ("voipstudio", "filter", "Call.number"),
        ("voipstudio", "file", "Recording.media"),
        ("voximplant", "list", "Transaction"),
        ("portsip", "order", "Call.OLDEST_FIRST"),
        ("boxis", "clock", ""),
    ):
        assert checks[key]["result"] == "ok", key


def test_a_right_that_lacks_costs_one_list(check: Callable[..., tuple[int, Checks]], sandboxes: dict[str, Any]) -> None:
    sandboxes["voipstudio"].fault = Fault.parse({"mode": "status", "status": 403, "operation": "GET /transactions"})
    code, checks = check()
    assert (code, failed(checks)) == (1, {("voipstudio", "list", "Transaction")})
    refused = checks["voipstudio", "list", "Transaction"]
    assert (refused["code"], refused["message"], refused["advice"]) == (
        "FORBIDDEN",
        "does not allow this with the configured credentials (status 403)",
        "give the configured account the role it needs at the provider",
    )


def test_what_an_account_refuses_is_a_hint(check: Callable[..., tuple[int, Checks]], sandboxes: dict[str, Any]) -> None:
    sandboxes["voipstudio"].rules = ListRules(Like.REFUSED, Sorting.REFUSED, proven_filters_only=True)
    code, checks = check()
    assert (code, failed(checks)) == (0, set())
    assert checks["voipstudio", "hint", ""]["result"] == "warning"


def test_wrong_credentials_and_a_closed_port(check: Callable[..., tuple[int, Checks]]) -> None:
    code, checks = check(voipstudio={"api_token": "wrong"}, boxis={"base_url": "http://127.0.0.1:9", "limits": {"max_attempts": 1}})
    assert (code, failed(checks)) == (1, {("voipstudio", "sign-in", ""), ("boxis", "sign-in", "")})
    assert checks["voipstudio", "sign-in", ""]["code"] == "UNAUTHORIZED"
    assert checks["boxis", "sign-in", ""]["cause"] == "REFUSED"


def test_a_pbx_with_a_self_signed_certificate(check: Callable[..., tuple[int, Checks]], sandboxes: dict[str, Any], tmp_path: Path) -> None:
    certificate = Certificate.made(tmp_path)
    with ExitStack() as running:
        port = running.enter_context(served_over_tls(sandboxes["portsip"].app(), certificate))
        table = {"base_url": f"https://127.0.0.1:{port}/api", "limits": {"max_attempts": 1}}
        code, checks = check(portsip=table)
        assert (code, failed(checks)) == (1, {("portsip", "sign-in", "")})
        refused = checks["portsip", "sign-in", ""]
        assert (refused["cause"], refused["message"]) == (
            "SELF_SIGNED_CERTIFICATE",
            "shows a self-signed certificate: set `ca_file` to a PEM file with this certificate",
        )
        code, checks = check(portsip=table | {"ca_file": str(certificate.path)})
        assert (code, failed(checks)) == (0, set())


def test_a_proxy_that_is_not_there(check: Callable[..., tuple[int, Checks]]) -> None:
    proxied = {"proxy": "http://127.0.0.1:9", "base_url": "https://pbx.example", "limits": {"max_attempts": 1}}
    _, checks = check(voipstudio=proxied)
    assert failed(checks) == {("voipstudio", "sign-in", "")}
    assert checks["voipstudio", "sign-in", ""]["message"].startswith("is behind a proxy that cannot be reached: check `proxy`")
