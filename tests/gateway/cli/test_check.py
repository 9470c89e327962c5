"""Check: what works at each provider, what is refused, and what to change, by the plugin contract alone."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from rich.console import Console
from typer.testing import CliRunner

from telegraphql import __version__
from telegraphql.gateway.cli import main
from telegraphql.gateway.cli.check import check_providers
from telegraphql.gateway.cli.check_report import CheckResult, ProviderChecks, Result
from telegraphql.gateway.cli.provider_check import REFUSED_FILTER
from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.errors import (
    BadAnswer,
    Forbidden,
    RateLimited,
    RejectedInput,
    TimedOut,
    Unauthorized,
    Unavailable,
    Unsupported,
    UpstreamError,
)
from telegraphql.gateway.plugin.provider import Download, Keyset, ListRequest, Page, Provider, Push, Settings, Whole, files, lists
from telegraphql.gateway.plugin.registry import Plugins
from telegraphql.gateway.runtime import Runtime
from telegraphql.gateway.upstream.client import Request
from telegraphql.gateway.upstream.connection_errors import ConnectionCause
from telegraphql.gateway.upstream.health import Health
from telegraphql.schema import Call, CallDirection, FileInfo, Party, Queue, Recording
from telegraphql.schema.enums import TimeOrder

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


class CheckedSettings(Settings):
    """No network."""

    base_url: str = "http://checked.example"


class Checked(Provider):
    """A stranger's plugin. `faults` are raised by provider and check, such as ("acme", "Call.direction")."""

    plugin = "checked"
    settings_type = CheckedSettings
    faults: dict[tuple[str, str], Exception] = {}  # noqa: RUF012 - shared on purpose
    requests: list[ListRequest] = []  # noqa: RUF012 - shared on purpose
    is_sorted = True

    def fail(self, what: str) -> None:
        """Raise what is told for this provider."""
        if error := self.faults.get((self.name, what)):
            raise error

    async def check(self) -> None:
        """Sign in."""
        self.fail("sign-in")

    async def diagnose(self) -> None:
        """Warn of what this account refuses."""
        self.fail("hint")
        self.upstream.set_warnings(["refuses a filter: remove it"] if self.name == "limited" else [])

    @lists(
        Call,
        pages=Keyset(most=100),
        counts=True,
        filters={"startedAt": Push.EXACT, "direction": Push.EXACT, "number": Push.SUPERSET, "userId": Push.EXACT, "isTracked": Push.EXACT},
    )
    async def calls(self, request: ListRequest) -> Page:
        """List two calls."""
        self.requests.append(request)
        for name in request.filter or ["list"]:
            self.fail(f"Call.{name}")
        calls = [self._call(number) for number in (2, 1)]
        if (request.order is TimeOrder.OLDEST_FIRST) is self.is_sorted:
            calls.reverse()
        return Page(records=calls, read=2, total=2)

    def _call(self, number: int) -> Call:
        return Call(
            provider_name=self.name,
            native_id=str(number),
            started_at=NOW + timedelta(minutes=number),
            direction=CallDirection.OUTBOUND,
            from_=Party(number="+41616925879"),
            to=Party(number="100"),
            user_id="7",
        )

    @lists(Queue, pages=Whole(most=10), filters={"number": Push.EXACT})
    async def queues(self, request: ListRequest) -> Page:
        """List nothing."""
        self.fail("Queue.list")
        return Page(records=[], read=0)

    @lists(Recording, pages=Whole(most=10))
    async def recordings(self, request: ListRequest) -> Page:
        """List a recording with a file, unless the account has none."""
        if self.name == "fileless":
            return Page(records=[], read=0)
        media = {"media": FileInfo("audio/mpeg")}
        return Page(records=[Recording(provider_name=self.name, native_id="1", started_at=NOW, files=media)], read=1)

    @files("Recording.media")
    async def media(self, native_id: str) -> Download:
        """Locate a file of this machine."""
        self.fail("Recording.media")
        return Download(request=Request(operation="media", local=lambda: open(__file__, "rb")))

    @files("exportUserCalls")
    async def export(self, native_id: str) -> Download:
        """Locate a file that belongs to no record."""
        raise AssertionError


async def reports(*names: str, faults: dict[tuple[str, str], Exception] | None = None) -> list[ProviderChecks]:
    tables: dict[str, Any] = {name: {"plugin": "broken" if name == "lost" else "checked"} for name in names}
    Checked.faults = faults or {}
    Checked.requests.clear()
    installed = Plugins({"checked": Checked}, {"broken": "ImportError: oops"})
    return await check_providers(Runtime.build(build_config({"providers": tables}, Path()), installed))


