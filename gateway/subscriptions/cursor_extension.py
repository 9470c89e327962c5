"""Cursors: where a client finds what it resumes with - `extensions.cursor` beside each event."""

from typing import Any

from strawberry.extensions import SchemaExtension


class Cursors(SchemaExtension):
    """Writes the cursor of the last event into the extensions of each result of a subscription."""

    def get_results(self) -> dict[str, Any]:
        """The cursor, where there is one."""
        cursor = getattr(self.execution_context.context, "cursor", None)
        return {} if cursor is None else {"cursor": cursor}
