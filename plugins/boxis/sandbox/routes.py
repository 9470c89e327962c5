"""The wire protocol: one address, forms in, JSON or XML out, always with status 200."""

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape
from zlib import crc32

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from telegraphql.plugins.boxis.sandbox.seed import Row

if TYPE_CHECKING:
    from telegraphql.plugins.boxis.sandbox import BoxisSandbox

FIELDS = ("version", "timestamp", "username", "authcode", "section", "action", "tenant", "datefrom", "dateto")
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}")
TOLERANCE = 60


class ResultZero(Exception):
    """A request that is answered with result 0."""

    def __init__(self, why: str, *, timestamperror: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.timestamperror = timestamperror


def get_cdr(sandbox: "BoxisSandbox") -> Callable[[Request], Any]:
    """The one endpoint."""

    async def endpoint(request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        write = as_xml if form.get("returntype") == "xml" else as_json
        try:
            check(form, sandbox)
            return write(answer(sandbox.clock(), rows=sandbox.between(form["datefrom"], form["dateto"])))
        except ResultZero as refused:
            return write(refusal(sandbox.clock(), refused))

    return endpoint


def check(form: Mapping[str, str], sandbox: "BoxisSandbox") -> None:
    """Raise ResultZero for what the upstream would not answer."""
    for name in FIELDS:
        if name not in form:
            raise ResultZero(f"missing parameter {name}")
    if form["version"] != "1.0" or form.get("returntype", "json") not in ("json", "xml"):
        raise ResultZero("wrong version or returntype")
    _authenticate(form, sandbox)
    if (form["section"], form["action"]) != ("voice", "getCDR"):
        raise ResultZero("no such section or action")
    if form["tenant"] != sandbox.tenant:
        raise ResultZero("unknown tenant")
    if not all(MOMENT.fullmatch(form[name]) for name in ("datefrom", "dateto") if form[name]):
        raise ResultZero("a date is not in yyyy-mm-dd hh:mm:ss format")


def _authenticate(form: Mapping[str, str], sandbox: "BoxisSandbox") -> None:
    timestamp = form["timestamp"]
    if not timestamp.isdecimal() or abs(int(timestamp) - sandbox.clock()) > TOLERANCE:
        raise ResultZero("timestamp out of range", timestamperror=True)
    authcode = hashlib.md5((timestamp + sandbox.user_key).encode(), usedforsecurity=False).hexdigest()
    if form["username"] != sandbox.username or form["authcode"] != authcode:
        raise ResultZero("authentication failed")


def answer(clock: int, rows: list[Row]) -> Row:
    """An answer with these rows, in an order that is always the same and not that of time."""
    mixed = sorted(rows, key=lambda row: crc32(f"{row['uniqueid']}/{row['sequence']}".encode()))
    named = {f"call_{number}": row for number, row in enumerate(mixed, 1)}
    return {"result": "1", "resulttxt": "success", "params": {"cdr": named or []}, "timestamp": clock}


def refusal(clock: int, refused: ResultZero) -> Row:
    """An answer without rows that says why."""
    said: Row = {"result": "0", "resulttxt": f"Error: {refused.why}"}
    return said | ({"timestamperror": 1} if refused.timestamperror else {}) | {"timestamp": clock}


def as_json(said: Row, status: int = 200) -> Response:
    """JSON as PHP writes it, slashes escaped."""
    return Response(msgspec.json.encode(said).replace(b"/", b"\\/"), status, media_type="application/json")


def as_xml(said: Row) -> Response:
    """The same as elements; null is an empty one."""
    return Response(f'<?xml version="1.0" encoding="UTF-8"?>\n<return>{_elements(said)}</return>', media_type="text/xml")


def _elements(said: Row) -> str:
    return "".join(_element(name, value) for name, value in said.items())


def _element(name: str, value: Any) -> str:
    if value is None or value == []:
        return f"<{name}/>"
    return f"<{name}>{_elements(value) if isinstance(value, dict) else escape(str(value))}</{name}>"
