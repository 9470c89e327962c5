"""The faults of sandboxes: what can be wrong with requests and with answers, and how a fault is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FAILED_REQUESTS: Mapping[str, str] = {
    "status": "The request fails with the HTTP `status`.",
    "timeout": "No answer ever comes.",
    "drop": "The connection breaks.",
    "html": "The answer is a web page about maintenance, with status 200.",
    "truncate": "Only the first half of the answer comes.",
    "rate_limit": "The upstream refuses: too many requests.",
    "unauthorized": "The upstream refuses: wrong credentials.",
    "refuse_value": "The upstream refuses every request that filters by anything but time.",
    "refuse_sort": "The upstream refuses every request that asks for an order.",
    "unknown_id_refuses_batch": "The upstream refuses a request for several ids if one of them does not exist.",
    "expired_links": "The upstream refuses every request for a next page by the link to it.",
    "redirected_file": "Each file is behind a redirect to another path of the same host, or of `origin`.",
}
WRONG_ANSWERS: Mapping[str, str] = {
    "bad_byte": "A text of some rows holds a byte that is not UTF-8.",
    "control_character": "A text of some rows holds a raw control character, which JSON and XML forbid.",
    "byte_order_mark": "The answer starts with a byte order mark.",
    "short_page": "One row in ten is withheld, so that pages are shorter than requested; no total is sent.",
    "clamped_page": "Pages hold at most `rows` rows (default 20), whatever size is requested; no total is sent.",
    "wrong_total": "The total is 0 or counts only the rows of the page.",
    "zero_times": "Optional times of some rows are zero, empty, or a date such as 0001-01-01.",
    "impossible_lengths": "Lengths of some rows are negative or 4294967295.",
    "text_numbers": "Numbers are written as texts.",
    "misorder": "The first row of each page stands `rows` rows further down (default: half of the page).",
    "outlier": "Some rows have a time that is `shift_seconds` earlier than the true one (default: eight years).",
    "duplicate_ids": "Some rows have the id of the row before.",
    "foreign_links": "Links to next pages lead to another host.",
    "empty_words": "An answer without rows is `null`, `{}`, `[]` or has no body; totals are written as text.",
    "oversize": "A page holds thousands of rows more than requested.",
    "compressed_bomb": "The answer is 64 KB of gzip that unpack to 64 MB.",
}
FAULT_MODES: Mapping[str, str] = {**FAILED_REQUESTS, **WRONG_ANSWERS}
CLAMPED_ROWS = 20
EIGHT_YEARS = 2922 * 86_400
FIELDS = frozenset({"latency_ms", "rate", "status", "mode", "operation", "rows", "shift_seconds", "origin"})


@dataclass(frozen=True, slots=True)
class Fault:
    """An injected fault: a share `rate` (0 to 1) of the requests fails, after `latency_ms` milliseconds.

    Attributes:
        latency_ms: how long each failing request waits.
        rate: the share of the requests that fail.
        status: the HTTP status of the mode "status".
        mode: one of `FAULT_MODES`. None: requests are only slow.
        operation: the only operation that fails, as the journal names it. None: all fail.
        rows: the most rows of a page in the mode "clamped_page"; how far a row is moved in the mode "misorder".
        shift_seconds: by how much times are earlier in the mode "outlier"; negative: later.
        origin: scheme, host and port to which the mode "redirected_file" leads. None: the sandbox itself.
    """

    latency_ms: int = 0
    rate: float = 1.0
    status: int = 503
    mode: str | None = None
    operation: str | None = None
    rows: int | None = None
    shift_seconds: int = EIGHT_YEARS
    origin: str | None = None

    @classmethod
    def parse(cls, body: Any) -> "Fault":
        """Return the fault in the body of PUT /_sandbox/faults.

        Raises:
            ValueError: The body is invalid.
        """
        if not isinstance(body, dict) or set(body) - FIELDS:
            raise ValueError(
                "a fault must be an object with some of latency_ms, rate, status, mode, operation, rows, shift_seconds and origin"
            )
        if body.get("mode", "status") not in FAULT_MODES:
            raise ValueError(f"mode must be one of {', '.join(FAULT_MODES)}")
        only_slow = "mode" not in body and "status" not in body
        operation, origin = body.get("operation"), body.get("origin")
        if operation is not None and not isinstance(operation, str):
            raise ValueError("operation must be text, as /_sandbox/requests shows it")
        if origin is not None and not isinstance(origin, str):
            raise ValueError("origin must be text, such as http://127.0.0.1:9000")
        return cls(
            latency_ms=int(body.get("latency_ms", 0)),
            rate=float(body.get("rate", 1.0)),
            status=int(body.get("status", 503)),
            mode=None if only_slow else str(body.get("mode", "status")),
            operation=operation,
            rows=max(1, int(body["rows"])) if "rows" in body else None,
            shift_seconds=int(body.get("shift_seconds", EIGHT_YEARS)),
            origin=origin,
        )

    def applies_to(self, operation: str) -> bool:
        """Return True if requests of this operation are to fail."""
        return self.operation in (None, operation)
