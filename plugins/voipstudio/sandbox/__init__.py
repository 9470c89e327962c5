"""The VoIPstudio sandbox: a simulated account behind the Level 7 API."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from telegraphql.plugin import Row, Sandbox
from telegraphql.plugins.voipstudio.sandbox import files, routes
from telegraphql.plugins.voipstudio.sandbox.answer_shapes import ANSWER_SHAPES, FILE_OPERATIONS
from telegraphql.plugins.voipstudio.sandbox.auth import AccountLogins
from telegraphql.plugins.voipstudio.sandbox.conversations import EMPTY_CALL
from telegraphql.plugins.voipstudio.sandbox.data import AccountData, format_time
from telegraphql.plugins.voipstudio.sandbox.fields import RESOURCES, UNLISTED_KINDS
from telegraphql.plugins.voipstudio.sandbox.queries import ResourceTable
from telegraphql.plugins.voipstudio.sandbox.rules import ListRules
from telegraphql.plugins.voipstudio.sandbox.sample_values import OUTSIDE, OWN_NUMBERS, USERS
from telegraphql.plugins.voipstudio.sandbox.truths import TRUTHS

IDS = re.compile(r"/\d+(,\d+)*")
VERSION = re.compile(r"^/v[^/]*/voipstudio")
NEW_CALL = {"duration": 30, "type": "I", "t_cause": "Normal Clearing"}


class VoipstudioSandbox(Sandbox):
    """The sandbox.

    `tables` hold the rows of each collection, `logins` the credentials, `rules` the switches of lists and files.
    """

    plugin = "voipstudio"
    port_offset = 2
    answer_shapes = ANSWER_SHAPES
    file_operations = FILE_OPERATIONS
    truths = TRUTHS

    def generate(self) -> None:
        """Generate the account's data."""
        self.rules = ListRules()
        self.logins = AccountLogins(f"{self.random.getrandbits(160):040x}")
        self.data = data = AccountData(self.random, self.now, self.count)
        self.tables = {kind: ResourceTable(RESOURCES[kind].types, RESOURCES[kind].time, data.rows[kind]) for kind in RESOURCES}
        for kind, table in self.tables.items():
            self.records[kind] = table.rows
        for kind in UNLISTED_KINDS:
            self.records[kind] = data.rows[kind]

    def expire(self) -> bool:
        """End all login sessions. The API token stays valid."""
        self.logins.end_sessions()
        return True

    def routes(self) -> Sequence[Route]:
        """Return the routes of the API."""
        return routes.routes(self)

    def operation(self, request: Request, body: bytes) -> str:
        """Return the method and the path, without version and ids."""
        path = VERSION.sub("", request.url.path)
        return f"{request.method} " + IDS.sub("/{ids}" if request.method == "DELETE" else "/{id}", path)

    def remove(self, kind: str, keys: Iterable[int | str] | None) -> None:
        """Delete the records with these ids, or all of a kind. Tracked calls and notes are deleted with their calls."""
        ids = None if keys is None else {*keys}
        if kind in self.tables:
            self.tables[kind].remove(ids)
        else:
            self.records[kind][:] = [row for row in self.records[kind] if ids is not None and row["id"] not in ids]
        if kind == "calls":
            self.tables["trackedCalls"].remove(ids)
            self.records["notes"][:] = [row for row in self.records["notes"] if ids is not None and row["cdr_id"] not in ids]

    def add(self, kind: str, fields: Row) -> Row:
        """Add a record now. A call is a conversation of its own unless the fields say otherwise."""
        if kind not in self.tables and kind not in UNLISTED_KINDS:
            raise KeyError(kind)
        row = self._default_row(kind) | fields
        if kind == "calls":
            row["root_live_id"] = row["root_live_id"] or row["live_id"]
        if kind in self.tables:
            self.tables[kind].add(row)
        else:
            self.records[kind].append(row)
        if kind == "notes" and (call := self.tables["calls"].get(row.get("cdr_id", 0))):
            call["nb_notes"] += 1
        if kind == "trackedCalls" and self.tables["calls"].get(row["id"]) is None:
            self.tables["calls"].add(row)
        return row

    def make_call(self, end: datetime) -> None:
        """Add the legs of a random conversation, with their recordings or the voicemessage."""
        plain_end = end.replace(tzinfo=None)
        legs = self.ending_at(plain_end, self.data.conversations.any_conversation, lambda made: max(map(_end_of, made)))
        for leg in legs:
            leg["id"] = leg["call_id"] = self._next_key("calls")
            self.tables["calls"].add(leg)
            if self.data.is_tracked(leg):
                self.tables["trackedCalls"].add(leg)
            if leg["disposition"] == "VM":
                self.tables["voicemessages"].add(self.data.voicemessage(self._next_key("voicemessages"), leg))
            elif leg["billsec"] and leg["context"] in ("PSTN_CALL", "QUEUE") and self.random.random() < 0.7:
                self.tables["recordings"].add(self.data.recording(self._next_key("recordings"), leg))

    def _next_key(self, kind: str) -> int:
        return 1 + max((row["id"] for row in self.records[kind] if isinstance(row["id"], int)), default=UNLISTED_KINDS.get(kind, 0))

    def configuration(self, folder: Path) -> Row:
        """Return the settings that reach this sandbox."""
        return {"plugin": self.plugin, "base_url": self.base_url, "api_token": self.logins.api_token, "currency": "GBP"}

    def refuse(self, mode: str) -> Response:
        """Return the upstream's refusal. Its response to too many requests is not documented."""
        return routes.error_response(401, "Unauthorized") if mode == "unauthorized" else routes.error_response(429, "Too many requests")

    def refuse_input(self, mode: str) -> Response:
        """Return the error of an invalid filter or sort property."""
        return routes.error_response(400, "Filtration error", "filter")

    def _default_row(self, kind: str) -> Row:
        """Return a record that started this second, between an outside number and the first user."""
        resource = RESOURCES.get(kind)
        resource_kind = "calls" if kind == "trackedCalls" else kind
        key = self._next_key(resource_kind)
        if resource is None:
            return {"id": key, "text": "Hello.", "created_at": format_time(self.current_time()), "user_id": USERS[0][0]}
        template: dict[str, Any] = EMPTY_CALL if resource_kind == "calls" else dict.fromkeys(resource.types)
        values = {name: value for name, value in self._default_values(key).items() if name in resource.types}
        return template | values | {resource.time: format_time(self.current_time())}

    def _default_values(self, key: int) -> Row:
        (user, extension, name), (number, _) = USERS[0], OUTSIDE[0]
        values = NEW_CALL | {"id": key, "user_id": user, "billsec": 25, "rate": 0, "charge": 0, "live_id": key, "server_id": 31}
        values |= {"src": number, "src_id": "", "clid": number, "dst": OWN_NUMBERS[0], "dst_id": str(user), "dst_name": name}
        values |= {"caller": number, "called": OWN_NUMBERS[0], "callerid": number, "dialled": OWN_NUMBERS[0], "extension_id": user}
        values |= {"context": "PSTN_CALL", "destination": "in", "disposition": "CONNECTED", "folder": 0, "is_new": True, "state": 0}
        values |= {
            "amount": -1,
            "currency_iso": "GBP",
            "result": "completed",
            "size": files.mp3_size(30),
            "name": "New",
            "number": extension,
        }
        return values | {"e164": OWN_NUMBERS[0], "ring_strategy": "A", "ring_time": 20, "sip_endpoint_id": user % 100_000}


def _end_of(leg: Row) -> datetime:
    return datetime.fromisoformat(leg["calldate"]) + timedelta(seconds=leg["duration"])
