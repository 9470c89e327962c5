"""VoipstudioAccount: asking VoIPstudio as one account - signed requests, slices of its resources, single records."""

from typing import Any, TypeVar

import msgspec

from telegraphql.plugin import (
    Answer,
    Decoder,
    GetRequest,
    ListRequest,
    NotFound,
    Numbering,
    Page,
    Provider,
    Request,
    Upstream,
    UpstreamError,
)
from telegraphql.plugins.voipstudio.auth import Credentials
from telegraphql.plugins.voipstudio.query import Resource, ResourceQuery, is_number
from telegraphql.plugins.voipstudio.settings import VoipstudioSettings
from telegraphql.plugins.voipstudio.wire import LISTED, SINGLE

T = TypeVar("T")
ALL = 1_000_000  # more rows than one key or one moment can have


class VoipstudioAccount(Provider):
    """An account, without what it serves."""

    settings: VoipstudioSettings

    def __init__(self, name: str, settings: VoipstudioSettings, upstream: Upstream, numbering: Numbering) -> None:
        super().__init__(name, settings, upstream, numbering)
        self._credentials = Credentials(settings)

    async def authorize(self, request: Request) -> None:
        """Put the token into a request."""
        self._credentials.sign(request)

    async def renew(self) -> None:
        """Log in again."""
        await self._credentials.log_in(self.upstream, self._path("/login"))

    def refusal(self, answer: Answer) -> UpstreamError | None:
        """Only 401 needs telling apart; the words beside a status are the upstream's and are not passed on."""
        return self._credentials.refused() if answer.status == 401 else None

    async def check(self) -> None:
        """ListRequest who we are."""
        await self.read("GET /me", SINGLE)

    def request(self, operation: str, native_id: str = "", **more: Any) -> Request:
        """A request named by its method and its path; an id takes the place of "{id}" or "{ids}" in it."""
        method, _, path = operation.partition(" ")
        path = path.replace("{id}", native_id).replace("{ids}", native_id)
        return Request(operation=operation, method=method, path=self._path(path), **more)

    async def read(self, operation: str, decoder: Decoder[T], native_id: str = "", **more: Any) -> T:
        """What the answer to a request says."""
        return await self.upstream.read(self.request(operation, native_id, **more), decoder)

    async def ask(self, operation: str, native_id: str = "", **more: Any) -> Answer:
        """The answer to a request, for what is done whatever is shown of it."""
        return await self.upstream.ask(self.request(operation, native_id, **more))

    async def listed(self, resource: Resource, ask: ListRequest, **parameters: Any) -> Page:
        """Return a slice of a resource. `parameters` are those of its mapping."""
        rows, total = await self._slice(resource.query(ask), ask.offset, ask.size)
        return self.page(resource.mapping, rows, total=total, **parameters)

    async def having(self, resource: Resource, name: str, wanted: GetRequest, **parameters: Any) -> Page:
        """Return all records with this value, oldest first."""
        (key,) = wanted.keys
        rows, total = await self._slice(resource.having(name, int(key) if is_number(key) else key), 0, ALL)
        return self.page(resource.mapping, rows, total=total, **parameters)

    async def single(self, resource: Resource, wanted: GetRequest, **parameters: Any) -> Page:
        """Return the record with this id, if there is one."""
        (native_id,) = wanted.keys
        if not is_number(native_id):
            return Page(records=[], read=0)
        try:
            single = await self.read(f"GET {resource.path}/{{id}}", SINGLE, native_id)
        except NotFound:
            return Page(records=[], read=0)
        return self.page(resource.mapping, [single.data], **parameters)

    async def _slice(self, query: ResourceQuery, offset: int, size: int) -> tuple[list[msgspec.Raw], int | None]:
        """`size` rows from `offset` on, fewer only at the end, and the upstream's count.

        An upstream page begins at a multiple of its length. Where `offset` is none, the first page is cut in front and another one
        fills the slice. An upstream that silently sends shorter pages than asked for is asked for that length from there on."""
        rows: list[msgspec.Raw] = []
        limit, total = min(size, self.settings.page_size), None
        while len(rows) < size:
            page, skip = divmod(offset + len(rows), limit)
            listed = await self.read(f"GET {query.path}", LISTED, params=query.params(limit, page + 1))
            rows += listed.data[skip:]
            total, sent = listed.total, len(listed.data)
            if sent <= skip or (sent < limit if total is None else offset + len(rows) >= total):
                break
            limit = min(limit, sent)
        return rows, total

    def _path(self, resource: str) -> str:
        return f"/{self.settings.version}/voipstudio{resource}"
