"""Probes: one cheap request for each feature of lists that a PBX may refuse."""

from datetime import UTC, datetime

from telegraphql.plugin import Forbidden, NotFound, RejectedInput
from telegraphql.plugins.portsip import wire
from telegraphql.plugins.portsip.client import PbxClient
from telegraphql.plugins.portsip.filter_support import ALTERNATIVES, ORDER, PRECISE_TIMES, SEARCH
from telegraphql.plugins.portsip.odata import coarse_time_literal, time_literal

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
CALL_CONDITIONS = {
    PRECISE_TIMES: f"started_at ge {time_literal(LONG_AGO)}",
    ALTERNATIVES: f"started_at gt {coarse_time_literal(LONG_AGO)} or started_at lt {coarse_time_literal(LONG_AGO)}",
    "caller": "contains(caller,'0')",
    "callee": "contains(callee,'0')",
    "direction": "direction eq 'INBOUND_CALL'",
    "duration": "duration ge 0",
    "answered_at": f"answered_at ge {time_literal(LONG_AGO)}",
    "status_code": "status_code eq 486",
    "end_reason": "end_reason eq 'REFERRED'",
    "trunk": "trunk eq '0'",
    "did_cid": "contains(did_cid,'0')",
    "outbound_caller_id": "contains(outbound_caller_id,'0')",
}
OTHER_CONDITIONS = {"status": ("/voicemails", "status eq 'READ'"), "extension_number": ("/call_queues", "extension_number eq '0'")}


async def probe(client: PbxClient, calls_path: str) -> None:
    """Ask for one record with each feature, and note which of them the PBX refuses."""
    session = {"session_id": "session_id eq '0'"} if calls_path == "/calllogs" else {"id": "id eq '0'"}
    conditions = {feature: (calls_path, text) for feature, text in (CALL_CONDITIONS | session).items()} | OTHER_CONDITIONS
    for feature, (path, text) in conditions.items():
        if client.support.is_configured(feature):
            await _probe_one(client, feature, path, {"top": "1", "filter": text})
    await _probe_one(client, SEARCH, calls_path, {"top": "1", "search": "0"})
    await _probe_one(client, ORDER, calls_path, {"top": "1", "orderby": "started_at desc"})
    client.show_warnings()


async def _probe_one(client: PbxClient, feature: str, path: str, params: dict[str, str]) -> None:
    try:
        await client.read(path, wire.LIST, params=params)
    except RejectedInput:
        client.support.refuse([feature])
    except (Forbidden, NotFound):
        return
    else:
        client.support.accept([feature])
