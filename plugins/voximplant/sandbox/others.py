"""Others: the methods beside the histories - queues, records, reports, the account."""

from starlette.responses import Response

from telegraphql.plugin import Row
from telegraphql.plugins.voximplant.sandbox.answers import encoded
from telegraphql.plugins.voximplant.sandbox.question import Question
from telegraphql.plugins.voximplant.sandbox.refused import (
    INVALID_PARAMETER,
    INVALID_QUEUE_ID,
    INVALID_RECORD_ID,
    ONLY_ONE_OF,
    RECORD_NOT_FOUND,
    REQUIRED_IS_EMPTY,
    ErrorReply,
)
from telegraphql.plugins.voximplant.sandbox.world import World


def queues(world: World, question: Question) -> Response:
    """GetQueues, which takes a single id."""
    wanted, part = question.text("acd_queue_id"), question.text("acd_queue_name")
    if wanted and not wanted.isdigit():
        raise ErrorReply(INVALID_QUEUE_ID, "The 'acd_queue_id' parameter is invalid.")
    application = question.text("application_id")
    found = [
        row
        for row in world.own(question).queues
        if wanted in ("", str(row["acd_queue_id"]))
        and part in row["acd_queue_name"]
        and application in ("", str(row.get("application_id")))
    ]
    return _sliced(found, question)


def smart_queues(world: World, question: Question) -> Response:
    """SQ_GetQueues, which needs an application."""
    if not question.text("application_id") and not question.text("application_name"):
        raise ErrorReply(REQUIRED_IS_EMPTY, "'application_id' is required.")
    ids, names = question.ids("sq_queue_id", INVALID_QUEUE_ID), question.words("sq_queue_name")
    found = [
        row
        for row in world.own(question).smart_queues
        if question.text("application_id") in ("", str(row["application_id"]))
        and (ids is None or row["sq_queue_id"] in ids)
        and (names is None or row["sq_queue_name"] in names)
    ]
    return _sliced(found, question)


def _sliced(rows: list[Row], question: Question) -> Response:
    count, offset = question.slice()
    part = rows[offset : offset + count]
    return encoded({"result": part, "count": len(part), "total_count": len(rows)})


def delete_record(world: World, question: Question) -> Response:
    """DeleteRecord, by id or by address."""
    number, url = question.text("record_id"), question.text("record_url")
    if bool(number) == bool(url):
        raise ErrorReply(ONLY_ONE_OF, "Only one of the 'record_id', 'record_url' parameters is allowed.")
    if number and not number.isdigit():
        raise ErrorReply(INVALID_RECORD_ID, "The 'record_id' parameter is invalid.")
    books = world.own(question)
    found = next((row for row in books.recordings if str(row.get("record_id")) == number or row["record_url"] == url), None)
    if found is None:
        raise ErrorReply(RECORD_NOT_FOUND, "The record is not found.")
    books.delete(found)
    return encoded({"result": 1})


def reports(world: World, question: Question) -> Response:
    """GetHistoryReports."""
    found, total = world.reports.listed(world.own(question), question)
    return encoded({"result": found, "count": len(found), "total_count": total})


def account_info(world: World, question: Question) -> Response:
    """GetAccountInfo."""
    account = question.caller.account
    if question.given.get("return_live_balance", "").lower() not in ("", "true", "false"):
        raise ErrorReply(INVALID_PARAMETER, "The 'return_live_balance' parameter is invalid.")
    known = {
        "account_id": account.number,
        "account_name": account.name,
        "active": True,
        "balance": 8.15,
        "currency": "USD",
        "location": account.zone,
    }
    return encoded({"result": known})
