"""The support matrix: what a plugin can do with each kind, in words."""

from telegraphql.gateway.cli.matrix import support_matrix
from telegraphql.gateway.plugin.provider import GetRequest, Page, gets
from telegraphql.schema.call import Note
from tests.support.memory_provider import Memory


class Annotated(Memory):
    """Finds notes by their call only."""

    plugin = "annotated"

    @gets(Note, by="call", at_most=5)
    async def notes_of_calls(self, request: GetRequest) -> Page:
        """Return the notes of calls."""
        return Page(records=[], read=0)


def test_a_kind_that_only_relations_lead_to_is_shown_by_its_key() -> None:
    lines = support_matrix({"annotated": Annotated, "memory": Memory}).splitlines()
    assert [line for line in lines if line.startswith(("| `Note`", "| `Chat`"))] == ["| `Chat` | – | – |", "| `Note` | by call | – |"]
