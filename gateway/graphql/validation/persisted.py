"""Persisted queries: documents known by id, from a manifest or registered by clients (Apollo's automatic persisted queries)."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import orjson
from graphql import FieldNode, GraphQLError, OperationDefinitionNode, parse
from pydantic import BaseModel, ConfigDict, Field

from telegraphql.gateway.auth.caller import Caller, Scope
from telegraphql.gateway.duration import Seconds
from telegraphql.gateway.errors import RequestError, SettingsError
from telegraphql.gateway.graphql.validation.request import GraphQLRequest

KEY = "persisted_queries.manifest_file"
APOLLO_FORMAT = "apollo-persisted-query-manifest"
# GraphiQL's introspection query has about two hundred.
MAX_INTROSPECTION_TOKENS = 2000


class PersistedQuerySettings(BaseModel):
    """Persisted queries: documents that clients send by id instead of text."""

    model_config = ConfigDict(extra="forbid")

    manifest_file: str = Field(
        default="",
        description="A JSON manifest of documents by id, as written by GraphQL Code Generator, Relay or Apollo; reloaded on SIGHUP.",
    )
    manifest_only: bool = Field(
        default=False, description="Refuse documents that are not in the manifest. Introspection then needs the scope admin."
    )
    automatic: bool = Field(
        default=True,
        description="Let clients register valid documents by SHA-256 (automatic persisted queries), each caller for itself; off with "
        "manifest_only.",
    )
    max_documents: int = Field(
        default=1000, ge=0, description="Registered documents; beyond it the caller with the most loses its least recently used."
    )
    max_bytes: int = Field(default=4_194_304, ge=0, description="Total size of registered documents in bytes.")
    max_age: Seconds = Field(
        default=0.0,
        ge=0,
        description="Cache-Control max-age of complete responses to GET requests with a persisted query; 0s: no caching. "
        "If it exceeds media.link_lifetime, cached responses contain expired links.",
    )


class PersistedQueryNotFound(RequestError):
    """No document has this id. The client may send its text."""

    code = "PERSISTED_QUERY_NOT_FOUND"


class PersistedQueryNotSupported(RequestError):
    """Persisted queries are not enabled."""

    code = "PERSISTED_QUERY_NOT_SUPPORTED"


class NotInManifest(RequestError):
    """Only documents of the manifest may be executed, and this is none."""

    code = "PERSISTED_QUERY_ONLY"


class DigestMismatch(RequestError):
    """The digest is not that of the document sent with it."""

    code = "PERSISTED_QUERY_HASH_MISMATCH"


class UnregisteredQuery(str):
    """The text of a document that its client wants registered, which happens once it has proved valid."""

    __slots__ = ()


@dataclass(slots=True)
class CallerQueries:
    """The documents that one caller registered, by digest, in the order of their last use."""

    texts: OrderedDict[str, str] = field(default_factory=OrderedDict)
    size: int = 0


@dataclass(slots=True)
class RegisteredQueries:
    """Documents registered by clients, by the caller's name and by digest.

    Beyond a limit, the caller who keeps the most loses the document that it has not used for longest.
    """

    max_documents: int
    max_bytes: int
    _by_caller: dict[str, CallerQueries] = field(default_factory=dict)
    _count: int = 0
    _size: int = 0

    def get(self, caller: str, digest: str) -> str | None:
        """Return a document of a caller, or None."""
        own = self._by_caller.get(caller)
        text = own.texts.get(digest) if own else None
        if own is not None and text is not None:
            own.texts.move_to_end(digest)
        return text

    def add(self, caller: str, digest: str, text: str) -> None:
        """Add a document of a caller, and evict others beyond the limits."""
        size = len(text.encode())
        own = self._by_caller.get(caller) or CallerQueries()
        if digest in own.texts or size > self.max_bytes or not self.max_documents:
            return
        self._by_caller[caller] = own
        own.texts[digest] = text
        self._grow(own, 1, size)
        while self._count > self.max_documents:
            self._evict(lambda each: len(each.texts))
        while self._size > self.max_bytes:
            self._evict(lambda each: each.size)

    def _evict(self, kept: Callable[[CallerQueries], int]) -> None:
        name, largest = max(self._by_caller.items(), key=lambda each: kept(each[1]))
        _, evicted = largest.texts.popitem(last=False)
        self._grow(largest, -1, -len(evicted.encode()))
        if not largest.texts:
            del self._by_caller[name]

    def _grow(self, own: CallerQueries, count: int, size: int) -> None:
        own.size += size
        self._count += count
        self._size += size


class PersistedQueries:
    """The persisted queries of one gateway. They are texts only: knowing an id gives no permission.

    `served` are the documents, by id, of the pages that the gateway itself serves.

    Raises:
        SettingsError: The manifest is missing or cannot be read.
    """

    def __init__(self, settings: PersistedQuerySettings | None = None, served: Mapping[str, str] = MappingProxyType({})) -> None:
        self.settings = settings or PersistedQuerySettings()
        if self.settings.manifest_only and not self.settings.manifest_file:
            raise SettingsError("persisted_queries.manifest_only needs persisted_queries.manifest_file")
        self._manifest = read_manifest(Path(self.settings.manifest_file)) if self.settings.manifest_file else {}
        self._texts = frozenset(self._manifest.values())
        self._manifest |= {sha256_hex(text): text for text in self._texts}
        self._served = served
        # True if any document that comes as text is executed.
        self.accepts_any = not self.settings.manifest_only
        self._registered = RegisteredQueries(self.settings.max_documents, self.settings.max_bytes)

    @property
    def automatic(self) -> bool:
        """Return True if clients may register documents."""
        return self.settings.automatic and not self.settings.manifest_only

    def document(self, request: GraphQLRequest, caller: Caller) -> str:
        """Return the document of a request: its text, or the persisted one.

        Raises:
            RequestError: There is no such document, or it may not be executed.
        """
        if request.query is None:
            return self._persisted(request.document_id or request.digest or "", caller)
        if request.digest is not None and sha256_hex(request.query) != request.digest:
            raise DigestMismatch("provided sha does not match query: sha256Hash must be the SHA-256 of the query that is sent with it")
        if self.settings.manifest_only and not self._may_execute(request.query, caller):
            raise NotInManifest("only documents of the gateway's manifest may be executed; send the id of one as documentId")
        return UnregisteredQuery(request.query) if request.digest is not None and self.automatic else request.query

    def register(self, text: UnregisteredQuery, caller: Caller) -> None:
        """Keep a document that has proved valid for its caller."""
        self._registered.add(caller.name, sha256_hex(text), str(text))

    def _may_execute(self, text: str, caller: Caller) -> bool:
        return text in self._texts or (Scope.ADMIN in caller.scopes and is_introspection_only(text))

    def _persisted(self, id: str, caller: Caller) -> str:
        digest = id.removeprefix("sha256:")
        text = self._manifest.get(id) or self._manifest.get(digest) or self._served.get(digest) or self._registered.get(caller.name, digest)
        if text is not None:
            return text
        # Apollo's clients compare these messages: after the first they send the text, after the second they stop sending ids.
        if self.automatic or self._manifest:
            raise PersistedQueryNotFound("PersistedQueryNotFound")
        raise PersistedQueryNotSupported("PersistedQueryNotSupported")


def sha256_hex(text: str) -> str:
    """Return the SHA-256 of a document in hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def is_introspection_only(text: str) -> bool:
    """Return True if all root fields of a document are introspection fields."""
    try:
        document = parse(text, max_tokens=MAX_INTROSPECTION_TOKENS, no_location=True)
    except GraphQLError:
        return False
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    root_fields = [each for operation in operations for each in operation.selection_set.selections]
    return bool(root_fields) and all(isinstance(each, FieldNode) and each.name.value.startswith("__") for each in root_fields)


