"""A trial of a list: records beside their rows, the requests that were sent, and what is filled and read of both."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from telegraphql.gateway.cli.main import commands
from telegraphql.gateway.conformance.simulation import Simulation, run_sandbox
from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.sandbox_servers import run_sandboxes
from telegraphql.gateway.scaffold.listing_trial import ListingTrial, listed_kind, try_listing
from telegraphql.gateway.upstream.request_budget import RequestBudget
from telegraphql.plugins.boxis.sandbox import BoxisSandbox
from tests.gateway.conformance.acme import Acme
from tests.support.clock import FIXED_NOW


@pytest.fixture
def simulation(tmp_path: Path) -> Iterator[Simulation]:
    with run_sandbox(Acme, tmp_path, 24, FIXED_NOW) as simulation:
        yield simulation


def tried(simulation: Simulation, kind: str, size: int) -> ListingTrial:
    serving = BoundProvider.of(simulation.provider)
    found: list[ListingTrial] = []

    async def work() -> None:
        found.append(await try_listing(serving, listed_kind(serving, kind), size, RequestBudget()))

    simulation.run(work())
    return found[0]


def test_rows_stand_beside_their_records(simulation: Simulation) -> None:
    rows = sorted(simulation.sandbox.records["calls"], key=lambda row: row["at"], reverse=True)
    rows[0] |= {"agent": {"name": "Ada", "mood": ""}, "caller": ""}
    trial = tried(simulation, "Call", 2)
    assert len(trial.pairs) == 2
    row, record = next(pair for pair in trial.pairs if pair[0]["id"] == rows[0]["id"])
    assert row == {name: value for name, value in rows[0].items() if name != "price"}
    assert (record["nativeId"], record["hangupCause"], record["from"]["kind"].name) == (row["id"], row["result"], "UNKNOWN")
    assert trial.requests == Counter({"GET /calls": 1})
    assert trial.unread == ["agent.name"]
    assert (trial.unfilled, trial.problems) == (["cost"], [])
    assert {"answeredAt", "userId"} <= set(trial.unmapped)
    assert not {"startedAt", "from", "cost"} & set(trial.unmapped)


def test_a_list_of_links_is_read_in_its_own_order(simulation: Simulation) -> None:
    trial = tried(simulation, "Transaction", 3)
    newest = sorted(simulation.sandbox.records["fees"], key=lambda row: (row["at"], row["id"]), reverse=True)[:3]
    assert [row for row, _ in trial.pairs] == newest
    assert (trial.requests, trial.unread, trial.unfilled) == (Counter({"GET /fees": 1}), [], [])


def test_a_row_that_cannot_be_read_is_told(simulation: Simulation) -> None:
    simulation.sandbox.records["fees"].append({"id": "", "at": "2999-01-01T00:00:00Z", "name": "fee", "price": "1"})
    (problem,) = tried(simulation, "Transaction", 3).problems
    assert "cannot be read" in problem


def test_a_kind_that_is_not_listed_is_refused(simulation: Simulation) -> None:
    with pytest.raises(SettingsError, match="has no list of 'Chat'; choose one of Call, Queue, Recording, Transaction, Voicemessage"):
        listed_kind(BoundProvider.of(simulation.provider), "Chat")


def run(config: Path, *arguments: str) -> tuple[int, str]:
    told = CliRunner().invoke(commands, ["plugin", "try", *arguments, "--config", str(config)])
    return told.exit_code, told.output or str(told.exception)


def test_the_command_prints_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sandbox = BoxisSandbox(records=20)
    with run_sandboxes([sandbox], 0):
        table = "".join(f'{name} = "{value}"\n' for name, value in sandbox.configuration(tmp_path).items())
        config = tmp_path / "telegraphql.toml"
        config.write_text(f"[providers.tenant]\n{table}", "utf-8")
        code, said = run(config, "tenant", "--size", "1")
        assert code == 0
        assert "getCDR\n" in said
        assert '"nativeId":' in said
        assert "in the rows, but not read: accountcode" in said
        assert run(config, "other")[1].endswith("there is no provider 'other' in the configuration; it has tenant")
