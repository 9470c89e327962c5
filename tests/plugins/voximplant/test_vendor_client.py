"""The vendor's own Python client against the sandbox: what it can do at the Management API, it can do here."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from telegraphql.plugins.voximplant import Voximplant
from tests.support.clock import FIXED_NOW
from tests.support.self_signed_certificate import Certificate
from tests.support.tls_server import served_over_tls

apiclient = pytest.importorskip("voximplant.apiclient", reason="voximplant-apiclient is not installed (`make test` installs it)")
ALL: dict[str, Any] = {"from_date": datetime(2012, 1, 1), "to_date": datetime(2030, 1, 1)}


@pytest.fixture(scope="module")
def sandbox() -> Any:
    return Voximplant.sandbox()(records=80, now=FIXED_NOW)


@pytest.fixture(scope="module")
def api(sandbox: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder: Path = tmp_path_factory.mktemp("vendor")
    certificate = Certificate.made(folder)
    with pytest.MonkeyPatch.context() as patch, served_over_tls(sandbox.app(), certificate) as port:
        sandbox.base_url = f"https://127.0.0.1:{port}/platform_api"
        patch.setenv("REQUESTS_CA_BUNDLE", str(certificate.path))
        table = sandbox.configuration(folder)
        yield apiclient.VoximplantAPI(table["credentials_file"], endpoint=f"127.0.0.1:{port}")


def test_it_reads_the_call_history(api: Any, sandbox: Any) -> None:
    answer = api.get_call_history(**ALL, with_calls=True, with_records=True, with_other_resources=True, desc_order=True, count=1000)
    truth = sandbox.records["sessions"]
    assert (answer["total_count"], answer["timezone"]) == (len(truth), "Etc/GMT")
    assert [row["call_session_history_id"] for row in answer["result"]] == [row["call_session_history_id"] for row in truth[::-1]]
    numbers = [[call["remote_number"] for call in row["calls"]] for row in answer["result"]]
    assert numbers == [[call["remote_number"] for call in row["calls"]] for row in truth[::-1]]


def test_it_filters_by_lists(api: Any, sandbox: Any) -> None:
    assert [row["call_session_history_id"] for row in api.get_call_history(**ALL, call_session_history_id=[14, 15])["result"]] == [14, 15]
    number = sandbox.records["calls"][-1]["remote_number"]
    wanted = {row["call_session_history_id"] for row in sandbox.records["calls"] if row["remote_number"] == number}
    found = api.get_call_history(**ALL, remote_number=["0", number], count=1000)["result"]
    assert {row["call_session_history_id"] for row in found} == wanted


def test_it_is_refused_as_by_the_vendor(api: Any) -> None:
    with pytest.raises(apiclient.VoximplantException, match=r"^150: "):
        api.get_call_history(**ALL, call_session_history_id=[14, 1])


@pytest.mark.parametrize(
    ("method", "kind", "given"),
    [
        ("get_transaction_history", "transactions", {"is_uncommitted": False}),
        ("get_acd_history", "queueVisits", {"with_events": True}),
        ("get_audit_log", "auditEntries", {"with_total_count": True}),
    ],
)
def test_it_reads_the_other_histories(api: Any, sandbox: Any, method: str, kind: str, given: dict[str, Any]) -> None:
    answer = getattr(api, method)(**ALL, **given, count=1000)
    assert (answer["total_count"], len(answer["result"])) == (len(sandbox.records[kind]),) * 2


def test_a_report_is_made_and_downloaded(api: Any) -> None:
    number = api.get_call_history_async(**ALL)["history_report_id"]
    (running,) = api.get_history_reports(history_report_id=number, history_type="all")["result"]
    (done,) = api.get_history_reports(history_report_id=number, history_type="all")["result"]
    assert ("completed" in running, "completed" in done) == (False, True)
    file = api.download_history_report(history_report_id=number)
    content = file["file_content"] if isinstance(file, dict) else file
    assert str(content).startswith("call_session_history_id,start_date,")


def test_it_deletes_a_record(api: Any, sandbox: Any) -> None:
    row = next(row for row in sandbox.records["recordings"] if "record_id" in row)
    assert api.delete_record(record_id=row["record_id"])["result"] == 1
    assert row["record_id"] not in [each.get("record_id") for each in sandbox.records["recordings"]]