async def report(name: str = "acme", **faults: Exception) -> ProviderChecks:
    (found,) = await reports(name, faults={(name, what.replace("__", ".").replace("_", "-")): error for what, error in faults.items()})
    return found


def results(found: ProviderChecks) -> list[tuple[str, str, str]]:
    return [(each.check, each.subject, each.result.value) for each in found.checks]


EVERYTHING = [
    ("sign-in", "", "ok"),
    ("list", "Call", "ok"),
    ("order", "Call.NEWEST_FIRST", "ok"),
    ("order", "Call.OLDEST_FIRST", "ok"),
    ("count", "Call", "ok"),
    ("filter", "Call.startedAt", "ok"),
    ("filter", "Call.direction", "ok"),
    ("filter", "Call.number", "ok"),
    ("filter", "Call.userId", "ok"),
    ("filter", "Call.isTracked", "ok"),
    ("list", "Queue", "ok"),
    ("filter", "Queue.number", "ok"),
    ("list", "Recording", "ok"),
    ("file", "Recording.media", "ok"),
]


async def test_all_that_is_declared_is_tried() -> None:
    found = await report()
    assert (sorted(results(found)), found.is_ok) == (sorted(EVERYTHING), True)
    sent = {name: value for request in Checked.requests for name, value in request.filter.items()}
    assert (sent["direction"], sent["userId"], sent["isTracked"]) == ([CallDirection.OUTBOUND], ["7"], True)
    (number,) = [request.filter["number"] for request in Checked.requests if "number" in request.filter]
    assert number.equals == ["+41616925879"]
    (started,) = [request for request in Checked.requests if "startedAt" in request.filter]
    assert started.until is not None
    assert started.since == started.until - timedelta(days=1)


async def test_without_a_sign_in_nothing_else_is_tried() -> None:
    found = await report(sign_in=Unauthorized("refused the credentials"))
    advice = "check this provider's credentials in the configuration"
    expected = CheckResult("sign-in", Result.FAILED, "", "UNAUTHORIZED", "", "refused the credentials", advice)
    assert (found.checks, found.is_ok) == ([expected], False)


@pytest.mark.parametrize(
    ("fault", "code", "advice"),
    [
        (Forbidden("no role"), "FORBIDDEN", "give the configured account the role it needs at the provider"),
        (TimedOut("no answer in time"), "TIMEOUT", "check base_url and any firewall in between"),
        (Unavailable("is down"), "UNAVAILABLE", "check base_url and whether the provider is up"),
        (BadAnswer("answers HTML"), "BAD_ANSWER", "check that base_url is the URL of this provider's API"),
        (RateLimited("wait"), "RATE_LIMITED", "wait a while and check again"),
        (RejectedInput("refused a value"), "BAD_INPUT", "see the message"),
        (Unavailable(ConnectionCause.REFUSED.value, cause="REFUSED"), "UNAVAILABLE", ""),
    ],
    ids=lambda each: type(each).__name__,
)
async def test_a_list_that_is_refused_costs_only_its_own_checks(fault: UpstreamError, code: str, advice: str) -> None:
    found = await report(Call__list=fault)
    (failed,) = found.of(Result.FAILED)
    assert failed == CheckResult("list", Result.FAILED, "Call", code, fault.cause, fault.message, advice)
    assert {each.subject for each in found.of(Result.OK)} == {"", "Queue", "Queue.number", "Recording", "Recording.media"}


async def test_a_filter_and_a_file_that_are_refused() -> None:
    found = await report(Call__direction=RejectedInput("refused a value"), Recording__media=Forbidden("no permission"))
    advice = "give the configured account the role it needs at the provider"
    assert found.of(Result.FAILED) == [
        CheckResult("filter", Result.FAILED, "Call.direction", "BAD_INPUT", "", "refused a value", REFUSED_FILTER),
        CheckResult("file", Result.FAILED, "Recording.media", "FORBIDDEN", "", "no permission", advice),
    ]


async def test_what_an_account_does_not_support_or_have_is_skipped() -> None:
    found = await report("fileless", Queue__list=Unsupported("has no queues"))
    assert [(each.check, each.subject, each.message) for each in found.of(Result.SKIPPED)] == [
        ("list", "Queue", "has no queues"),
        ("file", "Recording.media", "there are no records"),
    ]
    assert found.is_ok


async def test_hints_of_the_plugin_stand_beside_what_works() -> None:
    found = await report("limited")
    assert found.of(Result.WARNING) == [CheckResult("hint", Result.WARNING, message="refuses a filter: remove it")]
    assert found.is_ok
    (failed,) = (await report(hint=Unavailable("is down"))).of(Result.FAILED)
    assert (failed.check, failed.code) == ("hint", "UNAVAILABLE")


