"""The pages of the providers: each documented parameter of each method has a place for clients, or a reason why not."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SEEDS = ROOT.parent / "shared" / "seeds"
LISTED = "desc_order count offset output is_async"
CDR = (
    "id billsec call_id calldate charge clid context destination disposition dst dst_codec dst_id dst_name dst_ua duration info "
    "live_id parent_live_id rate server_id sip_endpoint_id src src_codec src_id src_name src_ua t_cause type user_id"
)
CDR_OF_V1_2 = "is_root root_live_id nb_children labels metadata nb_notes"
MONITOR = (
    "id called caller context dst_id dst_name duration live_id sentiment sip_endpoint_id size src_id summary timestamp transcript "
    "type user_id"
)
VOICEMESSAGE = "id caller callerid dialled duration extension_id folder is_new live_id origtime parent_live_id transcript"
CHAT = (
    "id created_at customer_id duration operator_id operator_ua state visitor_city visitor_country visitor_email visitor_geo "
    "visitor_id visitor_ip visitor_name visitor_referer visitor_ua website_id"
)
MSDR = "id call_id created_at dst dst_id dst_ua duration media_session_id src src_id src_ua t_cause type user_id"
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
    "voipstudio": {
        "GET /cdrs": f"{CDR} {CDR_OF_V1_2} limit page sort dir filter",
        "GET /cdrs/{id}": CDR,
        "GET /cdrs/calltracking": CDR,
        "PATCH /cdrs": CDR,
        "GET /cdrs/{id}.trace": "id",
        "GET /cdrs/{id}.pcap": "id",
        "GET /cdrs/{id}/notes": "id",
        "GET /monitors": f"{MONITOR} limit page sort dir filter",
        "GET /monitors/{id}": MONITOR,
        "GET /monitors/{id}.mp3": "id",
        "DELETE /monitors/{ids}": "ids",
        "GET /voicemessages": f"{VOICEMESSAGE} limit page sort dir filter",
        "GET /voicemessages/{id}": VOICEMESSAGE,
        "PATCH /voicemessages": VOICEMESSAGE,
        "GET /voicemessages/{id}.mp3": "id",
        "DELETE /voicemessages/{ids}": "ids",
        "GET /chats": f"{CHAT} limit page sort dir filter",
        "GET /chats/{id}": CHAT,
        "DELETE /chatmsgs/{ids}": "ids",
        "GET /msdrs": f"{MSDR} limit page sort dir filter",
        "GET /msdrs/{id}": MSDR,
        "GET /msdrs/{id}.trace": "id",
        "GET /msdrs/{id}.pcap": "id",
        "GET /calltracking/cdrs": "id channels cli_hide cli_prefix created_at e164 esc_enabled fax_email fax_enabled flag "
        "has_fax_password info name rate sms_email sms_enabled status target_id target_type tel_verified uri",
        "GET /users/{id}/cdrs.csv": "id",
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
    elif provider == "voipstudio":
        yield from _documented_by_answers(text)
    else:
        yield from (("getCDR", each) for each in re.findall(r"^  • (\w+)::String", text, re.MULTILINE))


def _documented_by_answers(text: str) -> Iterator[tuple[str, str]]:
    """Of VoIPstudio, the document names no parameters of lists: the fields of its examples, and the ids in its paths."""
    pattern = r"^(GET|PATCH|DELETE) /v1.1/voipstudio(\S+) HTTP.*?^Example Response\nHTTP/1.1 \d+ OK([^\n]*)"
    for verb, path, answer in re.findall(pattern, text, re.MULTILINE | re.DOTALL):
        name = f"{verb} " + re.sub(r"/\d+\b", "/{id}", re.sub(r"/\d+(,\d+)+", "/{ids}", path))
        if "dictionaries" in name:
            continue  # has no parameters, and its example is another record's
        if "{ids}" in name or name.endswith((".trace", ".pcap", ".mp3", ".csv", "/notes")):
            yield name, "ids" if "{ids}" in name else "id"  # their examples are records in place of files
        elif "{" in answer:
            data = json.loads(answer[answer.index("{") :])["data"]
            yield from ((name, field) for field in (data[0] if isinstance(data, list) else data))


@pytest.mark.parametrize("provider", METHODS)
def test_the_lists_above_are_those_of_the_documents(provider: str) -> None:
    if not SEEDS.is_dir():
        pytest.skip("the vendors' documents are not here")
    found = set(documented(provider))
    assert len(found) >= 9
    missing = [(method, each) for method, each in found if each not in ["", *METHODS[provider].get(method, "").split()]]
    assert sorted(missing) == []
