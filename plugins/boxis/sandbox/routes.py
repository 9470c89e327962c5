"""The getCDR endpoint: forms in, JSON or XML out, always with status 200."""

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from xml.sax.saxutils import escape
from zlib import crc32

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from telegraphql.plugin import Row

REQUIRED_FIELDS = ("version", "timestamp", "username", "authcode", "section", "action", "tenant", "datefrom", "dateto")
LOCAL_TIME = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}")
TOLERANCE = 60


class Tenant(Protocol):
    """The tenant that the endpoint serves."""

    username: str
    user_key: str
    tenant: str
    has_numeric_result: bool

    def clock(self) -> int:
        """Return the time of the upstream's clock, in seconds since 1970."""

    def between(self, datefrom: str, dateto: str) -> list[Row]:
        """Return the rows whose start is within two inclusive local times."""


class CdrRefused(Exception):
    """A request that is answered with result 0."""

    def __init__(self, reason: str, *, timestamperror: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.timestamperror = timestamperror


def get_cdr(sandbox: Tenant) -> Callable[[Request], Any]:
    """Return the endpoint of a tenant."""

    async def endpoint(request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        write = xml_response if form.get("returntype") == "xml" else json_response
        try:
            check_form(form, sandbox)
            return write(cdr_body(sandbox, rows=sandbox.between(form["datefrom"], form["dateto"])))
        except CdrRefused as error:
            return write(refusal_body(sandbox, error))

    return endpoint


def check_form(form: Mapping[str, str], sandbox: Tenant) -> None:
    """Raise CdrRefused for a request that the upstream refuses."""
    for name in REQUIRED_FIELDS:
        if name not in form:
            raise CdrRefused(f"missing parameter {name}")
    if form["version"] != "1.0" or form.get("returntype", "json") not in ("json", "xml"):
        raise CdrRefused("wrong version or returntype")
    _authenticate(form, sandbox)
    if (form["section"], form["action"]) != ("voice", "getCDR"):
        raise CdrRefused("no such section or action")
    if form["tenant"] != sandbox.tenant:
        raise CdrRefused("unknown tenant")
    if not all(LOCAL_TIME.fullmatch(form[name]) for name in ("datefrom", "dateto") if form[name]):
        raise CdrRefused("a date is not in yyyy-mm-dd hh:mm:ss format")


def _authenticate(form: Mapping[str, str], sandbox: Tenant) -> None:
    timestamp = form["timestamp"]
    if not timestamp.isdecimal() or abs(int(timestamp) - sandbox.clock()) > TOLERANCE:
        raise CdrRefused("timestamp out of range", timestamperror=True)
    authcode = hashlib.md5((timestamp + sandbox.user_key).encode(), usedforsecurity=False).hexdigest()
    if form["username"] != sandbox.username or form["authcode"] != authcode:
        raise CdrRefused("authentication failed")


def cdr_body(sandbox: Tenant, rows: list[Row]) -> Row:
    """Return a response body with these rows, in a stable order that is not the order of time."""
    shuffled = sorted(rows, key=lambda row: crc32(f"{row['uniqueid']}/{row['sequence']}".encode()))
    cdr = {f"call_{number}": row for number, row in enumerate(shuffled, 1)}
    return {"result": _result(1, sandbox), "resulttxt": "success", "params": {"cdr": cdr or []}, "timestamp": sandbox.clock()}


def refusal_body(sandbox: Tenant, error: CdrRefused) -> Row:
    """Return a response body without rows, with the reason."""
    body: Row = {"result": _result(0, sandbox), "resulttxt": f"Error: {error.reason}"}
    return body | ({"timestamperror": 1} if error.timestamperror else {}) | {"timestamp": sandbox.clock()}


def _result(value: int, sandbox: Tenant) -> int | str:
    return value if sandbox.has_numeric_result else str(value)


def json_response(body: Row, status: int = 200) -> Response:
    """Return JSON as PHP writes it, with escaped slashes."""
    return Response(msgspec.json.encode(body).replace(b"/", b"\\/"), status, media_type="application/json")


def xml_response(body: Row) -> Response:
    """Return the body as XML elements. Null is an empty element."""
    return Response(f'<?xml version="1.0" encoding="UTF-8"?>\n<return>{_elements(body)}</return>', media_type="text/xml")


def _elements(body: Row) -> str:
    return "".join(_element(name, value) for name, value in body.items())


def _element(name: str, value: Any) -> str:
    if value is None or value == []:
        return f"<{name}/>"
    return f"<{name}>{_elements(value) if isinstance(value, dict) else escape(str(value))}</{name}>"
