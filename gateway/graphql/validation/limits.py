"""Limits: how much one request, one operation and one connection may ask for; `[limits]` of the configuration."""

from pydantic import BaseModel, ConfigDict, Field

# No page can be configured to be larger: an answer is made in one piece.
MOST_PAGE = 1000


class Limits(BaseModel):
    """How much may be asked for. What is beyond a limit is refused before any upstream is asked, with a code and both numbers."""

    model_config = ConfigDict(extra="forbid")

    body_bytes: int = Field(default=262_144, ge=1024, description="Bytes of one request's body, and of one message of a WebSocket.")
    tokens: int = Field(default=2000, ge=10, description="Tokens of one document: names, numbers, texts and punctuation.")
    depth: int = Field(default=12, ge=1, description="Fields within fields; introspection has a rule of its own.")
    fields: int = Field(default=1000, ge=1, description="Fields and fragments of one operation, fragments written out.")
    repeats: int = Field(default=20, ge=0, description="Fields and fragments that already stand in the same selection.")
    aliases: int = Field(default=30, ge=0, description="Aliases of one operation, fragments written out.")
    directives: int = Field(default=50, ge=0, description="Directives of one operation, fragments written out.")
    directives_at_once: int = Field(default=4, ge=0, description="Directives at one place.")
    root_fields: int = Field(default=20, ge=1, description="Fields of one operation that are in no other field.")
    entities: int = Field(default=1000, ge=1, description="Entities that a router asks for at once, by _entities.")
    page: int = Field(default=500, ge=1, le=MOST_PAGE, description="Records of one page of a list.")
    cost: int = Field(default=30_000, ge=1, description="Cost of one operation, in records; computed from its page sizes.")
    tell_cost: bool = Field(default=True, description="Whether every answer tells its cost, in extensions.cost.")
    introspection: bool | None = Field(
        default=None, description="Whether clients may ask for the schema; unset: yes, but in production only those with the scope admin."
    )
    documents_bytes: int = Field(
        default=262_144, ge=0, description="Bytes of the documents' text that are remembered as parsed and validated; 0 remembers none."
    )
    operations: int = Field(default=100, ge=1, description="Operations that are executed at once.")
    waiting: int = Field(default=200, ge=0, description="Operations that wait for others to end.")
    subscriptions: int = Field(default=50, ge=1, description="Operations under way at once on one WebSocket.")
    scan_requests: int = Field(
        default=50, ge=2, description="Upstream requests with which one list may search at each provider for one page."
    )
    upstream_requests: int = Field(default=2000, ge=10, description="Upstream requests of one operation in all.")
    deadline: float = Field(default=10.0, gt=0, description="Seconds within which an operation is answered with what there is.")
