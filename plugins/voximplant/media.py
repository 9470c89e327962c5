"""The files of recordings, transcriptions, session logs and reports."""

from collections.abc import Sequence

import msgspec

from telegraphql.plugin import BadAnswer, Download, NotFound, Request, RowView
from telegraphql.plugins.voximplant.client import VoximplantAccount
from telegraphql.plugins.voximplant.mapping import Parts
from telegraphql.schema import FileInfo, Record, Recording, Report, ReportStatus

RECORDS = Parts(calls=True, records=True)
UNAVAILABLE_REPORTS = {
    ReportStatus.RUNNING: "has not finished the report yet: try again later",
    ReportStatus.FAILED: "could not generate the report",
    ReportStatus.EXPIRED: "has removed the report's file",
}


class FileLinks(msgspec.Struct):
    """The URLs in the row of a session, a call or a recording."""

    log_file_url: str | None = None
    record_url: str | None = None
    transcription_url: str | None = None
    record_id: int | None = None


LINKS = msgspec.json.Decoder(FileLinks, strict=False)


async def log(account: VoximplantAccount, native_id: str) -> Download:
    """Return the log of a session, which the upstream keeps for a month."""
    session = await account.session(native_id, Parts())
    url = file_links(session).log_file_url if session else None
    if session is None or not url:
        raise NotFound("has no log of this session, or has deleted it")
    return download(account, "Session.log", url, session.files["log"])


async def recording(account: VoximplantAccount, native_id: str) -> Download:
    """Return the audio of a recording."""
    record = await find_recording(account, native_id)
    url = file_links(record).record_url
    if not url or "media" not in record.files:
        raise NotFound("has removed the file of this recording" if record.is_removed else "has no file of this recording")
    return download(account, "Recording.media", url, record.files["media"])


async def transcription(account: VoximplantAccount, native_id: str) -> Download:
    """Return the transcription of a recording. The upstream requires the record's id in the URL."""
    record = await find_recording(account, native_id)
    links = file_links(record)
    if not links.transcription_url or "transcription" not in record.files:
        raise NotFound("has no transcription of this recording")
    separator = "&" if "?" in links.transcription_url else "?"
    url = f"{links.transcription_url}{separator}record_id={links.record_id}"
    return download(account, "Recording.transcription", url, record.files["transcription"])


def report(account: VoximplantAccount, reports: Sequence[Report], native_id: str) -> Download:
    """Return the file of a report. Its status is checked first, because an error in place of the file also has status 200."""
    if not reports:
        raise NotFound("has no such report")
    report_record = reports[0]
    if report_record.status is not ReportStatus.DONE:
        raise NotFound(UNAVAILABLE_REPORTS[report_record.status])
    request = account.request("DownloadHistoryReport", {"history_report_id": native_id})
    return Download(request=request, file_name=report_record.file_name, mime_type="text/csv", may_be_gzipped=True)


async def find_recording(account: VoximplantAccount, native_id: str) -> Recording:
    """Return a recording, looked up in its session.

    Raises:
        NotFound: There is no such recording.
    """
    session = await account.session(native_id.partition(".")[0], RECORDS)
    recordings: list[Recording] = session.held.get("recordings", []) if session else []
    match = next((each for each in recordings if each.native_id == native_id), None)
    if match is None:
        raise NotFound("has no such recording")
    return match


def file_links(record: Record | RowView) -> FileLinks:
    """Return the URLs in a record's row."""
    return LINKS.decode(record.raw)


def download(account: VoximplantAccount, operation: str, url: str, info: FileInfo) -> Download:
    """Return a file by its URL. Only hosts of this account receive the token."""
    if not url.startswith(("http://", "https://")):
        raise BadAnswer("sent a file URL that is not http or https")
    request = Request(operation=operation, path=url, auth=account.may_receive_token(url))
    return Download(request=request, file_name=info.file_name, mime_type=info.mime_type, size_bytes=info.size_bytes)
