"""Upstream: the simulated Acme, whose clock ticks in whole seconds and whose errors come with status 200."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from telegraphql.gateway.plugin.answer_faults import AnswerShape
from telegraphql.gateway.plugin.phone_numbers import digits
from telegraphql.gateway.plugin.record_truth import RecordTruth
from telegraphql.gateway.plugin.sandbox import Row, Sandbox
from tests.gateway.conformance.acme import FORMAT

# The calls, sounds and mails of an answer.
LISTED: Mapping[str, Any] = {
    "rows": ("rows",),
    "time": "at",
    "lengths": ("seconds",),
    "texts": ("talk",),
    "totals": ("total",),
    "size": "limit",
    "sort": "order",
}
RESULTS = ("ok", "ok", "busy", "none", "odd")


class AcmeSandbox(Sandbox):
    plugin = "acme"
    port_offset = 9
    key = "acme-secret-0123456789"
    answer_shapes: ClassVar = {
        "GET /calls": AnswerShape(kind="calls", ids=r"(?:^ids=|(?<=,))(c\d+)", filter="^(?:results|least|most|talks|number)=", **LISTED),
        "GET /sounds": AnswerShape(kind="sounds", **LISTED),
        "GET /mails": AnswerShape(kind="mails", filter="^boxes=", **{**LISTED, "size": ""}),
        "GET /fees": AnswerShape(kind="fees", next=("next",), page="^after=", **{**LISTED, "sort": "", "totals": ()}),
        "GET /queues": AnswerShape(kind="queues", rows=("rows",), texts=("name",), totals=("total",), size="limit", filter="^name="),
    }
    file_operations = frozenset({"GET /file"})
    truths: ClassVar = {
        "Call": RecordTruth(rows="calls", time="at", amounts={"cost": "price"}, refs={"session": "{talk}"}),
        "Recording": RecordTruth(rows="sounds", time="at", refs={"call": "{call}"}),
        "Voicemessage": RecordTruth(rows="mails", time="at"),
        "Transaction": RecordTruth(rows="fees", time="at", amounts={"amount": "price"}),
        "Queue": RecordTruth(rows="queues"),
    }

    series = 0

    def expire(self) -> bool:
        self.series = 1 - self.series
        return True

    def generate(self) -> None:
        """Talks of one to three legs; every fifth begins in the second of the one before, so that there are ties."""
        at = self.now
        while len(self.records["calls"]) < self.count:
            number = len(self.records["calls"])
            at -= timedelta(0) if number % 5 == 4 else timedelta(minutes=self.random.randint(7, 300))
            for leg in range(self.random.randint(1, 3)):
                self.leg(f"T{number}", at + timedelta(seconds=leg * self.random.randint(0, 1)))
        self.records["queues"] = [{"id": f"q{each}", "name": f"Queue {each % 5} of {each}"} for each in range(9)]

    def leg(self, talk: str, at: Any) -> None:
        calls = self.records["calls"]
        call = f"c{1000 + len(calls)}"
        caller, callee = (f"+41{self.random.choice(('44555', '79555'))}{self.random.randint(1000, 9999)}" for _ in range(2))
        seconds, recorded = self.random.randint(0, 300), len(calls) % 3 == 0
        common = {"talk": talk, "caller": caller, "callee": callee, "seconds": seconds}
        began = at.strftime(FORMAT) + "Z"
        price = f"0.{len(calls):04}"
        calls.append({"id": call, "at": began, "result": self.random.choice(RESULTS), "recorded": recorded, "price": price, **common})
        if recorded:
            self.records["sounds"].append({"id": f"r{len(calls)}", "at": began, "call": call, **common})
        if len(calls) % 2 == 0:
            self.records["fees"].append({"id": f"f{len(calls)}", "at": began, "name": "call", "price": f"-{price}"})
        if len(calls) % 4 == 0:
            self.records["mails"].append({"id": f"m{len(calls)}", "at": began, "box": f"{len(calls) % 3}", **common})

    def routes(self) -> Sequence[Route]:
        lists = [Route(f"/{kind}", self.listed(kind)) for kind in ("calls", "sounds", "mails", "fees", "queues")]
        others = [Route("/file", self.file), Route("/moved", lambda request: RedirectResponse("https://files.elsewhere.test/file"))]
        others += [Route("/series", lambda request: Response(str(self.series))), Route("/login", lambda request: Response())]
        return [*lists, *others]

    def listed(self, kind: str) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            if request.query_params.get("key") != self.key:
                return self.refuse("unauthorized")
            if request.query_params.get("series") != str(self.series):
                return JSONResponse({"error": 4})
            return JSONResponse(self.found(kind, request.query_params))

        return endpoint

    def found(self, kind: str, given: Mapping[str, str]) -> Row:
        rows = [row for row in self.records[kind] if passes(row, given)]
        if kind != "queues":
            rows.sort(key=lambda row: row["at"], reverse=given.get("order") == "desc")
        if kind == "fees":
            return linked(rows, given)
        start = int(given.get("offset", 0))
        part = rows[start : start + int(given.get("limit", 1000))]
        shown = part if "prices" in given else [{name: value for name, value in row.items() if name != "price"} for row in part]
        return {"rows": shown} | ({"total": len(rows)} if "count" in given else {})

    async def file(self, request: Request) -> Response:
        known = {row["id"] for row in self.records["sounds"]}
        return Response(b"RIFF" * 100) if request.query_params.get("id") in known else JSONResponse({"error": 3}, 404)

    def operation(self, request: Request, body: bytes) -> str:
        return f"{request.method} {request.url.path}"

    def parameters(self, request: Request, body: bytes) -> Mapping[str, str]:
        return {name: value for name, value in request.query_params.items() if name not in ("user", "key", "series")}

    def add(self, kind: str, given: Row) -> Row:
        if kind != "calls":
            raise KeyError(kind)
        row = {**self.records[kind][0], "id": "c9007", "at": self.current_time().strftime(FORMAT) + "Z", "recorded": False}
        self.records[kind].append(row)
        return row

    def configuration(self, folder: Path) -> Row:
        return {"plugin": self.plugin, "base_url": self.base_url, "user": "ada", "api_key": self.key}

    def refuse(self, mode: str) -> Response:
        return JSONResponse({"error": 1 if mode == "unauthorized" else 2})


def linked(rows: Sequence[Row], given: Mapping[str, str]) -> Row:
    """A page of the newest first, and the link to the next."""
    rows = sorted(rows, key=lambda row: (row["at"], row["id"]), reverse=True)
    start = next((number for number, row in enumerate(rows, 1) if row["id"] == given.get("after")), 0)
    part = rows[start : start + int(given["limit"])]
    kept = {name: text for name, text in given.items() if name in ("since", "until", "limit")}
    following = urlencode({**kept, "after": part[-1]["id"]}) if start + len(part) < len(rows) else None
    return {"rows": part, "next": following and f"/fees?{following}"}


TESTS: dict[str, Callable[[Row, str], bool]] = {
    "since": lambda row, text: "at" not in row or row["at"] >= text,
    "until": lambda row, text: "at" not in row or row["at"] <= text + "Z",
    "ids": lambda row, text: row["id"] in text.split(","),
    "talks": lambda row, text: row["talk"] in text.split(","),
    "boxes": lambda row, text: row["box"] in text.split(","),
    "results": lambda row, text: row["result"] in text.split(","),
    "least": lambda row, text: row["seconds"] >= int(text),
    "most": lambda row, text: row["seconds"] <= int(text),
    "number": lambda row, text: text in digits(row["caller"]) or text in digits(row["callee"]),
    "name": lambda row, text: text.casefold() in row["name"].casefold(),
}


def passes(row: Row, given: Mapping[str, str]) -> bool:
    return all(TESTS[name](row, text) for name, text in given.items() if name in TESTS)
