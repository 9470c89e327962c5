"""The vendor's own client for Node.js against the sandbox: its forms are in parts, with other booleans and lists than those in Python."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from telegraphql.plugins.voximplant import Voximplant
from tests.clients.node import FOLDER, said
from tests.support.clock import FIXED_NOW
from tests.support.self_signed_certificate import Certificate
from tests.support.tls_server import served_over_tls


@pytest.fixture(scope="module")
def sandbox() -> Any:
    return Voximplant.sandbox()(records=80, now=FIXED_NOW)


@pytest.fixture(scope="module")
def answers(sandbox: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the client has read, by the names of its requests."""
    if not (FOLDER / "node_modules" / "@voximplant").is_dir():
        pytest.skip("@voximplant/apiclient-nodejs is not installed (`make test` installs it)")
    folder: Path = tmp_path_factory.mktemp("vendor")
    certificate = Certificate.made(folder)
    record = next(row for row in sandbox.records["recordings"] if "record_id" in row)
    with pytest.MonkeyPatch.context() as patch, served_over_tls(sandbox.app(), certificate) as port:
        sandbox.base_url = f"https://127.0.0.1:{port}/platform_api"
        patch.setenv("NODE_EXTRA_CA_CERTS", str(certificate.path))
        credentials = sandbox.configuration(folder)["credentials_file"]
        number = sandbox.records["calls"][-1]["remote_number"]
        given = (str(credentials), f"127.0.0.1:{port}", "14", number, str(record["record_id"]))
        found = dict(asyncio.run(said("voximplant.mjs", *given)))
    return found | {"number wanted": number, "record wanted": record["record_id"]}


def ids(answer: Any) -> list[int]:
    return [row["callSessionHistoryId"] for row in answer["result"]]


def test_it_reads_the_call_history(answers: Any, sandbox: Any) -> None:
    truth = sandbox.records["sessions"]
    assert (answers["calls"]["totalCount"], answers["calls"]["timezone"]) == (len(truth), "Etc/GMT")
    assert ids(answers["calls"]) == [row["call_session_history_id"] for row in truth[::-1]]
    numbers = [[call["remote_number"] for call in row["calls"]] for row in answers["calls"]["result"]]
    assert numbers == [[call["remote_number"] for call in row["calls"]] for row in truth[::-1]]


def test_it_filters(answers: Any, sandbox: Any) -> None:
    assert ids(answers["one"]) == [14]
    wanted = {row["call_session_history_id"] for row in sandbox.records["calls"] if row["remote_number"] == answers["number wanted"]}
    assert set(ids(answers["number"])) == wanted


def test_it_is_refused_as_by_the_vendor(answers: Any) -> None:
    assert answers["unknown"]["error"]["code"] == 150


@pytest.mark.parametrize(("name", "kind"), [("transactions", "transactions"), ("visits", "queueVisits"), ("audit", "auditEntries")])
def test_it_reads_the_other_histories(answers: Any, sandbox: Any, name: str, kind: str) -> None:
    assert (answers[name]["totalCount"], len(answers[name]["result"])) == (len(sandbox.records[kind]),) * 2


def test_a_report_is_made_and_downloaded(answers: Any) -> None:
    assert ["completed" in answers[name]["result"][0] for name in ("running", "done")] == [False, True]
    assert str(answers["file"]["fileContent"]).startswith("call_session_history_id,start_date,")


def test_it_deletes_a_record(answers: Any, sandbox: Any) -> None:
    assert answers["deleted"]["result"] == 1
    assert answers["record wanted"] not in [each.get("record_id") for each in sandbox.records["recordings"]]
