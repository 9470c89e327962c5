"""The Twilio sandbox: an account and a subaccount behind the REST API of version 2010-04-01."""

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from telegraphql.plugin import Row, Sandbox
from telegraphql.plugins.twilio.sandbox import data
from telegraphql.plugins.twilio.sandbox.answer_shapes import ANSWER_SHAPES, FILE_OPERATIONS
from telegraphql.plugins.twilio.sandbox.routes import ROOT, error, routes
from telegraphql.plugins.twilio.sandbox.truths import TRUTHS

SID = re.compile(r"\b[A-Z]{2}[0-9a-f]{32}")
WITH_SUFFIX = re.compile(r"\.json$")


class TwilioSandbox(Sandbox):
    """The sandbox of Twilio. The rows of the subaccount are kinds of their own, such as "subaccount_calls"."""

    plugin = "twilio"
    port_offset = 6
    answer_shapes = ANSWER_SHAPES
    file_operations = FILE_OPERATIONS
    truths = TRUTHS
    account_sid = data.ACCOUNT
    auth_token = "0123456789abcdef-sandbox-token"
    api_key = "SK00000000000000000000000000000001"
    api_key_secret = "sandbox-secret-of-the-key"

    def generate(self) -> None:
        """Fill all kinds."""
        data.fill(self.records, self.random, self.count, self.now)

    def routes(self) -> Sequence[Route]:
        """Return the routes of the API."""
        return routes(self)

    def operation(self, request: Request, body: bytes) -> str:
        """Return the method and the path below the account, without ids."""
        path = request.url.path.removeprefix(ROOT).lstrip("/").partition("/")[2]
        return f"{request.method} /{SID.sub('{sid}', WITH_SUFFIX.sub('', path))}"

    def add(self, kind: str, fields: Row) -> Row:
        """Add a call or a message of the account, now."""
        if kind not in ("calls", "messages"):
            raise KeyError("only calls and messages can be added")
        made = data.new_call if kind == "calls" else data.new_message
        row = made(self.random, self.current_time().replace(microsecond=0))
        if unknown := set(fields) - set(row):
            raise ValueError(f"no such field: {', '.join(sorted(unknown))}")
        row |= fields
        self.records[kind].append(row)
        return row

    def make_call(self, end: datetime) -> None:
        """Add the legs of a random conversation, with their recordings."""
        second = end.replace(microsecond=0)
        legs = self.ending_at(second, lambda start: data.conversation(self.random, start, data.ACCOUNT), data.last_end)
        self.records["calls"] += legs
        self.records["recordings"] += [data.recording(self.random, leg) for leg in legs if data.is_recorded(leg)]

    def configuration(self, folder: Path) -> Row:
        """Return the settings that reach this sandbox."""
        return {
            "plugin": self.plugin,
            "base_url": self.base_url,
            "username": self.api_key,
            "password": self.api_key_secret,
            "account_sid": self.account_sid,
            "bare_numbers": True,
        }

    def refuse(self, mode: str) -> Response:
        """Return the refusal of wrong credentials, or of too many requests."""
        if mode == "unauthorized":
            return error(401, 20003, "Authenticate")
        answer = error(429, 20429, "Too Many Requests")
        answer.headers["Retry-After"] = "1"
        return answer

    def refuse_input(self, mode: str) -> Response:
        """Return the refusal of a parameter."""
        return error(400, 20001, "Invalid parameter")
