"""The Strawberry extension that adds `extensions.cursor` to each event of a subscription."""

from typing import Any

from strawberry.extensions import SchemaExtension


class CursorExtension(SchemaExtension):
    """Writes the cursor of the last event into each result of a subscription."""

    def get_results(self) -> dict[str, Any]:
        """Return the cursor, if there is one."""
        cursor = getattr(self.execution_context.context, "cursor", None)
        return {} if cursor is None else {"cursor": cursor}
