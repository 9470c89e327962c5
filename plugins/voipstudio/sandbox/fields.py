"""The collections of the API, with the properties by which each can be filtered and sorted."""

from collections.abc import Mapping
from dataclasses import dataclass


def _types(number: str = "", text: str = "", time: str = "", flag: str = "") -> dict[str, str]:
    kinds = {"number": number, "text": text, "time": time, "bool": flag}
    return {name: kind for kind, names in kinds.items() for name in names.split()}


@dataclass(frozen=True, slots=True)
class CollectionFields:
    """A collection: its path, the schema's name of its kind, its time property, and the types of all properties."""

    path: str
    kind: str
    time: str
    types: Mapping[str, str]
    first_id: int


FIELDS_OF_V1_2 = frozenset({"is_root", "root_live_id", "nb_children", "labels", "metadata", "nb_notes"})  # missing in v1.1
CDR = _types(
    number="id billsec call_id charge duration live_id parent_live_id rate server_id sip_endpoint_id user_id"
    " root_live_id nb_children nb_notes",
    text="clid context destination disposition dst dst_codec dst_id dst_name dst_ua info src src_codec src_id src_name src_ua t_cause type",
    time="calldate",
    flag="is_root",
)
RESOURCES = {
    resource.kind: resource
    for resource in (
        CollectionFields("/cdrs", "calls", "calldate", CDR, 6_000_000_001),
        CollectionFields("/cdrs/calltracking", "trackedCalls", "calldate", CDR, 6_000_000_001),
        CollectionFields("/queues", "queues", "created_at", _types("id number ring_time", "name ring_strategy", "created_at"), 12_441),
        CollectionFields(
            "/monitors",
            "recordings",
            "timestamp",
            _types(
                "id duration live_id sip_endpoint_id size user_id",
                "called caller context dst_id dst_name sentiment src_id summary transcript type",
                "timestamp",
            ),
            7_000_000_001,
        ),
        CollectionFields(
            "/voicemessages",
            "voicemessages",
            "origtime",
            _types("id duration extension_id live_id parent_live_id", "caller callerid dialled folder transcript", "origtime", "is_new"),
            800_001,
        ),
        CollectionFields(
            "/chats",
            "chats",
            "created_at",
            _types(
                "id customer_id duration operator_id state website_id",
                "operator_ua visitor_city visitor_country visitor_email visitor_id visitor_ip visitor_name visitor_referer visitor_ua",
                "created_at",
            ),
            300_001,
        ),
        CollectionFields(
            "/transactions", "transactions", "created_at", _types("id amount", "currency_iso type result", "created_at"), 90_001
        ),
        CollectionFields(
            "/msdrs",
            "mediaSessions",
            "created_at",
            _types("id duration media_session_id user_id", "call_id dst dst_id dst_ua src src_id src_ua t_cause type", "created_at"),
            40_000_000_001,
        ),
        CollectionFields(
            "/calltracking/cdrs",
            "trackingNumbers",
            "created_at",
            _types("channels flag rate status target_id target_type", "id e164 name info uri", "created_at", "sms_enabled fax_enabled"),
            70_001,
        ),
    )
}
UNLISTED_KINDS = {"notes": 500_001, "chatMessages": 600_001, "statements": 2_001}  # first ids of kinds without a list
