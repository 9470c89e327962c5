"""Sandbox: VoIPstudio's API over a simulated account; data is the truth, routes the wire protocol, queries its list parameters."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from telegraphql.plugin import Row, Sandbox
from telegraphql.plugins.voipstudio.sandbox import media, routes
from telegraphql.plugins.voipstudio.sandbox.auth import Logins
from telegraphql.plugins.voipstudio.sandbox.company import OUTSIDE, OWN_NUMBERS, USERS
from telegraphql.plugins.voipstudio.sandbox.conversations import BLANK
from telegraphql.plugins.voipstudio.sandbox.data import History, stamp
from telegraphql.plugins.voipstudio.sandbox.fields import HIDDEN, RESOURCES
from telegraphql.plugins.voipstudio.sandbox.queries import MOST_LIMIT, SortedRows

IDS = re.compile(r"/\d+(,\d+)*")
VERSION = re.compile(r"^/v[^/]*/voipstudio")
NEW = {"duration": 30, "type": "I", "t_cause": "Normal Clearing"}


class VoipstudioSandbox(Sandbox):
    """A simulated account. `tables` hold the rows of each collection, `doors` its credentials."""

    plugin = "voipstudio"
    port_offset = 2
    most_page = MOST_LIMIT

    def generate(self) -> None:
        """Fill the account."""
        self.doors = Logins(f"{self.random.getrandbits(160):040x}")
        history = History(self.random, self.now, self.count)
        self.tables = {kind: SortedRows(RESOURCES[kind].types, RESOURCES[kind].time, history.rows[kind]) for kind in RESOURCES}
        for kind, table in self.tables.items():
            self.records[kind] = table.rows
        for kind in HIDDEN:
            self.records[kind] = history.rows[kind]

    def expire(self) -> bool:
        """End all sessions; the API token stays."""
        self.doors.close()
        return True

    def routes(self) -> Sequence[Route]:
        """The wire protocol."""
        return routes.routes(self)

    def operation(self, request: Request, body: bytes) -> str:
        """The method and the path without version and ids."""
        path = VERSION.sub("", request.url.path)
        return f"{request.method} " + IDS.sub("/{ids}" if request.method == "DELETE" else "/{id}", path)

    def remove(self, kind: str, keys: Iterable[int | str] | None) -> None:
        """Delete the records with these ids, or all of a kind; tracked calls and notes go with their calls."""
        gone = None if keys is None else {*keys}
        if kind in self.tables:
            self.tables[kind].remove(gone)
        else:
            self.records[kind][:] = [row for row in self.records[kind] if gone is not None and row["id"] not in gone]
        if kind == "calls":
            self.tables["trackedCalls"].remove(gone)
            self.records["notes"][:] = [row for row in self.records["notes"] if gone is not None and row["cdr_id"] not in gone]

    def add(self, kind: str, given: Row) -> Row:
        """Add a record now: a call stands alone unless it says what it hangs on."""
        if kind not in self.tables and kind not in HIDDEN:
            raise KeyError(kind)
        row = self._blank(kind) | given
        if kind == "calls":
            row["root_live_id"] = row["root_live_id"] or row["live_id"]
        if kind in self.tables:
            self.tables[kind].put(row)
        else:
            self.records[kind].append(row)
        if kind == "notes" and (call := self.tables["calls"].get(row.get("cdr_id", 0))):
            call["nb_notes"] += 1
        if kind == "trackedCalls" and self.tables["calls"].get(row["id"]) is None:
            self.tables["calls"].put(row)
        return row

    def configuration(self, folder: Path) -> Row:
        """The table for telegraphql.toml."""
        return {"plugin": self.plugin, "base_url": self.base_url, "api_token": self.doors.api_token, "currency": "GBP"}

    def refuse(self, mode: str) -> Response:
        """How the upstream refuses; what it says to too many requests is not documented."""
        return routes.refusal(401, "Unauthorized") if mode == "unauthorized" else routes.refusal(429, "Too many requests")

    def _blank(self, kind: str) -> Row:
        """A record that began this second, between somebody outside and the first user."""
        resource = RESOURCES.get(kind)
        of = "calls" if kind == "trackedCalls" else kind
        key = 1 + max((row["id"] for row in self.records[of] if isinstance(row["id"], int)), default=HIDDEN.get(kind, 0))
        if resource is None:
            return {"id": key, "text": "Hello.", "created_at": stamp(self.current_time()), "user_id": USERS[0][0]}
        template: dict[str, Any] = BLANK if of == "calls" else dict.fromkeys(resource.types)
        known = {name: value for name, value in self._usual(key).items() if name in resource.types}
        return template | known | {resource.time: stamp(self.current_time())}

    def _usual(self, key: int) -> Row:
        (user, extension, name), (number, _) = USERS[0], OUTSIDE[0]
        usual = NEW | {"id": key, "user_id": user, "billsec": 25, "rate": 0, "charge": 0, "live_id": key, "server_id": 31}
        usual |= {"src": number, "src_id": "", "clid": number, "dst": OWN_NUMBERS[0], "dst_id": str(user), "dst_name": name}
        usual |= {"caller": number, "called": OWN_NUMBERS[0], "callerid": number, "dialled": OWN_NUMBERS[0], "extension_id": user}
        usual |= {"context": "PSTN_CALL", "destination": "in", "disposition": "CONNECTED", "folder": 0, "is_new": True, "state": 0}
        usual |= {
            "amount": -1,
            "currency_iso": "GBP",
            "result": "completed",
            "size": media.mp3_size(30),
            "name": "New",
            "number": extension,
        }
        return usual | {"e164": OWN_NUMBERS[0], "ring_strategy": "A", "ring_time": 20, "sip_endpoint_id": user % 100_000}