def read_manifest(path: Path) -> dict[str, str]:
    """Return the documents of a manifest by id.

    Raises:
        SettingsError: The file cannot be read, or is not a manifest.
    """
    try:
        manifest = orjson.loads(path.read_bytes())
    except OSError as error:
        raise SettingsError(f"{KEY}: cannot read {path.name} ({error.strerror})") from None
    except orjson.JSONDecodeError:
        raise SettingsError(f"{KEY}: {path.name} is not JSON") from None
    is_apollo = isinstance(manifest, dict) and manifest.get("format") == APOLLO_FORMAT
    texts = _texts_by_id(_apollo_operations(manifest) if is_apollo else manifest)
    if texts is None:
        raise SettingsError(f'{KEY}: {path.name} must be {{"<id>": "<document>", …}} or an Apollo manifest')
    for name, text in texts.items():
        try:
            parse(text, no_location=True)
        except GraphQLError as error:
            raise SettingsError(f"{KEY}: the document {name[:80]!r} is not GraphQL ({error.message})") from None
    return {name.removeprefix("sha256:"): text for name, text in texts.items()}


def _texts_by_id(manifest: object) -> dict[str, str] | None:
    """Return a manifest if all its values are texts, else None."""
    if not isinstance(manifest, dict):
        return None
    texts = {name: text for name, text in manifest.items() if isinstance(text, str)}
    return texts if len(texts) == len(manifest) else None


def _apollo_operations(manifest: dict[str, object]) -> dict[str, object] | None:
    operations = manifest.get("operations")
    if manifest.get("version") != 1 or not isinstance(operations, list):
        return None
    if not all(isinstance(each, dict) and isinstance(each.get("id"), str) for each in operations):
        return None
    return {each["id"]: each.get("body") for each in operations}
