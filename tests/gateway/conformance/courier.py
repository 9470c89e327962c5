"""Courier: a small complete plugin that has nothing but text messages and their pictures, and its simulated upstream."""

from collections.abc import Mapping as Dict
from collections.abc import Sequence
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

import msgspec
from pydantic import Field, SecretStr
from starlette.requests import Request as Asked
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from telegraphql.plugin import (
    AnswerShape,
    Column,
    Constant,
    Download,
    GetRequest,
    Keyset,
    ListDecoder,
    ListRequest,
    Mapping,
    Page,
    Provider,
    Push,
    RecordTruth,
    Request,
    Row,
    Sandbox,
    Settings,
    file,
    files,
    gets,
    ident,
    lists,
    mapped,
    money,
    party,
    read_all_pages,
    text,
    utc,
    whole,
    word,
)
from telegraphql.schema import Attachment, CallDirection, Message, MessageStatus

FORMAT = "%Y-%m-%dT%H:%M:%SZ"
DIRECTION = {"in": CallDirection.INBOUND, "out": CallDirection.OUTBOUND}
STATUS = {
    "sent": MessageStatus.SENT,
    "delivered": MessageStatus.DELIVERED,
    "lost": MessageStatus.UNDELIVERED,
    "got": MessageStatus.RECEIVED,
}


class TextRow(msgspec.Struct):
    """A message."""

    id: str
    at: str
    way: str | None = None
    state: str | None = None
    error: str | None = None
    sender: str | None = None
    recipient: str | None = None
    body: str | None = None
    parts: int | None = None
    price: str | None = None
    talk: str | None = None
    pictures: int | None = None


class PictureRow(msgspec.Struct):
    """A picture of a message."""

    id: str
    text_id: str
    type: str | None = None


class Rows(msgspec.Struct):
    """The rows of an answer."""

    rows: list[msgspec.Raw]
    total: int | None = None


ROWS = ListDecoder(Rows, "rows")
MESSAGE = Mapping(
    Message,
    TextRow,
    native_id=ident("id"),
    sent_at=utc("at"),
    direction=word("way", DIRECTION, CallDirection.UNKNOWN),
    status=word("state", STATUS, MessageStatus.UNKNOWN),
    failure_reason=text("error"),
    from_=party("sender"),
    to=party("recipient"),
    text=text("body"),
    segments=whole("parts"),
    cost=money("price", currency=Constant("CHF")),
    refs={
        "session": ident("talk"),
        "attachments": Column(lambda id, pictures: id if pictures else None, mapped("native_id"), "pictures", never_fails=True),
    },
)
ATTACHMENT = Mapping(
    Attachment,
    PictureRow,
    native_id=ident("id"),
    mime_type=text("type"),
    refs={"message": ident("text_id")},
    files={"media": file(mime_type=text("type"))},
)


class CourierSettings(Settings):
    """An account at Courier."""

    token: SecretStr = Field(description="The token of the account.")


class Courier(Provider):
    """An account at Courier."""

    plugin = "courier"
    settings_type = CourierSettings
    settings: CourierSettings

    async def authorize(self, request: Request) -> None:
        request.headers["Authorization"] = f"Bearer {self.settings.token.get_secret_value()}"

    async def check(self) -> None:
        await self.read("/texts", {"limit": "1"})

    async def read(self, path: str, params: dict[str, str]) -> Rows:
        return await self.upstream.read(Request(operation=f"GET {path}", path=path, params=params), ROWS)

    @lists(Message, pages=Keyset(most=50), filters={"sentAt": Push.EXACT}, counts=True)
    async def messages(self, request: ListRequest) -> Page:
        bounds = {"since": request.since, "until": request.until}
        params = {name: at.astimezone(UTC).strftime(FORMAT) for name, at in bounds.items() if at}
        params |= {"order": "desc" if request.newest_first else "asc", "offset": str(request.offset), "limit": str(request.size)}
        found = await self.read("/texts", params)
        return self.page(MESSAGE, found.rows, total=found.total if request.count else None)

    @gets(Message, at_most=20)
    async def messages_by_id(self, request: GetRequest) -> Page:
        return await self.all_pages("/texts", {"ids": ",".join(request.keys)}, MESSAGE)

    @gets(Attachment, by="message", at_most=20)
    async def attachments(self, request: GetRequest) -> Page:
        return await self.all_pages("/pictures", {"text_ids": ",".join(request.keys)}, ATTACHMENT)

    @gets(Attachment, at_most=20)
    async def attachments_by_id(self, request: GetRequest) -> Page:
        return await self.all_pages("/pictures", {"ids": ",".join(request.keys)}, ATTACHMENT)

    async def all_pages(self, path: str, params: dict[str, str], mapping: Mapping[Any]) -> Page:
        async def fetch(offset: int) -> tuple[list[msgspec.Raw], int | None]:
            found = await self.read(path, {**params, "offset": str(offset), "limit": "50"})
            return found.rows, found.total

        return self.page(mapping, await read_all_pages(fetch, 50))

    @files("Attachment.media")
    async def picture(self, native_id: str) -> Download:
        return Download(request=Request(operation="GET /pictures/{id}", path=f"/pictures/{quote(native_id, safe='')}"))

    @classmethod
    def sandbox(cls) -> type[Sandbox]:
        return CourierSandbox


