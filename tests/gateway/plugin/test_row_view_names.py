"""A view of a row reads like its record: no attribute of the view itself may hide a field of a kind."""

import dataclasses

import pytest

from telegraphql.gateway.plugin.row_view import RowView
from telegraphql.schema.kinds import KINDS

# The view holds these itself, and they are what the record's are.
SHARED = {"native_id", "provider_name", "raw", "record_type", "time_field", "end_field", "name_field", "sort_id"}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_no_name_of_a_view_hides_a_field(kind: type) -> None:
    names = {field.name for field in dataclasses.fields(kind)} | {name for name in vars(kind) if not name.startswith("_")}
    own = {*RowView.__struct_fields__, *(name for name in vars(RowView) if not name.startswith("__"))}
    assert (names & own) - SHARED == set()
