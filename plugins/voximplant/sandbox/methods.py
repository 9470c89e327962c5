"""The methods other than histories: queues, records, reports and the account."""

from starlette.responses import Response

from telegraphql.plugin import Row
from telegraphql.plugins.voximplant.sandbox.api_request import ApiRequest
from telegraphql.plugins.voximplant.sandbox.errors import (
    INVALID_PARAMETER,
    INVALID_QUEUE_ID,
    INVALID_RECORD_ID,
    ONLY_ONE_OF,
    RECORD_NOT_FOUND,
    REQUIRED_IS_EMPTY,
    ErrorReply,
)
from telegraphql.plugins.voximplant.sandbox.responses import json_response
from telegraphql.plugins.voximplant.sandbox.state import SandboxState


def queues(state: SandboxState, api_request: ApiRequest) -> Response:
    """Answer GetQueues, which takes a single id."""
    queue_id, name_part = api_request.text("acd_queue_id"), api_request.text("acd_queue_name")
    if queue_id and not queue_id.isdigit():
        raise ErrorReply(INVALID_QUEUE_ID, "The 'acd_queue_id' parameter is invalid.")
    application = api_request.text("application_id")
    rows = [
        row
        for row in state.own_store(api_request).queues
        if queue_id in ("", str(row["acd_queue_id"]))
        and name_part in row["acd_queue_name"]
        and application in ("", str(row.get("application_id")))
    ]
    return _slice_response(rows, api_request)


def smart_queues(state: SandboxState, api_request: ApiRequest) -> Response:
    """Answer SQ_GetQueues, which requires an application."""
    if not api_request.text("application_id") and not api_request.text("application_name"):
        raise ErrorReply(REQUIRED_IS_EMPTY, "'application_id' is required.")
    ids, names = api_request.ids("sq_queue_id", INVALID_QUEUE_ID), api_request.words("sq_queue_name")
    rows = [
        row
        for row in state.own_store(api_request).smart_queues
        if api_request.text("application_id") in ("", str(row["application_id"]))
        and (ids is None or row["sq_queue_id"] in ids)
        and (names is None or row["sq_queue_name"] in names)
    ]
    return _slice_response(rows, api_request)


def _slice_response(rows: list[Row], api_request: ApiRequest) -> Response:
    count, offset = api_request.slice()
    page = rows[offset : offset + count]
    return json_response({"result": page, "count": len(page), "total_count": len(rows)})


def delete_record(state: SandboxState, api_request: ApiRequest) -> Response:
    """Answer DeleteRecord, by id or by URL."""
    record_id, url = api_request.text("record_id"), api_request.text("record_url")
    if bool(record_id) == bool(url):
        raise ErrorReply(ONLY_ONE_OF, "Only one of the 'record_id', 'record_url' parameters is allowed.")
    if record_id and not record_id.isdigit():
        raise ErrorReply(INVALID_RECORD_ID, "The 'record_id' parameter is invalid.")
    store = state.own_store(api_request)
    recording = next((row for row in store.recordings if str(row.get("record_id")) == record_id or row["record_url"] == url), None)
    if recording is None:
        raise ErrorReply(RECORD_NOT_FOUND, "The record is not found.")
    store.delete_recording(recording)
    return json_response({"result": 1})


def reports(state: SandboxState, api_request: ApiRequest) -> Response:
    """Answer GetHistoryReports."""
    rows, total = state.reports.list_reports(state.own_store(api_request), api_request)
    return json_response({"result": rows, "count": len(rows), "total_count": total})


def account_info(state: SandboxState, api_request: ApiRequest) -> Response:
    """Answer GetAccountInfo."""
    account = api_request.caller.account
    if api_request.values.get("return_live_balance", "").lower() not in ("", "true", "false"):
        raise ErrorReply(INVALID_PARAMETER, "The 'return_live_balance' parameter is invalid.")
    info = {
        "account_id": account.number,
        "account_name": account.name,
        "active": True,
        "balance": 8.15,
        "currency": "USD",
        "location": account.zone,
    }
    return json_response({"result": info})
