"""Provider: the contract of a plugin, and the one file a plugin author must read.

A plugin is a class derived from `Provider`. It marks methods with what they serve; what is not marked is not served:

    @lists(Call, ...)                  one slice of a kind, in time order     async (self, request: ListRequest) -> Page
    @gets(Call, ...)                   records of a kind for many keys        async (self, request: GetRequest) -> Page
    @derives(Session, of=Call)         a kind the engine groups by `refs`     (self, parts: Sequence[Record]) -> Record
    @files("Recording.media")          where the bytes of a file are          async (self, native_id: str) -> Download
    @command("deleteRecordings", ...)  a command                              async (self, request: CommandRequest) -> CommandResult

A plugin translates: words, parameters, auth, paging style, error payloads. The engine does everything else, once for all:
paging loops, ties, merging, cursors, leftover filters, batching, retries, timeouts, caching, logging, redaction. A plugin reads
with `self.upstream.read(request, decoder)`, so that an answer in another format is handled as any other failure, or from this machine
with `self.upstream.run(operation, work)`, in a thread. It never retries, sleeps, caches, sorts, opens clients, reads the environment,
logs requests or catches `Exception`.

Each plugin is a package of four modules: `wire` (the upstream's words as msgspec Structs), `mapping` (code tables and one `Mapping` per
kind), `provider` (this contract) and `sandbox` (the simulated upstream, see gateway/plugin/sandbox.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from telegraphql.gateway.errors import UpstreamError
from telegraphql.gateway.plugin.credential_schemes import CredentialScheme
from telegraphql.gateway.plugin.declarations import Keyset, Links, Push, TimeWindowJoin, Whole, Windows
from telegraphql.gateway.plugin.decorators import MICROSECOND, SECOND, command, derives, files, gets, lists
from telegraphql.gateway.plugin.mapping import Mapping as ColumnMapping
from telegraphql.gateway.plugin.row_reader import RowReader
from telegraphql.gateway.plugin.rows import Rows
from telegraphql.gateway.plugin.selection import NOTHING, Selection
from telegraphql.gateway.plugin.settings import LocalSettings, Settings
from telegraphql.gateway.upstream.client import Answer, Request, Upstream
from telegraphql.schema.enums import TimeOrder
from telegraphql.schema.paging import Problem

if TYPE_CHECKING:
    from telegraphql.gateway.plugin.phone_numbers import Numbering
    from telegraphql.gateway.plugin.sandbox import Sandbox

__all__ = [
    "MICROSECOND",
    "SECOND",
    "CommandRequest",
    "CommandResult",
    "Download",
    "GetRequest",
    "Keyset",
    "Links",
    "ListRequest",
    "LocalSettings",
    "Page",
    "Provider",
    "Push",
    "Settings",
    "TimeWindowJoin",
    "Whole",
    "Windows",
    "command",
    "derives",
    "files",
    "gets",
    "lists",
]


# The version of the contract: of all that `telegraphql.plugin` exports. What breaks a plugin raises it.
CONTRACT_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRequest:
    """One slice of a kind that the engine asks for.

    `since` and `until` are inclusive bounds on the position time, already widened so that it does not matter how the upstream
    reads them; more than asked may be delivered, less not. `filter` holds only what the listing declared, under the names of
    the schema's filter. `select` names the schema's fields that are wanted: what is not in it need not be asked upstream.
    `next` is `Page.next` of the page before, in a list of `Links`; None asks for the first page.
    """

    order: TimeOrder = TimeOrder.NEWEST_FIRST
    since: datetime | None = None
    until: datetime | None = None
    offset: int = 0
    next: str | None = None
    size: int = 100
    filter: Mapping[str, Any] = field(default_factory=dict)
    select: Selection = NOTHING
    count: bool = False

    @property
    def newest_first(self) -> bool:
        """Return True if the slice goes back in time."""
        return self.order is TimeOrder.NEWEST_FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class GetRequest:
    """Keys whose records the engine asks for; at most `at_most` of them, none twice.

    `since` and `until` hold the parents' window, where there are parents. A key without a record is left out.
    """

    keys: Sequence[str]
    since: datetime | None = None
    until: datetime | None = None
    select: Selection = NOTHING


@dataclass(slots=True, kw_only=True)
class Page:
    """One upstream answer: records, or what `Provider.page` made of its rows.

    `read` counts the rows, not the records; `total` is the upstream's own count. `is_last`: it is proven that nothing follows.
    `next` is what the upstream sends for its next page, in a list of `Links`: an address, a token or a number; None at the end.
    """

    records: Any
    read: int
    total: int | None = None
    problems: list[Problem] = field(default_factory=list)
    is_last: bool = False
    next: str | None = None

    @classmethod
    def joined(cls, pages: "Iterable[Page]") -> "Page":
        """Return several pages as one, without a total."""
        whole = cls(records=[], read=0)
        for page in pages:
            whole.records += page.records
            whole.read += page.read
            # A page knows its problems when its rows are read, which was just done.
            whole.problems += page.problems
        return whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """The location of a file's bytes.

    `request` may name another host only if the provider's `file_hosts` holds it; its `local` opens a file, see local_files.py.
    `may_be_gzipped`: the upstream sometimes packs the file without saying so; the gateway looks, and unpacks it.
    """

    request: Request
    file_name: str | None = None
    mime_type: str | None = None
    size_bytes: int | None = None
    may_be_gzipped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRequest:
    """A command to carry out: the native ids it is for (none for some commands) and its other arguments."""

    ids: Sequence[str] = ()
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class CommandResult:
    """The result of a command: the native ids that succeeded, the errors of the others, and records or a value."""

    done: list[str] = field(default_factory=list)
    failed: dict[str, UpstreamError] = field(default_factory=dict)
    records: list[Any] = field(default_factory=list)
    value: Any = None


class Provider:
    """A configured account at an upstream. One instance lives as long as the gateway.

    `title` is the product's name for readers, `contract_version` the version of this contract that the plugin is written for.

    Attributes:
        name: The name of its table in the configuration, which clients see.
        id: The account's `id` in the configuration, or its name. It stands in ids and cursors, and outlasts a new name.
    """

    plugin: ClassVar[str]
    title: ClassVar[str] = ""
    contract_version: ClassVar[int]
    settings_type: ClassVar[type[LocalSettings]] = Settings
    authentication: ClassVar[CredentialScheme | None] = None
    bare_numbers_are_international: ClassVar[bool] = False

    def __init__(self, name: str, settings: Any, upstream: Upstream, numbering: "Numbering") -> None:
        self.name = name
        self.id: str = settings.id or name
        self.settings = settings
        self.upstream = upstream
        self.numbering = numbering
        self.signer = self.authentication.signer(settings, upstream) if self.authentication else None

    @property
    def session_span(self) -> timedelta:
        """The longest time from a session's first leg to its last one's start."""
        span: timedelta = self.settings.session_span
        return span

    def page(
        self,
        mapping: "ColumnMapping[Any]",
        rows: Sequence[Any],
        *,
        total: int | None = None,
        next: str | None = None,
        problems: Iterable[Problem] = (),
        **parameters: Any,
    ) -> Page:
        """Return the page of an answer's rows, `msgspec.Raw` or Structs, read by a mapping whose `parameter(name)` are `parameters`."""
        records = Rows(RowReader(mapping, self, parameters), rows)
        records.problems += problems
        return Page(records=records, read=len(rows), total=total, problems=records.problems, next=next or None)

    async def authorize(self, request: Request) -> None:
        """Put the credentials into a request: those of `authentication`. Called for every request that does not say `auth=False`."""
        if self.signer is not None:
            self.signer.sign(request)

    async def renew(self) -> None:
        """Get new credentials. Called once, under a lock, when `refusal` said Expired; raise Unauthorized where there are none."""
        if self.signer is not None:
            await self.signer.renew()

    def refusal(self, answer: Answer) -> UpstreamError | None:
        """Return the error an answer stands for in the upstream's own words; None when it is none, or when its status says enough."""
        return None if self.signer is None else self.signer.refusal(answer)

    async def check(self) -> None:
        """Send the cheapest request that needs credentials; raise what is wrong. For `telegraphql check` and readiness."""

    async def diagnose(self) -> None:
        """Try what the upstream may refuse, such as each filter, and set warnings. For `telegraphql check`, after `check` succeeded."""

    @classmethod
    def sandbox(cls) -> "type[Sandbox]":
        """Return the simulated upstream."""
        raise NotImplementedError
