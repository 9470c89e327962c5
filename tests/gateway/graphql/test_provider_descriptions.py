"""Provider descriptions: each field says which plugins fill it, and each filter whose upstream applies it."""

from functools import cache
from typing import Any

from graphql import build_schema

from telegraphql.gateway.graphql.provider_descriptions import describe_providers
from telegraphql.gateway.http.graphql_schema import create_schema
from telegraphql.gateway.plugin.capabilities import declared
from telegraphql.gateway.plugin.filled_fields import filled_fields
from telegraphql.gateway.plugin.registry import plugins
from telegraphql.schema.kinds import FILTERS
from telegraphql.schema.schema import build
from tests.gateway.conformance.acme import Acme
from tests.gateway.conformance.courier import Courier
from tests.support.graphql_client import ask

PLUGINS: tuple[Any, ...] = tuple(plugins().found.values())
TITLED = {name: each.title or name for name, each in plugins().found.items()}


@cache
def described(*given: Any) -> Any:
    """The types of the schema with these plugins."""
    return build_schema(describe_providers(build(), {each.plugin: each for each in given}).as_str()).type_map


def test_a_field_names_its_plugins_in_order() -> None:
    both = described(Courier, Acme)
    assert both["Party"].fields["number"].description.endswith(" Filled by: acme, courier.")
    assert both["Message"].fields["text"].description.endswith(" Filled by: courier.")
    assert both["MessageFilter"].fields["sentAt"].description.endswith(" Applied by: courier.")
    assert both["CallFilter"].fields["number"].description.endswith(" Applied by: acme.")
    assert "Filled by" not in both["Call"].fields["trunk"].description
    assert "Applied by" not in both["MessageFilter"].fields["text"].description


def test_without_plugins_nothing_is_added() -> None:
    assert describe_providers(build(), {}).as_str() == build().as_str()


def test_each_field_that_a_bundled_plugin_fills_names_it() -> None:
    types = described(*PLUGINS)
    for name, plugin in plugins().found.items():
        for kind, fields in filled_fields(plugin).items():
            for field in {each.path.partition(".")[0] for each in fields}:
                _, _, names = types[kind.__name__].fields[field].description.partition(" Filled by: ")
                assert TITLED[name] in names.rstrip(".").split(", "), (name, kind.__name__, field)
        for kind, listing in declared(plugin).listings.items():
            for field in listing.filters:
                _, _, names = types[FILTERS[kind].__name__].fields[field].description.partition(" Applied by: ")
                assert TITLED[name] in names.rstrip(".").split(", "), (name, kind.__name__, field)


def test_objects_that_a_function_makes_as_a_whole_name_nobody_for_their_fields() -> None:
    types = described(*PLUGINS)
    assert [each for each in types["QueueEvent"].fields.values() if "Filled by" in each.description] == []
    assert types["QueueVisit"].fields["events"].description.endswith(" Filled by: Asterisk, Voximplant.")


async def test_clients_are_told_by_introspection() -> None:
    document = '{ __type(name: "Call") { fields { name description } } }'
    answer = await ask([], document)
    assert answer.errors is None
    assert answer.data is not None
    found = {each["name"]: each["description"] for each in answer.data["__type"]["fields"]}
    assert found["rerouteReason"].endswith(" Filled by: Asterisk, PortSIP.")


async def test_the_directive_of_personal_data_is_known_by_introspection() -> None:
    answer = await ask([], "{ __schema { directives { name locations isRepeatable args { name } } } }")
    assert answer.data is not None
    (personal,) = (each for each in answer.data["__schema"]["directives"] if each["name"] == "personal")
    places = ["FIELD_DEFINITION", "ARGUMENT_DEFINITION", "INPUT_FIELD_DEFINITION"]
    assert personal == {"name": "personal", "locations": places, "isRepeatable": False, "args": []}
    assert create_schema().compiling_executor is not None