class CourierSandbox(Sandbox):
    """A simulated Courier. Two messages stand in each minute, and every third one has two pictures."""

    plugin = "courier"
    port_offset = 8
    token = "courier-token-0123456789"
    answer_shapes: ClassVar = {
        "GET /texts": AnswerShape(
            kind="texts",
            rows=("rows",),
            time="at",
            texts=("body",),
            totals=("total",),
            size="limit",
            sort="order",
            ids=r"(?:^ids=|(?<=,))(t\d+)",
        ),
        "GET /pictures": AnswerShape(kind="pictures", rows=("rows",), ids=r"\bt\d+(?:-\d)?", filter="^(?:text_ids|ids)="),
    }
    file_operations = frozenset({"GET /pictures/{id}"})
    truths: ClassVar = {"Message": RecordTruth(rows="texts", time="at", amounts={"cost": "price"})}

    def generate(self) -> None:
        for number in range(self.count):
            at, inbound = self.now - timedelta(minutes=number // 2 + 1), number % 2 == 0
            ends = {"sender": f"+4179555{number:04}", "recipient": "+41445550000"}
            state = "got" if inbound else ("sent", "delivered", "lost", "odd")[number // 2 % 4]
            row: Row = {"id": f"t{1000 + number}", "at": at.strftime(FORMAT), "way": "in" if inbound else "out", "state": state, **ends}
            row |= {"error": "unreachable" if state == "lost" else None, "body": f"Text {number}", "parts": 1 + number % 3}
            row |= {"price": f"0.{number:03}", "pictures": 2 if number % 3 == 0 else 0}
            self.records["texts"].append(row)
            for each in range(row["pictures"]):
                self.records["pictures"].append({"id": f"{row['id']}-{each}", "text_id": row["id"], "type": "image/png"})

    def routes(self) -> Sequence[Route]:
        return [Route("/texts", self.texts), Route("/pictures", self.pictures), Route("/pictures/{id}", self.picture)]

    async def texts(self, request: Asked) -> Response:
        given = request.query_params
        rows = [row for row in self.records["texts"] if _passes(row, given)]
        rows.sort(key=lambda row: (row["at"], str(row["id"])), reverse=given.get("order") == "desc")
        return self.part(rows, request)

    def part(self, rows: list[Row], request: Asked) -> Response:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return self.refuse("unauthorized")
        start, limit = (int(request.query_params.get(name, default)) for name, default in (("offset", 0), ("limit", 50)))
        return JSONResponse({"rows": rows[start : start + limit], "total": len(rows)})

    async def pictures(self, request: Asked) -> Response:
        given = request.query_params
        wanted, name = (given["text_ids"], "text_id") if "text_ids" in given else (given["ids"], "id")
        return self.part([row for row in self.records["pictures"] if row[name] in wanted.split(",")], request)

    async def picture(self, request: Asked) -> Response:
        known = {row["id"] for row in self.records["pictures"]}
        return Response(b"\x89PNG", media_type="image/png") if request.path_params["id"] in known else Response(status_code=404)

    def operation(self, request: Asked, body: bytes) -> str:
        path = request.url.path
        return f"GET {path}" if path.count("/") == 1 else "GET /pictures/{id}"

    def add(self, kind: str, fields: Row) -> Row:
        raise KeyError(kind)

    def configuration(self, folder: Path) -> Row:
        return {"plugin": self.plugin, "base_url": self.base_url, "token": self.token}

    def refuse(self, mode: str) -> Response:
        return Response(status_code=401 if mode == "unauthorized" else 429)


def _passes(row: Row, given: Dict[str, Any]) -> bool:
    return (
        ("since" not in given or row["at"] >= given["since"])
        and ("until" not in given or row["at"] <= given["until"])
        and ("ids" not in given or row["id"] in given["ids"].split(","))
    )
