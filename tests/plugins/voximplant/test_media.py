import gzip
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
import pytest

from telegraphql.gateway.errors import BadAnswer, Forbidden, NotFound, Unauthorized, Unsupported
from telegraphql.gateway.plugin.audio import mp3
from telegraphql.gateway.plugin.provider import CommandRequest, GetRequest, ListRequest
from telegraphql.gateway.plugin.sandbox import Row
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.plugins.voximplant import Voximplant, media
from telegraphql.schema.enums import ReportKind, ReportStatus
from telegraphql.schema.record import FileInfo
from tests.support.clock import NOW

EVERYTHING = Selection.of("cost", "calls", "recordings", "resourceUsages")


@pytest.fixture
def fresh(serve: Callable[..., Any]) -> Any:
    """A sandbox of today: the files of reports expire."""
    return serve(Voximplant, records=120, now=NOW)


def recorded(served: Any, **wanted: Any) -> Row:
    """The first recording that has these."""
    rows: list[Row] = [row for row in served.truth("recordings") if not row.get("is_removed")]
    return next(row for row in rows if all(str(value) in str(row.get(name)) for name, value in wanted.items()))


def native(row: Row) -> str:
    own = row["record_id"] if "record_id" in row else f"call-{row['call_id']}"
    return f"{row['call_session_history_id']}.{own}"


async def test_a_recording_is_its_exact_bytes(provider: Any, served: Any, fetch: Any) -> None:
    row = recorded(served, record_id=5, file_size="")
    download = await provider.recording_media(native(row))
    status, content, headers = await fetch(provider, download)
    assert (status, headers["content-type"]) == (200, "audio/mpeg")
    assert (download.mime_type, download.size_bytes, len(content)) == ("audio/mpeg", row["file_size"], row["file_size"])
    assert content[:4] == bytes((0xFF, 0xF3, 0x18, 0xC4))
    assert content == mp3(row["duration"])


async def test_a_recording_can_be_had_in_parts(provider: Any, served: Any, fetch: Any) -> None:
    row = recorded(served, record_id=5)
    download = await provider.recording_media(native(row))
    status, content, headers = await fetch(provider, download, "bytes=36-71")
    assert (status, content, headers["content-range"]) == (206, mp3(1)[36:72], f"bytes 36-71/{row['file_size']}")


async def test_secure_recordings_get_the_token_and_an_api_key_does_not_open_them(
    provider: Any, served: Any, fetch: Any, connect: Callable[..., Any]
) -> None:
    name = native(recorded(served, record_url="-secure/"))
    assert (await fetch(provider, await provider.recording_media(name)))[0] == 200
    key = served.sandbox.state.authenticator.accounts[1].api_key
    other = connect(served, credentials_file=None, account_id="1", api_key=key)
    with pytest.raises(Unauthorized):
        await fetch(other, await other.recording_media(name))


async def test_files_on_strange_hosts_are_not_fetched_and_get_no_token(provider: Any, fetch: Any) -> None:
    download = await provider.recording_media("14.call-15")
    assert download.request.auth is False
    with pytest.raises(Forbidden, match="file_hosts"):
        await fetch(provider, download)


async def test_secure_hosts_get_the_token_only_where_configured(served: Any, connect: Callable[..., Any]) -> None:
    trusted = connect(served, file_hosts=["1.2.3.4"], secure_file_hosts=["1.2.3.4"])
    assert (await trusted.recording_media("14.call-15")).request.auth is True
    merely_allowed = connect(served, file_hosts=["1.2.3.4"])
    assert (await merely_allowed.recording_media("14.call-15")).request.auth is False


