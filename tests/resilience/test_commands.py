"""Commands: whatever happens to the request, it is sent once."""

from typing import Any, NamedTuple

import pytest

from telegraphql.schema.node import global_id
from tests.resilience.simulated_gateway import Clients, Row

CHANGED = "{ succeededIds problems { id provider { name } code } }"


class Command(NamedTuple):
    """A mutation at a provider, the kind in the sandbox that it is for, and the operation that its request is."""

    provider: str
    kind: str
    of: str
    operation: str
    document: str
    variables: Row | None = None


def _for_ids(provider: str, kind: str, of: str, operation: str, name: str, extra: str = "") -> Command:
    return Command(provider, kind, of, operation, f"mutation ($ids: [ID!]!) {{ told: {name}(input: {{ids: $ids{extra}}}) {CHANGED} }}")


COMMANDS = {
    "voximplant recordings": _for_ids("voximplant", "recordings", "Recording", "DeleteRecord", "deleteRecordings"),
    "voipstudio recordings": _for_ids("voipstudio", "recordings", "Recording", "DELETE /monitors/{ids}", "deleteRecordings"),
    "voipstudio voicemessages": _for_ids(
        "voipstudio", "voicemessages", "Voicemessage", "DELETE /voicemessages/{ids}", "deleteVoicemessages"
    ),
    "voipstudio folder": _for_ids(
        "voipstudio", "voicemessages", "Voicemessage", "PATCH /voicemessages", "moveVoicemessages", ', folder: "Saved"'
    ),
    "portsip recordings": _for_ids("portsip", "recordings", "Recording", "POST /recordings/{id}/destroy", "deleteRecordings"),
    "portsip reports": _for_ids("portsip", "reports", "Report", "POST /completed_call_reports/{id}/destroy", "deleteReports"),
    "voipstudio all": Command(
        "voipstudio",
        "",
        "",
        "DELETE /cdrs",
        f'mutation {{ told: deleteAll(input: {{provider: "voipstudio", kind: CALLS, confirm: "voipstudio"}}) {CHANGED} }}',
    ),
    "voximplant report": Command(
        "voximplant",
        "",
        "",
        "GetCallHistory",
        f'mutation {{ told: requestReport(input: {{provider: "voximplant", kind: CALLS}}) {CHANGED} }}',
    ),
    "portsip schedule": Command(
        "portsip",
        "",
        "",
        "POST /call_reports",
        f"mutation ($input: CreateReportScheduleInput!) {{ told: createReportSchedule(input: $input) {CHANGED} }}",
        {"input": {"provider": "portsip", "name": "x", "type": "CALLS", "email": "a@example.com", "format": "CSV", "range": "TODAY"}},
    ),
}
FAULTS: dict[str, Row] = {"status503": {"status": 503}, "drop": {"mode": "drop"}, "html": {"mode": "html"}, "timeout": {"mode": "timeout"}}


def variables(clients: Clients, command: Command) -> dict[str, Any]:
    """The first record there is, where ids are wanted."""
    if not command.kind:
        return command.variables or {}
    row = next(row for row in clients.place.sandboxes[command.provider].records[command.kind] if {"id", "record_id"} & set(row))
    native = f"1.{row['record_id']}" if "record_id" in row else str(row["id"])
    return {"ids": [global_id(command.of, command.provider, native)]}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", COMMANDS)
async def test_a_command_is_sent_once_whatever_becomes_of_it(clients: Clients, name: str, fault: str) -> None:
    if fault == "timeout" and name not in ("voximplant report", "portsip reports"):
        pytest.skip("takes a second each; two tell enough")
    command = COMMANDS[name]
    given = variables(clients, command)
    clients.place.forget()
    clients.place.misbehave(command.provider, **FAULTS[fault])
    told = await clients.ask(command.document, **given)
    assert clients.place.asked(command.provider).count(command.operation) == 1
    assert told.status == 200
    if fault == "html":
        return
    wanted = "TIMEOUT" if fault == "timeout" else "UNAVAILABLE"
    problems = [] if not told.body.get("data") else told.body["data"]["told"]["problems"]
    assert {each["extensions"]["code"] for each in told.body.get("errors", ())} | {each["code"] for each in problems} == {wanted}
