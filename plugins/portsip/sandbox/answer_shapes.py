"""The form of the answers to each operation that sends rows, for faults that change rows."""

from collections.abc import Iterator, Mapping
from typing import Any

from telegraphql.plugin import AnswerShape

LEG: dict[str, Any] = {
    "time": "started_at",
    "times": ("rang_at", "answered_at", "ended_at"),
    "lengths": ("duration",),
    "texts": ("caller_display_name",),
}
# The kind, the path of its list and single records, and the fields of its rows.
LISTS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("calls", "/calllogs", LEG),
    ("sessions", "/cdrs", LEG),
    ("recordings", "/recordings", {"time": "started_at", "times": ("ended_at",), "texts": ("caller_display_name",)}),
    ("queues", "/call_queues", {"lengths": ("ring_time",), "texts": ("name",)}),
    ("voicemessages", "/voicemails", {"time": "created_at", "lengths": ("duration", "file_size"), "texts": ("sender_name",)}),
    ("reports", "/completed_call_reports", {"time": "completed_at", "lengths": ("file_size",), "texts": ("name",)}),
    ("reportSchedules", "/call_reports", {"texts": ("name",)}),
)
FILE_OPERATIONS = frozenset({"GET /blobs/{digest}"})
# Details whose body holds items instead of one record.
WITH_ITEMS = ("/cdrs", "/recordings")


def _shapes(kind: str, path: str, fields: dict[str, Any]) -> Iterator[tuple[str, AnswerShape]]:
    time = fields.get("time", "")
    filters = rf"(?m)^search=|^filter=.*\b(?!(?:{time or 'never'}) )[a-z_]+ (?:eq|ne|gt|ge|lt|le) |^filter=.*\w\("
    yield (
        f"GET {path}",
        AnswerShape(
            kind=kind,
            rows=("items",),
            totals=("count",),
            size="top",
            sort="orderby",
            filter=filters,
            ids=r"\bid eq '([^']*)'",
            **fields,
        ),
    )
    if path not in WITH_ITEMS:
        yield f"GET {path}/{{id}}", AnswerShape(kind=kind, single=True, **fields)


ANSWER_SHAPES: Mapping[str, AnswerShape] = dict(shape for each in LISTS for shape in _shapes(*each))