async def test_records_out_of_order_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Checked, "is_sorted", False)
    assert [each.subject for each in (await report()).of(Result.WARNING)] == ["Call.NEWEST_FIRST", "Call.OLDEST_FIRST"]


async def test_a_bug_of_a_plugin_is_told_as_one() -> None:
    (failed,) = (await report(sign_in=KeyError("secret"))).of(Result.FAILED)
    assert (failed.code, failed.text) == ("PLUGIN", "the plugin failed with KeyError; report it to the author of the plugin")
    (failed,) = (await report(Call__list=KeyError("secret"))).of(Result.FAILED)
    assert "secret" not in failed.text


async def test_a_broken_plugin_stops_nobody_else() -> None:
    fine, lost = await reports("fine", "lost")
    assert (fine.is_ok, lost.is_ok) == (True, False)
    assert lost == ProviderChecks(
        "lost", "", [CheckResult("plugin", Result.FAILED, code="BROKEN", message="its plugin broken is broken: ImportError: oops")]
    )


@pytest.mark.parametrize(
    ("skew", "expected"),
    [
        (timedelta(seconds=4), ("ok", "")),
        (timedelta(seconds=95), ("warning", "the provider's clock is 95 s ahead of this machine's")),
        (timedelta(seconds=-95), ("warning", "the provider's clock is 95 s behind of this machine's")),
    ],
)
async def test_the_clock_is_compared_by_the_date_of_an_answer(
    monkeypatch: pytest.MonkeyPatch, skew: timedelta, expected: tuple[str, str]
) -> None:
    monkeypatch.setattr(Health, "clock_skew", skew)
    (clock,) = [each for each in (await report()).checks if each.check == "clock"]
    assert (clock.result.value, clock.message) == expected


def test_the_skew_of_a_clock() -> None:
    health = Health()
    assert health.clock_skew is None
    health.note_date(format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True))
    assert health.clock_skew is not None
    assert timedelta(minutes=59) < health.clock_skew <= timedelta(hours=1)
    for header in (None, "yesterday", "Fri, 20 Nov 2026 12:00:00"):
        health = Health()
        health.note_date(header)
        assert health.clock_skew is None


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    installed = Plugins({"checked": Checked}, {})
    monkeypatch.setattr("telegraphql.gateway.runtime.plugins", lambda: installed)
    monkeypatch.setattr(main, "out", Console(width=300))
    path = tmp_path / "telegraphql.toml"

    def invoke(*options: str, faults: dict[tuple[str, str], Exception] | None = None) -> Any:
        Checked.faults = faults or {}
        path.write_text(tomli_w.dumps({"providers": {"acme": {"plugin": "checked"}}}))
        return CliRunner().invoke(main.commands, ["check", "--config", str(path), *options])

    return invoke


def test_the_json_has_stable_keys(run: Callable[..., Any]) -> None:
    found = run("--json", faults={("acme", "Call.list"): Unavailable("is away", cause="REFUSED")})
    assert found.exit_code == 1
    printed = json.loads(found.stdout)
    (provider,) = printed.pop("providers")
    checks = provider.pop("checks")
    assert printed == {"version": __version__, "ok": False, "warnings": printed["warnings"]}
    assert provider == {"provider": "acme", "plugin": "checked", "ok": False}
    assert {tuple(each) for each in checks} == {("check", "result", "subject", "code", "cause", "message", "advice")}
    assert checks[1] == {
        "check": "list",
        "result": "failed",
        "subject": "Call",
        "code": "UNAVAILABLE",
        "cause": "REFUSED",
        "message": "is away",
        "advice": "",
    }
    healthy = run("--json")
    assert (healthy.exit_code, json.loads(healthy.stdout)["ok"]) == (0, True)


def test_the_table_says_what_works_and_what_does_not(run: Callable[..., Any]) -> None:
    found = run(faults={("acme", "Call.direction"): RejectedInput("refused a [value]")})
    lines = [[cell.strip() for cell in line.split("│")[1:-1]] for line in found.stdout.splitlines() if line.startswith("│")]
    assert found.exit_code == 1
    assert lines == [
        ["acme (checked)", "ok", "sign-in, 3 lists, 2 orders, count, 5 filters, file", ""],
        ["", "BAD_INPUT", "filter Call.direction", f"refused a [value]; {REFUSED_FILTER}"],
    ]


def test_the_checks_are_documented() -> None:
    page = (Path(__file__).parents[3] / "docs/operate.md").read_text()
    for name in ("plugin", "connection", "sign-in", "clock", "list", "order", "filter", "count", "file", "hint"):
        assert f"| `{name}` |" in page, name
    for cause in ConnectionCause:
        assert f"`{cause.name}`" in page, cause.name
