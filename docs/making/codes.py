"""Codes: every code of an error, whose fault it is and what to do; which codes there are is found in the gateway's source."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from docs.making.marks import plain, table

import gateway
from telegraphql.gateway.errors import Refusal
from telegraphql.gateway.graphql.validation.limit_errors import RULES
from telegraphql.gateway.graphql.validation.limits import Limits
from telegraphql.schema.enums import ProblemCode

CLIENT, ACCOUNT, UPSTREAM, OPERATOR, OURS = "the client's", "the account's", "the upstream's", "whoever runs it", "ours"
SMALLER = "Ask for less, in several operations; or raise the limit."
SOURCE = Path(gateway.__file__).parent
# A code that no class and no enum has stands in the source as a text beside these words.
SPELLED = re.compile(r'(?:"code": |reason=|_told\(\s*|= |: )"([A-Z]+(?:_[A-Z]+)+)"')
# What else is spelled like a code there.
NO_CODES = {"AS_ENDED"}
# Statuses of HTTP whose names are codes.
STATUSES = {"METHOD_NOT_ALLOWED", "NOT_ACCEPTABLE", "UNSUPPORTED_MEDIA_TYPE"}

# Whose fault, what it means, what to do.
TOLD: dict[str, tuple[str, str, str]] = {
    "BAD_REQUEST": (CLIENT, "Not a request of GraphQL.", "Send a JSON object with `query`, or with the id of a document."),
    "BATCHING_NOT_SUPPORTED": (CLIENT, "Several operations in one request.", "Send several requests, or several root fields."),
    "METHOD_NOT_ALLOWED": (CLIENT, "Status 405: this is not asked by this method.", "Send mutations by `POST`."),
    "UNSUPPORTED_MEDIA_TYPE": (CLIENT, "Status 415: the body is of another type.", "Send `Content-Type: application/json`, in UTF-8."),
    "NOT_ACCEPTABLE": (CLIENT, "Status 406: the answer has no such form.", "See [transports](transports.md)."),
    "GRAPHQL_PARSE_FAILED": (CLIENT, "The document is not GraphQL.", "The message says where it breaks."),
    "GRAPHQL_VALIDATION_FAILED": (CLIENT, "The document does not fit the schema.", "Check documents against the schema when you build."),
    "OPERATION_RESOLUTION_FAILURE": (CLIENT, "Which operation of the document is meant is not told.", "Send `operationName`."),
    "PERSISTED_QUERY_NOT_FOUND": (CLIENT, "No document is known by this id.", "Send its text; Apollo's clients do so by themselves."),
    "PERSISTED_QUERY_NOT_SUPPORTED": (CLIENT, "Documents are not known by ids here.", "Send their text."),
    "PERSISTED_QUERY_ONLY": (CLIENT, "Only documents of the manifest are executed.", "Send the id of one, or publish a new manifest."),
    "PERSISTED_QUERY_HASH_MISMATCH": (CLIENT, "`sha256Hash` is not the SHA-256 of the document beside it.", "Hash the text as it is sent."),
    "BAD_USER_INPUT": (
        CLIENT,
        "An argument or variable is out of range, of a wrong type, or contradicts another.",
        "The message names it.",
    ),
    "BAD_CURSOR": (CLIENT, "A cursor of another list, filter, order or caller, or no cursor at all.", "Begin without a cursor."),
    "BAD_ID": (CLIENT, "Not an id of this gateway, or of the wrong kind.", "Give back ids as you got them."),
    "UNKNOWN_PROVIDER": (CLIENT, "No provider has this name, as far as this caller may know.", "`{ providers { name } }` lists them."),
    "UNAUTHENTICATED": (CLIENT, "No key or token, or one that is unknown or expired (status 401, WebSocket 4401).", "Send a good one."),
    "BAD_TOKEN": (CLIENT, "A link to a file that was changed.", "Ask for the link again, and use it as it is."),
    "EXPIRED_TOKEN": (CLIENT, "A link to a file that has run out.", "Ask for it again."),
    "SLOW_CONSUMER": (CLIENT, "Events came faster than they were taken.", "Subscribe again, with the error's `cursor` as `after`."),
    "TOO_MANY_OPERATIONS": (CLIENT, "More operations on one WebSocket than it may have.", "End some, or open another connection."),
    "PAYLOAD_TOO_LARGE": (CLIENT, "Status 413, WebSocket 1009: the body or message is too long.", "Send less at once."),
    "INTROSPECTION_DISABLED": (CLIENT, "The schema is not told to this caller.", "Take the file `schema/schema.graphql`."),
    "OVERLOADED": (OPERATOR, "Status 503: too many operations at once.", "Ask again after `retryAfter`; start more replicas."),
    "INTERNAL_SERVER_ERROR": (OURS, "What nobody foresaw.", "Tell us the error's `id`: the log has what happened under it."),
    "TOO_MANY_TOKENS": (CLIENT, "The document is too long.", SMALLER),
    "TOO_MANY_ENTITIES": (CLIENT, "A router asks for too many entities at once.", SMALLER),
    "TOO_EXPENSIVE": (CLIENT, "Page sizes and relations come to too much.", "Ask for smaller pages; see [limits](limits.md)."),
    "UNAUTHORIZED": (ACCOUNT, "", "`telegraphql check` says what is wrong with the credentials."),
    "FORBIDDEN": (
        ACCOUNT,
        "The credentials are good, but not for this: the caller's (`scope` says which one is missing) or, with `provider`, the account's.",
        "Give the key that scope, or the account that right.",
    ),
    "NOT_FOUND": (CLIENT, "", "It was deleted, or never was there. As status 404: nothing is at this path."),
    "BAD_INPUT": (CLIENT, "", "Change the value; the other providers' records are there."),
    "RATE_LIMITED": (UPSTREAM, "", "Ask again after `retryAfter` seconds; lower `limits.requests_per_second` of the provider."),
    "TIMEOUT": (UPSTREAM, "", "Ask the same page again; ask for less where it happens often."),
    "UNAVAILABLE": (
        UPSTREAM,
        "The upstream is down or cannot be reached; without `provider`, the issuer of tokens is.",
        "Ask again later.",
    ),
    "BAD_ANSWER": (UPSTREAM, "", "Ask again; where it stays, the provider or its plugin has changed: tell us."),
    "MALFORMED_RECORD": (UPSTREAM, "", "Nothing: `native` of its neighbours may show what is odd. Tell us."),
    "MALFORMED_FIELD": (UPSTREAM, "", "Nothing: the field is null there; `native` shows the upstream's value. Tell us."),
    "STALE": (UPSTREAM, "", "Ask again later; `message` says how old the records are."),
    "UNSUPPORTED": (CLIENT, "", "Leave it out, or this provider; `capabilities` tells beforehand."),
    "SCAN_LIMIT": (CLIENT, "", "Go on from `endCursor`, or narrow the time."),
}
for rule in RULES:
    TOLD.setdefault(rule.code, (CLIENT, f"More than `limits.{rule.size}`: {Limits.model_fields[rule.size].description}", SMALLER))


def found() -> set[str]:
    """Every code that the gateway can give."""
    files = [file for file in SOURCE.rglob("*.py") if "testing" not in file.parts]
    spelled = {code for file in files for code in SPELLED.findall(file.read_text("utf-8"))} - NO_CODES
    # It imports, and so defines, the last of the errors.
    import_module("telegraphql.gateway.http.app")
    own = {each.code for each in _refusals(Refusal) if "code" in vars(each)}
    return own | spelled | STATUSES | set(ProblemCode.__members__) | {rule.code for rule in RULES}


def codes() -> str:
    """The codes that only errors have."""
    return _table([name for name in TOLD if name not in ProblemCode.__members__])


def problems() -> str:
    """The codes of problems, which errors may have as well."""
    return _table(list(ProblemCode.__members__))


def _refusals(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for each in kind.__subclasses__():
        yield each
        yield from _refusals(each)


def _table(names: list[str]) -> str:
    described = {word.name: word.description or "" for word in ProblemCode.__strawberry_definition__.values}  # type: ignore[attr-defined]
    rows = []
    for name in names:
        whose, means, what = TOLD[name]
        rows.append([f"`{name}`", plain(means or described[name]), whose, plain(what)])
    return table(["Code", "Meaning", "Whose fault", "What to do"], rows)
