"""File reader: a ready-made column for what is known of a file before it is opened."""

from typing import Any

from telegraphql.gateway.plugin.columns import Column, Constant, Source
from telegraphql.gateway.plugin.number_readers import file_size
from telegraphql.gateway.plugin.reader_checks import reader
from telegraphql.gateway.plugin.readers import text
from telegraphql.schema.record import FileInfo


@reader
def file(
    *, if_set: Source | None = None, mime_type: str | Column | None = None, size: Source | None = None, file_name: Source | None = None
) -> Column:
    """Return a column for `files`: what is known of a file before it is opened; there is none where `if_set` is given and empty.

    `mime_type` is the type itself, such as "audio/mpeg", or a column; `size` and `file_name` are sources, and may be columns.
    """
    type_ = Constant(mime_type) if isinstance(mime_type, str) else mime_type
    bytes_ = None if size is None else file_size(size)
    sources: list[Any] = [Constant(True) if if_set is None else if_set]
    sources += [Constant(None) if each is None else each for each in (type_, bytes_, file_name if file_name is None else text(file_name))]
    return Column(_file, *sources, words="file", total_for=None, lenient=True)


def _file(is_there: Any, mime_type: str | None, size: int | None, file_name: str | None) -> FileInfo | None:
    return FileInfo(mime_type, size, file_name) if is_there else None
