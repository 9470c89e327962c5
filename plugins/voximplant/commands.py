"""Commands: deletion of recordings, and requests of reports."""

from collections.abc import Mapping
from typing import Any

from telegraphql.plugin import CommandRequest, CommandResult, Unsupported
from telegraphql.plugins.voximplant import media, parameters
from telegraphql.plugins.voximplant.client import GMT, VoximplantAccount
from telegraphql.plugins.voximplant.parameters import Form
from telegraphql.plugins.voximplant.wire import DONE, STARTED
from telegraphql.schema import Report, ReportKind, ReportStatus

ALL_PARTS = {"with_calls": "true", "with_records": "true", "with_other_resources": "true"}
REPORT_METHODS: dict[ReportKind, tuple[str, Form]] = {
    ReportKind.CALLS: ("GetCallHistory", ALL_PARTS),
    ReportKind.CALLS_BRIEF: ("GetBriefCallHistory", {}),
    ReportKind.TRANSACTIONS: ("GetTransactionHistory", {}),
    ReportKind.AUDIT: ("GetAuditLog", {}),
}
# The upstream's parameters that a client may set: filters, but no credentials and no output format.
FILTER_NAMES = """call_session_history_id application_id application_name user_id rule_name remote_number local_number min_duration
    max_duration call_session_history_custom_data
    with_calls with_records with_other_resources child_account_id children_calls_only with_header
    desc_order transaction_id transaction_type children_transactions_only users_transactions_only is_uncommitted audit_log_id
    filtered_admin_user_id filtered_ip filtered_cmd advanced_filters decimal_separator"""
ALLOWED_FILTERS = frozenset(FILTER_NAMES.split())


async def delete_recording(account: VoximplantAccount, request: CommandRequest) -> CommandResult:
    """Delete a recording. The upstream deletes its transcription too."""
    (native_id,) = request.ids
    await account.read("DeleteRecord", await record_parameters(account, native_id), DONE)
    return CommandResult(done=[native_id])


async def record_parameters(account: VoximplantAccount, native_id: str) -> Form:
    """Return the parameters that identify a recording: its id, or its URL if only a call names it."""
    record_id = native_id.partition(".")[2]
    if parameters.numbers([record_id]):
        return {"record_id": record_id}
    return {"record_url": media.file_links(await media.find_recording(account, native_id)).record_url or ""}


async def request_report(account: VoximplantAccount, request: CommandRequest) -> CommandResult:
    """Start a report. Its status is QUEUED until it is polled."""
    kind: ReportKind = request.arguments["kind"]
    if kind not in REPORT_METHODS:
        raise Unsupported(f"has no report of {kind.name}; it has {', '.join(each.name for each in REPORT_METHODS)}")
    method, extra = REPORT_METHODS[kind]
    form = GMT | extra | report_period(account, request.arguments) | native_filters(request.arguments.get("filter") or {})
    answer = await account.read(method, form | {"output": "csv", "is_async": "true"}, STARTED)
    report_id = str(answer.history_report_id)
    return CommandResult(
        done=[report_id],
        records=[Report(provider_name=account.id, native_id=report_id, kind=kind, status=ReportStatus.QUEUED, format="csv")],
    )


def report_period(account: VoximplantAccount, arguments: Mapping[str, Any]) -> Form:
    """Return the time range of a report; empty for the upstream's default."""
    since, until = arguments.get("since"), arguments.get("until")
    return parameters.window(since or account.settings.history_start, until) if since or until else {}


def native_filters(native: Mapping[str, Any]) -> Form:
    """Return further filters in the upstream's terms. Lists are joined as the upstream expects."""
    unknown = sorted(set(native) - ALLOWED_FILTERS)
    if unknown:
        raise Unsupported(f"does not support the report filter {', '.join(unknown)[:200]}; supported: {', '.join(sorted(ALLOWED_FILTERS))}")
    return {name: format_value(value) for name, value in native.items()}


def format_value(value: Any) -> str:
    """Return a value as the upstream writes it."""
    if isinstance(value, bool):
        return parameters.flag(value)
    return ";".join(map(str, value)) if isinstance(value, list) else str(value)
