"""Media: where the bytes of recordings, transcriptions, logs and reports are."""

from collections.abc import Sequence

import msgspec

from telegraphql.plugin import BadAnswer, Download, NotFound, Request, RowView
from telegraphql.plugins.voximplant.client import VoximplantAccount
from telegraphql.plugins.voximplant.mapping import Parts
from telegraphql.schema import FileInfo, Record, Recording, Report, ReportStatus

RECORDS = Parts(calls=True, records=True)
NOT_THERE = {
    ReportStatus.RUNNING: "has not finished the report yet; ask again later",
    ReportStatus.FAILED: "could not make the report",
    ReportStatus.EXPIRED: "has removed the report's file",
}


class Links(msgspec.Struct):
    """The addresses in a row of a session, a leg or a record."""

    log_file_url: str | None = None
    record_url: str | None = None
    transcription_url: str | None = None
    record_id: int | None = None


LINKS = msgspec.json.Decoder(Links, strict=False)


async def log(account: VoximplantAccount, native_id: str) -> Download:
    """A session's log, which the upstream keeps for a month."""
    found = await account.session(native_id, Parts())
    url = links(found).log_file_url if found else None
    if found is None or not url:
        raise NotFound("has no log of this session (any more)")
    return download(account, "Session.log", url, found.files["log"])


async def recording(account: VoximplantAccount, native_id: str) -> Download:
    """A recording's sound."""
    found = await find(account, native_id)
    url = links(found).record_url
    if not url or "media" not in found.files:
        raise NotFound("has removed the file of this recording" if found.is_removed else "has no file of this recording")
    return download(account, "Recording.media", url, found.files["media"])


async def transcription(account: VoximplantAccount, native_id: str) -> Download:
    """A recording's words. The upstream wants the record's id appended to the address."""
    found = await find(account, native_id)
    known = links(found)
    if not known.transcription_url or "transcription" not in found.files:
        raise NotFound("has no transcription of this recording")
    joint = "&" if "?" in known.transcription_url else "?"
    url = f"{known.transcription_url}{joint}record_id={known.record_id}"
    return download(account, "Recording.transcription", url, found.files["transcription"])


def report(account: VoximplantAccount, found: Sequence[Report], native_id: str) -> Download:
    """A report's file. Its state is looked at first, because a refusal instead of a file has status 200 too."""
    if not found:
        raise NotFound("has no such report")
    known = found[0]
    if known.status is not ReportStatus.DONE:
        raise NotFound(NOT_THERE[known.status])
    request = account.request("DownloadHistoryReport", {"history_report_id": native_id})
    return Download(request=request, file_name=known.file_name, mime_type="text/csv", may_be_gzipped=True)


async def find(account: VoximplantAccount, native_id: str) -> Recording:
    """One recording, looked up through its session."""
    session = await account.session(native_id.partition(".")[0], RECORDS)
    recordings: list[Recording] = session.held.get("recordings", []) if session else []
    found = next((each for each in recordings if each.native_id == native_id), None)
    if found is None:
        raise NotFound("has no such recording")
    return found


def links(record: Record | RowView) -> Links:
    """The addresses in a record's own row."""
    return LINKS.decode(record.raw)


def download(account: VoximplantAccount, operation: str, url: str, info: FileInfo) -> Download:
    """A file by its address; the token goes to hosts that are this account's only."""
    if not url.startswith(("http://", "https://")):
        raise BadAnswer("names a file whose address is not one of the web")
    request = Request(operation=operation, path=url, auth=account.is_ours(url))
    return Download(request=request, file_name=info.file_name, mime_type=info.mime_type, size_bytes=info.size_bytes)
