"""The connection to a VoIPstudio account: signed requests, slices of its collections, and single records."""

from dataclasses import replace
from typing import Any, TypeVar

import msgspec

from telegraphql.plugin import (
    Answer,
    Decoder,
    Download,
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
from telegraphql.plugins.voipstudio.account_lists import AccountLists
from telegraphql.plugins.voipstudio.auth import AccountCredentials
from telegraphql.plugins.voipstudio.query import Resource, ResourceQuery, is_number
from telegraphql.plugins.voipstudio.settings import VoipstudioSettings
from telegraphql.plugins.voipstudio.wire import LISTED, ONE_OR_MANY, SINGLE, Listed

T = TypeVar("T")


class VoipstudioAccount(Provider):
    """The base of the provider: requests to the API, independent of kinds."""

    settings: VoipstudioSettings

    def __init__(self, name: str, settings: VoipstudioSettings, upstream: Upstream, numbering: Numbering) -> None:
        super().__init__(name, settings, upstream, numbering)
        self._credentials = AccountCredentials(settings)
        self.lists = AccountLists(self._fetch, settings.page_size)

    async def authorize(self, request: Request) -> None:
        """Add the token to a request."""
        self._credentials.sign(request)

    async def renew(self) -> None:
        """Log in again."""
        await self._credentials.log_in(self.upstream, self._path("/login"))

    def refusal(self, answer: Answer) -> UpstreamError | None:
        """Return the error of status 401. Other statuses need no special treatment, and the upstream's text is not passed on."""
        return self._credentials.rejection_error() if answer.status == 401 else None

    async def check(self) -> None:
        """Request the user of the credentials."""
        await self.read("GET /me", SINGLE)

    def request(self, operation: str, native_id: str = "", **options: Any) -> Request:
        """Return a request named by its method and path. The id replaces "{id}" or "{ids}" in the path."""
        method, _, path = operation.partition(" ")
        path = path.replace("{id}", native_id).replace("{ids}", native_id)
        return Request(operation=operation, method=method, path=self._path(path), **options)

    async def read(self, operation: str, decoder: Decoder[T], native_id: str = "", **options: Any) -> T:
        """Return the decoded response to a request."""
        return await self.upstream.read(self.request(operation, native_id, **options), decoder)

    async def ask(self, operation: str, native_id: str = "", **options: Any) -> Answer:
        """Return the response to a request that changes something, without decoding it."""
        return await self.upstream.ask(self.request(operation, native_id, **options))

    async def list_resource(self, resource: Resource, request: ListRequest, **parameters: Any) -> Page:
        """Return a slice of a collection. `parameters` are those of its mapping."""
        rows, total = await self.lists.read(resource.questions(request, self.settings.region), request)
        self.upstream.set_warnings(self.lists.support.warnings())
        return self.page(resource.mapping, rows, total=total, **parameters)

    async def find_by(self, resource: Resource, name: str, request: GetRequest, **parameters: Any) -> Page:
        """Return all records with this value of a property, oldest first.

        If the account does not filter by the property, the period of the request and a few hours around it are read.
        """
        (key,) = request.keys
        value = int(key) if is_number(key) else key
        period = None
        if request.since is not None and request.until is not None:
            around = ListRequest(since=request.since - self.session_span, until=request.until + self.session_span)
            period = replace(resource.in_period(around), sorts=False)
        rows = await self.lists.find_where(resource.where(name, value), name, value, period)
        self.upstream.set_warnings(self.lists.support.warnings())
        return self.page(resource.mapping, rows, **parameters)

    async def list_period(self, resource: Resource, request: ListRequest, **parameters: Any) -> Page:
        """Return all records of a collection in the period of a request, whatever its filter."""
        return self.page(resource.mapping, await self.lists.find(replace(resource.in_period(request), sorts=False)), **parameters)

    async def get_single(self, resource: Resource, request: GetRequest, **parameters: Any) -> Page:
        """Return the record with this id; NotFound if there is none."""
        (native_id,) = request.keys
        if not is_number(native_id):
            return Page(records=[], read=0)
        get_single = await self.read(f"GET {resource.path}/{{id}}", SINGLE, native_id)
        return self.page(resource.mapping, [get_single.data], **parameters)

    async def rows_below(self, operation: str, native_id: str) -> list[msgspec.Raw]:
        """Return the rows of a path below a record, or none if there is no such record."""
        if not is_number(native_id):
            return []
        try:
            return await self.read(operation, ONE_OR_MANY, native_id)
        except NotFound:
            return []

    def download(self, operation: str, native_id: str, mime_type: str, file_name: str) -> Download:
        """Return a file of the record with this id."""
        if not is_number(native_id):
            raise NotFound("has no such record", provider=self.id)
        return Download(request=self.request(operation, native_id), file_name=file_name, mime_type=mime_type)

    async def _fetch(self, query: ResourceQuery, limit: int, page: int) -> Listed:
        return await self.read(f"GET {query.path}", LISTED, params=query.params(limit, page))

    def _path(self, resource: str) -> str:
        return f"/{self.settings.version}/voipstudio{resource}"
