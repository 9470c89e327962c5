"""Filled fields: what a plugin fills is known from its mappings, without asking it."""

import pytest

from telegraphql.gateway.plugin.capabilities import declared
from telegraphql.gateway.plugin.filled_fields import FILE, GROUPED, KEY, FilledField, filled_fields, mappings_of, visible_fields
from telegraphql.gateway.plugin.registry import plugins
from telegraphql.schema.call import Call
from telegraphql.schema.message import Attachment, Message
from telegraphql.schema.session import Session
from tests.gateway.conformance.acme import Acme
from tests.gateway.conformance.courier import ATTACHMENT, MESSAGE, Courier
from tests.gateway.conformance.ledger import Ledger

PLUGINS = plugins().found


def test_each_field_is_named_with_what_it_is_read_from() -> None:
    assert mappings_of(Courier) == [MESSAGE, ATTACHMENT]
    assert filled_fields(Courier) == {
        Message: [
            FilledField("nativeId", "Message", ("id",), "id as text"),
            FilledField("from.number", "Party", ("sender",), "number"),
            FilledField("from.isWithheld", "Party", ("sender",), "by words such as anonymous"),
            FilledField("from.kind", "Party", ("sender",), "by its form"),
            FilledField("from.uri", "Party", ("sender",), "SIP address"),
            FilledField("to.number", "Party", ("recipient",), "number"),
            FilledField("to.isWithheld", "Party", ("recipient",), "by words such as anonymous"),
            FilledField("to.kind", "Party", ("recipient",), "by its form"),
            FilledField("to.uri", "Party", ("recipient",), "SIP address"),
            FilledField("sentAt", "Message", ("at",), "time in UTC"),
            FilledField("direction", "Message", ("way",), "table of CallDirection"),
            FilledField("status", "Message", ("state",), "table of MessageStatus"),
            FilledField("failureReason", "Message", ("error",), "text"),
            FilledField("text", "Message", ("body",), "text"),
            FilledField("segments", "Message", ("parts",), "whole number"),
            FilledField("attachments", "Message", ("id", "pictures"), KEY),
            FilledField("cost.amount", "Money", ("price",), "exact decimal"),
            FilledField("cost.currency", "Money", ("settings.currency",), "currency code"),
        ],
        Attachment: [
            FilledField("nativeId", "Attachment", ("id",), "id as text"),
            FilledField("mimeType", "Attachment", ("type",), "text"),
            FilledField("media", "Attachment", ("type",), FILE),
        ],
    }


class Derived(Courier):
    """A plugin that is made of another one."""


def test_a_derived_plugin_has_the_mappings_of_its_base() -> None:
    assert [each for each in mappings_of(Derived) if each.kind in (Message, Attachment)] == [MESSAGE, ATTACHMENT]


def test_grouped_records_fill_what_is_declared() -> None:
    assert filled_fields(Acme)[Session] == [FilledField(name, "Session", (), GROUPED) for name in ("startedAt", "isDerived", "calls")]


def test_a_key_that_leads_nowhere_fills_nothing() -> None:
    assert "recordings" in {each.path for each in filled_fields(Ledger)[Call]}
    assert "refs.session" in MESSAGE.leaves
    assert "session" not in {each.path for each in filled_fields(Courier)[Message]}


@pytest.mark.parametrize("name", PLUGINS)
def test_of_each_kind_that_a_plugin_serves_the_fields_are_known(name: str) -> None:
    serves, found = declared(PLUGINS[name]), filled_fields(PLUGINS[name])
    assert {*serves.listings, *serves.derivations, *(kind for kind, _ in serves.getters)} == {*found}
    for kind, fields in found.items():
        paths = [each.path for each in fields]
        assert len(paths) == len({*paths})
        assert {path.partition(".")[0] for path in paths} <= {*visible_fields(kind)}
        assert kind.time_field is None or any(each.type == kind.__name__ for each in fields)
