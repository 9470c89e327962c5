"""The pages of the providers: each documented parameter of each method has a place for clients, or a reason why not."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SEEDS = ROOT.parent / "shared" / "seeds"
LISTED = "desc_order count offset output is_async"
# As the vendors' documents name them, credentials aside.
METHODS: Mapping[str, Mapping[str, str]] = {
    "voximplant": {
        "DeleteRecord": "record_url record_id",
        "DownloadHistoryReport": "history_report_id",
        "GetACDHistory": "from_date to_date acd_session_history_id acd_request_id acd_queue_id user_id operator_hangup unserviced "
        "min_waiting_time rejected with_events with_header desc_order count offset output",
        "GetAuditLog": "from_date to_date timezone audit_log_id filtered_admin_user_id filtered_ip filtered_cmd advanced_filters "
        f"with_header with_total_count {LISTED}",
        "GetCallHistory": "from_date to_date timezone call_session_history_id application_id application_name user_id rule_name "
        "remote_number local_number call_session_history_custom_data with_calls with_records with_other_resources child_account_id "
        f"children_calls_only with_header with_total_count {LISTED}",
        "GetHistoryReports": "history_report_id history_type created_from created_to is_completed desc_order count offset",
        "GetTransactionHistory": "from_date to_date timezone transaction_id payment_reference transaction_type user_id child_account_id "
        f"children_transactions_only users_transactions_only {LISTED}",
    },
    "portsip": {
        "GET /api/cdrs": "filter search orderby skip top count",
        "GET /api/cdrs/{id}": "id",
        "GET /api/recordings": "filter search orderby skip top",
        "GET /api/recordings/{id}": "id",
        "POST /api/recordings/{id}/destroy": "id",
        "GET /api/call_reports": "filter search orderby skip top",
        "POST /api/call_reports": "name type email format range filter started_at ended_at cron_expr",
        "GET /api/call_reports/{id}": "id",
        "POST /api/call_reports/{id}": "id name email format range filter started_at ended_at cron_expr",
        "POST /api/call_reports/{id}/destroy": "id",
        "GET /api/completed_call_reports": "filter search orderby skip top",
        "GET /api/completed_call_reports/{id}": "id",
        "POST /api/completed_call_reports/{id}/destroy": "id",
    },
    "boxis": {"getCDR": "version timestamp username authcode section action tenant datefrom dateto returntype"},
}
CASES = [(provider, method) for provider, methods in METHODS.items() for method in methods]


@cache
def table(provider: str) -> Mapping[str, Mapping[str, str]]:
    """The table of a page: per method, per parameter, where a client finds it."""
    text = (ROOT / "docs" / "providers" / f"{provider}.md").read_text()
    section = text.partition("## Where the upstream's parameters are")[2].partition("\n## ")[0]
    found: dict[str, dict[str, str]] = {}
    methods: list[str] = []
    for left, right in re.findall(r"^\| (.+?) \| (.+?) \|$", section, re.MULTILINE):
        if heading := re.match(r"\*\*(.+?)\*\*", left):
            methods = heading[1].split(", ")
        for parameter in re.findall(r"`(\w+)`", left):
            for method in methods:
                found.setdefault(method, {})[parameter] = right
    return found


@pytest.mark.parametrize(("provider", "method"), CASES)
def test_every_parameter_has_a_place_or_a_reason(provider: str, method: str) -> None:
    rows = table(provider)[method]
    assert [parameter for parameter in METHODS[provider][method].split() if parameter not in rows] == []
    assert [parameter for parameter, place in rows.items() if place.startswith("none") and not place.startswith("none: ")] == []


def documented(provider: str) -> Iterator[tuple[str, str]]:
    """The methods and parameters in the vendor's documents."""
    text = "\n".join(path.read_text() for path in sorted(SEEDS.glob("*.txt")))
    if provider == "voximplant":
        for name, parameters in re.findall(r"^(\w+)\n\n[^\n]+\n\nParameters\n(.*?)\nReturns\n", text, re.MULTILINE | re.DOTALL):
            yield from ((name, each) for each in re.findall(r"^(?:  • )?(\w+):$", parameters, re.MULTILINE))
    elif provider == "portsip":
        for name in re.findall(r"^((?:GET|POST) /api/(?:cdrs|recordings|call_reports|completed_call_reports)\S*) HTTP", text, re.MULTILINE):
            yield name, "id" if "{id}" in name else ""
    else:
        yield from (("getCDR", each) for each in re.findall(r"^  • (\w+)::String", text, re.MULTILINE))


@pytest.mark.parametrize("provider", METHODS)
def test_the_lists_above_are_those_of_the_documents(provider: str) -> None:
    if not SEEDS.is_dir():
        pytest.skip("the vendors' documents are not here")
    found = set(documented(provider))
    assert len(found) >= 9
    missing = [(method, each) for method, each in found if each not in ["", *METHODS[provider].get(method, "").split()]]
    assert sorted(missing) == []
