"""Persisted: documents that are known by an id - from a manifest, or registered by clients (Apollo's automatic persisted queries)."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path

import orjson
from graphql import FieldNode, GraphQLError, OperationDefinitionNode, parse
from pydantic import BaseModel, ConfigDict, Field

from telegraphql.gateway.auth.caller import Caller, Scope
from telegraphql.gateway.duration import Seconds
from telegraphql.gateway.errors import RequestError, SettingsError
from telegraphql.gateway.graphql.validation.request import GraphQLRequest

KEY = "persisted_queries.manifest_file"
APOLLO = "apollo-persisted-query-manifest"
# GraphiQL's introspection has some two hundred.
MOST_TOKENS = 2000


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
        default=True, description="Let clients register documents by SHA-256 (automatic persisted queries); off with manifest_only."
    )
    max_documents: int = Field(default=1000, ge=0, description="Registered documents; the least recently used are evicted.")
    max_bytes: int = Field(default=4_194_304, ge=0, description="Total size of registered documents in bytes.")
    max_age: Seconds = Field(
        default=0.0,
        ge=0,
        description="Cache-Control max-age of complete responses to GET requests with a persisted query; 0s: no caching. "
        "If it exceeds media.link_lifetime, cached responses contain expired links.",
    )


class PersistedQueryNotFound(RequestError):
    """No document is known by this id; whoever has its text may send it."""

    code = "PERSISTED_QUERY_NOT_FOUND"


class PersistedQueryNotSupported(RequestError):
    """Documents are not known by ids here."""

    code = "PERSISTED_QUERY_NOT_SUPPORTED"


class NotInManifest(RequestError):
    """The document is not one of those that may be executed."""

    code = "PERSISTED_QUERY_ONLY"


class DigestMismatch(RequestError):
    """A document under another one's digest."""

    code = "PERSISTED_QUERY_HASH_MISMATCH"


@dataclass(slots=True)
class RegisteredQueries:
    """What clients registered, by digest: bounded, and the least recently used are forgotten."""

    entries: int
    memory: int
    _texts: OrderedDict[str, str] = field(default_factory=OrderedDict)
    _size: int = 0

    def find(self, digest: str) -> str | None:
        """A document."""
        text = self._texts.get(digest)
        if text is not None:
            self._texts.move_to_end(digest)
        return text

    def keep(self, digest: str, text: str) -> None:
        """Remember a document, and forget others as far as it takes."""
        if digest in self._texts:
            return
        self._texts[digest] = text
        self._size += len(text.encode())
        while len(self._texts) > self.entries or self._size > self.memory:
            _, forgotten = self._texts.popitem(last=False)
            self._size -= len(forgotten.encode())


class PersistedQueries:
    """The documents of one gateway. Texts only, never answers: to know an id is to be allowed nothing."""

    def __init__(self, settings: PersistedQuerySettings | None = None) -> None:
        self.settings = settings or PersistedQuerySettings()
        if self.settings.manifest_only and not self.settings.manifest_file:
            raise SettingsError("persisted_queries.manifest_only needs persisted_queries.manifest_file")
        self._manifest = read_manifest(Path(self.settings.manifest_file)) if self.settings.manifest_file else {}
        self._texts = frozenset(self._manifest.values())
        self._manifest |= {sha256_hex(text): text for text in self._texts}
        self._registered = RegisteredQueries(self.settings.max_documents, self.settings.max_bytes)

    @property
    def automatic(self) -> bool:
        """Whether clients may register documents."""
        return self.settings.automatic and not self.settings.manifest_only

    def document(self, asked: GraphQLRequest, caller: Caller) -> str:
        """The document that is asked for, by text or by id; a RequestError where there is none, or it may not be executed."""
        if asked.query is None:
            return self._found(asked.document_id or asked.digest or "")
        if asked.digest is not None and sha256_hex(asked.query) != asked.digest:
            raise DigestMismatch("provided sha does not match query: sha256Hash must be the SHA-256 of the query that is sent with it")
        if (
            self.settings.manifest_only
            and asked.query not in self._texts
            and not (Scope.ADMIN in caller.scopes and is_introspection_only(asked.query))
        ):
            raise NotInManifest("only the documents of this gateway's manifest are executed; send one of their ids as documentId")
        if asked.digest is not None and self.automatic:
            self._registered.keep(asked.digest, asked.query)
        return asked.query

    def _found(self, given: str) -> str:
        name = given.removeprefix("sha256:")
        text = self._manifest.get(given) or self._manifest.get(name) or self._registered.find(name)
        if text is not None:
            return text
        # Apollo's clients know both by exactly these words: on the first they send the text, on the second they give up ids.
        if self.automatic or self._manifest:
            raise PersistedQueryNotFound("PersistedQueryNotFound")
        raise PersistedQueryNotSupported("PersistedQueryNotSupported")


def sha256_hex(text: str) -> str:
    """The SHA-256 of a document, in hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def is_introspection_only(text: str) -> bool:
    """Whether a document asks for the schema and for nothing else."""
    try:
        document = parse(text, max_tokens=MOST_TOKENS, no_location=True)
    except GraphQLError:
        return False
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    roots = [each for operation in operations for each in operation.selection_set.selections]
    return bool(roots) and all(isinstance(root, FieldNode) and root.name.value.startswith("__") for root in roots)


def read_manifest(path: Path) -> dict[str, str]:
    """The documents of a manifest, by their ids; SettingsError where it is none."""
    try:
        given = orjson.loads(path.read_bytes())
    except OSError as error:
        raise SettingsError(f"{KEY}: cannot read {path.name} ({error.strerror})") from None
    except orjson.JSONDecodeError:
        raise SettingsError(f"{KEY}: {path.name} is not JSON") from None
    texts = _texts(_apollos(given) if isinstance(given, dict) and given.get("format") == APOLLO else given)
    if texts is None:
        raise SettingsError(f'{KEY}: {path.name} must be {{"<id>": "<document>", …}} or a manifest of Apollo\'s')
    for name, text in texts.items():
        try:
            parse(text, no_location=True)
        except GraphQLError as error:
            raise SettingsError(f"{KEY}: the document {name[:80]!r} is not GraphQL ({error.message})") from None
    return {name.removeprefix("sha256:"): text for name, text in texts.items()}


def _texts(given: object) -> dict[str, str] | None:
    """The same where it is texts by their names."""
    if not isinstance(given, dict):
        return None
    texts = {name: text for name, text in given.items() if isinstance(text, str)}
    return texts if len(texts) == len(given) else None


def _apollos(given: dict[str, object]) -> dict[str, object] | None:
    operations = given.get("operations")
    if given.get("version") != 1 or not isinstance(operations, list):
        return None
    if not all(isinstance(each, dict) and isinstance(each.get("id"), str) for each in operations):
        return None
    return {each["id"]: each.get("body") for each in operations}