async def test_a_plain_address_of_an_api_with_https_is_not_fetched_and_gets_no_token(
    served: Any, connect: Callable[..., Any], fetch: Any
) -> None:
    row, journal = recorded(served, record_url="-secure/"), len(served.journal())
    provider = connect(served, base_url=served.table()["base_url"].replace("http:", "https:"))
    download = media.download(provider, "Recording.media", row["record_url"], FileInfo())
    assert (row["record_url"].split("/")[0], download.request.auth) == ("http:", False)
    with pytest.raises(Forbidden, match="`base_url` is https: nothing is fetched over http, whatever `file_hosts` says"):
        await fetch(provider, download)
    assert len(served.journal()) == journal


def test_an_address_that_is_not_of_the_web_is_refused(provider: Any) -> None:
    with pytest.raises(BadAnswer):
        media.download(provider, "Recording.media", "file:///etc/passwd", FileInfo())


async def test_a_transcription_is_text(provider: Any, served: Any, fetch: Any) -> None:
    row = recorded(served, transcription_status="Complete")
    download = await provider.transcription(native(row))
    assert download.request.path == f"{row['transcription_url']}?record_id={row['record_id']}"
    _, content, _ = await fetch(provider, download)
    assert content.startswith(b"Left [00:01]: Good morning.")


async def test_a_removed_recording_has_no_file(provider: Any, served: Any) -> None:
    row = next(row for row in served.truth("recordings") if row.get("is_removed"))
    with pytest.raises(NotFound, match="has removed the file of this recording"):
        await provider.recording_media(native(row))
    with pytest.raises(NotFound, match="has no transcription of this recording"):
        await provider.transcription(native(row))


async def test_a_log_is_text_while_the_upstream_keeps_it(provider: Any, served: Any, fetch: Any) -> None:
    row = next(row for row in reversed(served.truth("sessions")) if "log_file_url" in row)
    _, content, headers = await fetch(provider, await provider.log(str(row["call_session_history_id"])))
    assert content.startswith(row["start_date"].encode())
    assert headers["content-type"].startswith("text/plain")
    cleared = next(row for row in served.truth("sessions") if "log_file_url" not in row)
    with pytest.raises(NotFound):
        await provider.log(str(cleared["call_session_history_id"]))


async def test_what_is_not_there_is_not_found(provider: Any) -> None:
    for get, name in (
        (provider.recording_media, "14.1"),
        (provider.recording_media, "nonsense"),
        (provider.transcription, "14.call-15"),
        (provider.log, "999"),
        (provider.report_media, "1"),
        (provider.report_media, "x"),
    ):
        with pytest.raises(NotFound):
            await get(name)


async def test_deleting_removes_record_file_and_address(fresh: Any, connect: Callable[..., Any]) -> None:
    provider, row = connect(fresh), recorded(fresh, record_id=5)
    outcome = await provider.delete_recordings(CommandRequest(ids=[native(row)]))
    assert (outcome.done, outcome.failed) == ([native(row)], {})
    assert fresh.journal("DeleteRecord")[0]["parameters"] == {"record_id": str(row["record_id"])}
    assert (await provider.recordings_by_id(GetRequest(keys=[native(row)]))).records == []
    assert row["record_url"] not in str(fresh.truth("recordings"))
    with pytest.raises(NotFound):
        await provider.delete_recordings(CommandRequest(ids=[native(row)]))


async def test_a_record_that_only_a_leg_names_is_deleted_by_its_address(fresh: Any, connect: Callable[..., Any]) -> None:
    provider = connect(fresh)
    row = next(row for row in fresh.truth("recordings") if "record_id" not in row and row["call_session_history_id"] > 15)
    outcome = await provider.delete_recordings(CommandRequest(ids=[native(row)]))
    assert (outcome.done, outcome.failed) == ([native(row)], {})
    with pytest.raises(NotFound):
        await provider.delete_recordings(CommandRequest(ids=["14.call-99"]))
    assert [each["parameters"] for each in fresh.journal("DeleteRecord")] == [{"record_url": row["record_url"]}]
    assert row["record_url"] not in str(fresh.truth("calls"))


