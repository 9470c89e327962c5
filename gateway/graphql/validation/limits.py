"""The `[limits]` settings: limits of one request, one operation and one connection."""

from functools import cached_property

from pydantic import BaseModel, ConfigDict, Field

from telegraphql.gateway.duration import Seconds
from telegraphql.gateway.upstream.work import WorkLimits

# The upper bound of limits.page_size: a response is built in one piece.
MAX_PAGE_SIZE = 1000


class Limits(BaseModel):
    """Limits of requests. A request beyond a limit is refused before any upstream request, with an error code and both numbers."""

    model_config = ConfigDict(extra="forbid")

    body_bytes: int = Field(default=262_144, ge=1024, description="Size of a request body, and of a WebSocket message, in bytes.")
    tokens: int = Field(default=2000, ge=10, description="Lexical tokens of a document: names, numbers, strings, punctuators.")
    depth: int = Field(default=12, ge=1, description="Nesting depth of fields. Introspection fields have their own limit.")
    fields: int = Field(default=1000, ge=1, description="Fields and fragments of an operation, after expanding fragments.")
    duplicate_fields: int = Field(default=20, ge=0, description="Repeated fields and fragments in one selection set.")
    aliases: int = Field(default=30, ge=0, description="Aliases of an operation, after expanding fragments.")
    directives: int = Field(default=50, ge=0, description="Directives of an operation, after expanding fragments.")
    directives_per_location: int = Field(default=4, ge=0, description="Directives at one location.")
    root_fields: int = Field(default=20, ge=1, description="Root fields of an operation.")
    entities: int = Field(default=1000, ge=1, description="Representations in one federation _entities request.")
    page_size: int = Field(default=500, ge=1, le=MAX_PAGE_SIZE, description="Records per page (first, last).")
    cost: int = Field(default=30_000, ge=1, description="Cost of an operation in records, computed from its page sizes.")
    report_cost: bool = Field(default=True, description="Return the cost of each operation in extensions.cost.")
    introspection: bool | None = Field(
        default=None, description="Allow introspection; unset: for everyone, but in production only for callers with the scope admin."
    )
    document_cache_bytes: int = Field(
        default=262_144, ge=0, description="Size of the cache of parsed and validated documents, in bytes of their text; 0: no cache."
    )
    max_concurrency: int = Field(
        default=100, ge=1, description="Operations that wait for upstreams at the same time; what needs no upstream is not counted."
    )
    max_concurrency_per_caller: int = Field(default=50, ge=1, description="Those of one caller: a key, a token's subject, or an address.")
    max_queue: int = Field(
        default=200, ge=0, description="Operations beyond max_concurrency that wait for their turn; further ones are refused."
    )
    max_queue_per_caller: int = Field(default=100, ge=0, description="Those of one caller. Callers have their turns one after the other.")
    cpu_share: float = Field(
        default=0.5, gt=0, le=1, description="The share of the processor that callers with much work have together while others ask too."
    )
    max_downloads: int = Field(default=500, ge=1, description="Files that are sent at the same time.")
    max_downloads_per_caller: int = Field(default=100, ge=1, description="Those of one caller.")
    max_subscriptions: int = Field(default=5000, ge=1, description="Open subscriptions.")
    max_subscriptions_per_caller: int = Field(default=500, ge=1, description="Those of one caller.")
    memory: int = Field(
        default=400 * 1024 * 1024,
        ge=1024,
        description="Bytes that upstream answers, cached answers and unsent responses may take: then the cache gives way, "
        "and further operations wait and are refused.",
    )
    operations_per_websocket: int = Field(default=50, ge=1, description="Concurrent operations on one WebSocket, subscriptions included.")
    scan_requests: int = Field(default=50, ge=2, description="Upstream requests per provider for one page of a list.")
    upstream_requests: int = Field(default=2000, ge=10, description="Upstream requests of one operation.")
    rows: int = Field(default=50_000, ge=1, description="Rows of upstream answers that an operation reads.")
    answer_bytes: int = Field(
        default=128 * 1024 * 1024, ge=1024, description="Bytes of upstream answers that an operation reads, files not counted."
    )
    cpu_time: Seconds = Field(default=1.5, gt=0, description="Processor time after which an operation reads no more.")
    deadline: Seconds = Field(
        default=10.0, gt=0, description="The longest execution time of an operation; after it, a partial result is returned."
    )

    @cached_property
    def work(self) -> WorkLimits:
        """The limits of the work of one operation."""
        return WorkLimits(self.rows, self.answer_bytes, self.cpu_time)
