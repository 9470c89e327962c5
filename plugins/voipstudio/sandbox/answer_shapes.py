"""The form of the answers to each operation that sends rows, for faults that change rows."""

from collections.abc import Iterator, Mapping
from typing import Any

from telegraphql.plugin import AnswerShape
from telegraphql.plugins.voipstudio.sandbox.fields import RESOURCES, CollectionFields

LENGTHS = ("duration", "billsec", "size")
TEXTS = ("src_name", "dst_name", "name", "summary", "visitor_name", "transcript")
FILE_OPERATIONS = frozenset(
    f"GET {path}" for path in ("/cdrs/{id}.trace", "/cdrs/{id}.pcap", "/monitors/{id}.mp3", "/voicemessages/{id}.mp3", "/msdrs/{id}.trace")
)


def _shapes(resource: CollectionFields) -> Iterator[tuple[str, AnswerShape]]:
    """Yield the forms of a collection's list and of its single records."""
    fields: dict[str, Any] = {
        "kind": resource.kind,
        "rows": ("data",),
        "time": resource.time,
        "lengths": tuple(name for name in LENGTHS if name in resource.types),
        "texts": tuple(name for name in TEXTS if name in resource.types),
    }
    filters = rf'"property":"(?!{resource.time}")'
    yield f"GET {resource.path}", AnswerShape(totals=("total",), size="limit", sort="sort", filter=filters, **fields)
    yield f"GET {resource.path}/{{id}}", AnswerShape(single=True, **fields)


ANSWER_SHAPES: Mapping[str, AnswerShape] = dict(shape for resource in RESOURCES.values() for shape in _shapes(resource))