@pytest.mark.parametrize(
    ("kind", "method", "head"),
    [
        (ReportKind.CALLS, "GetCallHistory", b"call_session_history_id,start_date"),
        (ReportKind.CALLS_BRIEF, "GetBriefCallHistory", b"call_session_history_id,start_date"),
        (ReportKind.TRANSACTIONS, "GetTransactionHistory", b"transaction_id,performed_at"),
        (ReportKind.AUDIT, "GetAuditLog", b"audit_log_id,requested"),
    ],
)
async def test_a_report_lives_from_queued_to_done(
    fresh: Any, connect: Callable[..., Any], fetch: Any, kind: ReportKind, method: str, head: bytes
) -> None:
    provider = connect(fresh)
    since, until = datetime.fromisoformat("2026-10-01T00:00:00Z"), datetime.fromisoformat("2026-12-01T00:00:00Z")
    (queued,) = (
        await provider.request_report(CommandRequest(arguments={"kind": kind, "since": since, "until": until, "filter": {}}))
    ).records
    form = fresh.journal(method)[0]["parameters"]
    assert (form["output"], form["is_async"], form["from_date"], form["to_date"]) == (
        "csv",
        "true",
        "2026-10-01 00:00:00",
        "2026-12-01 00:00:00",
    )
    assert (queued.status, queued.kind) == (ReportStatus.QUEUED, kind)
    with pytest.raises(NotFound, match="not finished"):
        await provider.report_media(queued.native_id)
    (done,) = (await provider.reports_by_id(GetRequest(keys=[queued.native_id]))).records
    assert (done.status, done.kind, done.format) == (ReportStatus.DONE, kind, "csv")
    download = await provider.report_media(done.native_id)
    _, content, _ = await fetch(provider, download)
    assert (download.may_be_gzipped, download.file_name) == (True, done.file_name)
    assert (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).startswith(head)


async def test_a_report_takes_filters_in_the_upstreams_words(fresh: Any, connect: Callable[..., Any]) -> None:
    provider = connect(fresh)
    arguments: Row = {"kind": ReportKind.CALLS, "since": None, "until": None, "filter": {"user_id": [1, 2], "with_calls": False}}
    await provider.request_report(CommandRequest(arguments=arguments))
    form = fresh.journal("GetCallHistory")[0]["parameters"]
    assert (form["user_id"], form["with_calls"], "from_date" in form) == ("1;2", "false", False)


async def test_reports_and_filters_that_do_not_exist_are_unsupported(provider: Any, served: Any) -> None:
    for kind, native_filter in ((ReportKind.QUEUES, {}), (ReportKind.CALLS, {"api_key": "x"}), (ReportKind.CALLS, {"output": "json"})):
        with pytest.raises(Unsupported):
            await provider.request_report(CommandRequest(arguments={"kind": kind, "filter": native_filter}))
    assert served.journal() == []


async def test_failed_and_removed_reports_have_no_file(provider: Any) -> None:
    with pytest.raises(NotFound, match="could not generate"):
        await provider.report_media("34")
    with pytest.raises(NotFound, match="removed"):
        await provider.report_media("35")


async def test_native_rows_are_whole(provider: Any, served: Any) -> None:
    row = next(row for row in served.truth("sessions") if row.get("records"))
    (session,) = (await provider.sessions_for(GetRequest(keys=[str(row["call_session_history_id"])], select=EVERYTHING))).records
    assert msgspec.json.decode(session.raw) == row
    assert [msgspec.json.decode(leg.raw) for leg in session.held["calls"]] == sorted(
        row["calls"], key=lambda each: (each["start_time"], each["call_id"])
    )
    page = await provider.audit_entries(ListRequest(size=1000))
    truth = {str(each["audit_log_id"]): each for each in served.truth("auditEntries")}
    assert all(msgspec.json.decode(entry.raw) == truth[entry.native_id] for entry in page.records)
