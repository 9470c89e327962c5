"""Commands: deleting recordings, and having reports made."""

from collections.abc import Mapping
from typing import Any

from telegraphql.plugin import CommandRequest, CommandResult, Unsupported, UpstreamError
from telegraphql.plugins.voximplant import media, parameters
from telegraphql.plugins.voximplant.client import GMT, VoximplantAccount
from telegraphql.plugins.voximplant.parameters import Form
from telegraphql.plugins.voximplant.wire import DONE, STARTED
from telegraphql.schema import Report, ReportKind, ReportStatus

WHOLE_CALLS = {"with_calls": "true", "with_records": "true", "with_other_resources": "true"}
METHODS: dict[ReportKind, tuple[str, Form]] = {
    ReportKind.CALLS: ("GetCallHistory", WHOLE_CALLS),
    ReportKind.CALLS_BRIEF: ("GetBriefCallHistory", {}),
    ReportKind.TRANSACTIONS: ("GetTransactionHistory", {}),
    ReportKind.AUDIT: ("GetAuditLog", {}),
}
# What a client may add in the upstream's words: filters, but no credentials and nothing that changes what comes back.
FILTERS = """call_session_history_id application_id application_name user_id rule_name remote_number local_number min_duration max_duration
    call_session_history_custom_data with_calls with_records with_other_resources child_account_id children_calls_only with_header
    desc_order transaction_id transaction_type children_transactions_only users_transactions_only is_uncommitted audit_log_id
    filtered_admin_user_id filtered_ip filtered_cmd advanced_filters decimal_separator"""
ALLOWED = frozenset(FILTERS.split())


async def delete_recordings(account: VoximplantAccount, order: CommandRequest) -> CommandResult:
    """Delete each recording; the upstream takes one at a time and deletes its transcription too."""
    outcome = CommandResult()
    for native_id in order.ids:
        try:
            await account.read("DeleteRecord", await named(account, native_id), DONE)
        except UpstreamError as error:
            outcome.failed[native_id] = error
        else:
            outcome.done.append(native_id)
    return outcome


async def named(account: VoximplantAccount, native_id: str) -> Form:
    """How the upstream is told which record: by its id, or by its address where a leg is all that names it."""
    record = native_id.partition(".")[2]
    if parameters.numbers([record]):
        return {"record_id": record}
    return {"record_url": media.links(await media.find(account, native_id)).record_url or ""}


async def request_report(account: VoximplantAccount, order: CommandRequest) -> CommandResult:
    """Start a report; its state is QUEUED until it is asked for."""
    kind: ReportKind = order.arguments["kind"]
    if kind not in METHODS:
        raise Unsupported(f"makes no reports of {kind.name}; ask for {', '.join(each.name for each in METHODS)}")
    method, extra = METHODS[kind]
    form = GMT | extra | period(account, order.arguments) | extras(order.arguments.get("filter") or {})
    answer = await account.read(method, form | {"output": "csv", "is_async": "true"}, STARTED)
    started = str(answer.history_report_id)
    return CommandResult(
        done=[started],
        records=[Report(provider_name=account.name, native_id=started, kind=kind, status=ReportStatus.QUEUED, format="csv")],
    )


def period(account: VoximplantAccount, arguments: Mapping[str, Any]) -> Form:
    """The time a report covers; nothing where the upstream's default is wanted."""
    since, until = arguments.get("since"), arguments.get("until")
    return parameters.window(since or account.settings.history_start, until) if since or until else {}


def extras(native: Mapping[str, Any]) -> Form:
    """More filters in the upstream's own words; lists are joined as it wants them."""
    unknown = sorted(set(native) - ALLOWED)
    if unknown:
        raise Unsupported(f"takes no filter {', '.join(unknown)[:200]} for a report; these are known: {', '.join(sorted(ALLOWED))}")
    return {name: written(value) for name, value in native.items()}


def written(value: Any) -> str:
    """A value as the upstream writes it."""
    if isinstance(value, bool):
        return parameters.flag(value)
    return ";".join(map(str, value)) if isinstance(value, list) else str(value)
