"""Describe every error code: what it means, whose fault it is, and what to do."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from docs.generate.markers import escaped, table
from telegraphql import gateway
from telegraphql.gateway.errors import Refusal
from telegraphql.gateway.graphql.validation.limit_errors import RULES
from telegraphql.gateway.graphql.validation.limits import Limits
from telegraphql.schema.enums import ProblemCode

CLIENT, ACCOUNT, UPSTREAM, OPERATOR, GATEWAY = "client", "account", "upstream", "operator", "gateway"
SMALLER = "Split the operation, or raise the limit."
SOURCE = Path(gateway.__file__).parent
# A code that belongs to no class and no enum is written in the source beside one of these words.
SPELLED = re.compile(r'(?:"code": |reason=|_error\(\s*|= |: )"([A-Z]+(?:_[A-Z]+)+)"')
# Texts that look like codes there and are none.
NO_CODES = {"AS_ENDED"}
# HTTP statuses whose names are codes.
STATUSES = {"METHOD_NOT_ALLOWED", "NOT_ACCEPTABLE", "UNSUPPORTED_MEDIA_TYPE"}

# Owner, meaning, advice. An empty meaning is taken from the schema's description of the code.
ADVICE: dict[str, tuple[str, str, str]] = {
    "BAD_REQUEST": (CLIENT, "The request is not a GraphQL request.", "Send a JSON object with `query` or a document id."),
    "BATCHING_NOT_SUPPORTED": (
        CLIENT,
        "The request contains several operations.",
        "Send one request per operation, or use several root fields.",
    ),
    "METHOD_NOT_ALLOWED": (CLIENT, "Status 405: this HTTP method is not allowed here.", "Send mutations with `POST`."),
    "UNSUPPORTED_MEDIA_TYPE": (CLIENT, "Status 415: the body is not JSON.", "Send `Content-Type: application/json`, in UTF-8."),
    "NOT_ACCEPTABLE": (CLIENT, "Status 406: no media type in `Accept` is available.", "See [HTTP API](http-api.md)."),
    "GRAPHQL_PARSE_FAILED": (CLIENT, "The document has a syntax error.", "The message names the line and column."),
    "GRAPHQL_VALIDATION_FAILED": (
        CLIENT,
        "The document does not match the schema.",
        "Validate documents against the schema at build time.",
    ),
    "OPERATION_RESOLUTION_FAILURE": (
        CLIENT,
        "`operationName` is missing or unknown: the document has several operations.",
        "Send `operationName`.",
    ),
    "PERSISTED_QUERY_NOT_FOUND": (
        CLIENT,
        "No document is registered under this id.",
        "Send the text with the hash. Apollo clients do so themselves.",
    ),
    "PERSISTED_QUERY_NOT_SUPPORTED": (CLIENT, "Persisted documents are disabled.", "Send the document's text."),
    "PERSISTED_QUERY_ONLY": (CLIENT, "Only documents of the manifest are accepted.", "Send a document id, or publish a new manifest."),
    "PERSISTED_QUERY_HASH_MISMATCH": (CLIENT, "`sha256Hash` is not the SHA-256 of `query`.", "Hash the exact text that you send."),
    "BAD_USER_INPUT": (
        CLIENT,
        "An argument or variable is out of range, has a wrong type or contradicts another.",
        "The message names it.",
    ),
    "BAD_CURSOR": (
        CLIENT,
        "The cursor is invalid, or belongs to another list, filter, order or caller.",
        "Start again without a cursor.",
    ),
    "BAD_ID": (CLIENT, "The id was not issued by this gateway, or has the wrong kind.", "Send ids exactly as you received them."),
    "UNKNOWN_PROVIDER": (CLIENT, "No provider with this name is visible to the caller.", "`{ providers { name } }` lists the names."),
    "UNAUTHENTICATED": (
        CLIENT,
        "The key or token is missing, unknown, expired or revoked (status 401, WebSocket 4401).",
        "Send a valid key or token.",
    ),
    "BAD_TOKEN": (CLIENT, "The media link was modified.", "Request the link again and use it unchanged."),
    "EXPIRED_TOKEN": (CLIENT, "The media link has expired.", "Request the link again."),
    "SLOW_CONSUMER": (
        CLIENT,
        "The client read events more slowly than they arrived.",
        "Subscribe again with the error's `cursor` as `after`.",
    ),
    "TOO_MANY_OPERATIONS": (CLIENT, "The WebSocket has too many active operations.", "Complete some, or open another connection."),
    "PAYLOAD_TOO_LARGE": (CLIENT, "Status 413, WebSocket 1009: the body or message is too large.", "Send a smaller request."),
    "INTROSPECTION_DISABLED": (CLIENT, "Introspection is disabled for this caller.", "Use the file `schema/schema.graphql`."),
    "OVERLOADED": (OPERATOR, "Status 503: too many operations run at the same time.", "Retry after `retryAfter` seconds; add replicas."),
    "INTERNAL_SERVER_ERROR": (GATEWAY, "An unexpected error occurred.", "Report the error's `id`. The log has the details under this id."),
    "TOO_MANY_TOKENS": (CLIENT, "The document is longer than `limits.tokens` allows.", SMALLER),
    "TOO_MANY_ENTITIES": (CLIENT, "A router requested more entities than `limits.entities` allows.", SMALLER),
    "TOO_EXPENSIVE": (
        CLIENT,
        "The operation costs more than `limits.cost` allows, or a field needs more work than its limits allow.",
        "Request less at once; see [query limits](limits.md).",
    ),
    "UNAUTHORIZED": (ACCOUNT, "", "Run `telegraphql check`: it says what is wrong with the credentials."),
    "FORBIDDEN": (
        ACCOUNT,
        "The credentials are valid but lack a permission: the caller's (`scope` names it) or, with `provider`, the account's.",
        "Give the key the scope, or the account the permission.",
    ),
    "NOT_FOUND": (CLIENT, "", "The record was deleted or never existed. As status 404: this path does not exist."),
    "BAD_INPUT": (CLIENT, "", "Change the value. The other providers' records are complete."),
    "RATE_LIMITED": (UPSTREAM, "", "Retry after `retryAfter` seconds. If it happens often, lower the provider's rate limit."),
    "TIMEOUT": (UPSTREAM, "", "Request the same page again. If it happens often, request smaller pages."),
    "UNAVAILABLE": (UPSTREAM, "The upstream is down or unreachable. Without `provider`: the token issuer is.", "Retry later."),
    "BAD_ANSWER": (UPSTREAM, "", "Retry. If it persists, the upstream's API has changed: report it."),
    "MALFORMED_RECORD": (UPSTREAM, "", "Nothing to do for clients. Report it: the plugin may need an update."),
    "MALFORMED_FIELD": (UPSTREAM, "", "Nothing to do for clients: the field is null; `native` has the upstream's value. Report it."),
    "STALE": (UPSTREAM, "", "Retry later. `ageSeconds` is the age of the records."),
    "UNSUPPORTED": (CLIENT, "", "Remove this argument or provider; `capabilities` lists what is supported."),
    "SCAN_LIMIT": (CLIENT, "", "Continue from `endCursor`, or narrow the time range."),
}
for rule in RULES:
    ADVICE.setdefault(
        rule.code, (CLIENT, f"The operation exceeds `limits.{rule.size}`: {Limits.model_fields[rule.size].description}", SMALLER)
    )


def found() -> set[str]:
    """Return every code that the gateway can send."""
    files = [file for file in SOURCE.rglob("*.py") if "conformance" not in file.parts]
    spelled = {code for file in files for code in SPELLED.findall(file.read_text("utf-8"))} - NO_CODES
    # The application imports every module that defines an error.
    import_module("telegraphql.gateway.http.app")
    own = {each.code for each in _refusals(Refusal) if "code" in vars(each)}
    return own | spelled | STATUSES | set(ProblemCode.__members__) | {rule.code for rule in RULES}


def codes() -> str:
    """Return the table of codes that only errors have."""
    return _table([name for name in ADVICE if name not in ProblemCode.__members__])


def problems() -> str:
    """Return the table of problem codes, which errors may have as well."""
    return _table(list(ProblemCode.__members__))


def _refusals(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for each in kind.__subclasses__():
        yield each
        yield from _refusals(each)


def _table(names: list[str]) -> str:
    described = {word.name: word.description or "" for word in ProblemCode.__strawberry_definition__.values}  # type: ignore[attr-defined]
    rows = []
    for name in names:
        owner, meaning, advice = ADVICE[name]
        rows.append([f"`{name}`", escaped(meaning or described[name]), owner, escaped(advice)])
    return table(["Code", "Meaning", "Owner", "What to do"], rows)
