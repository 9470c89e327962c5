"""Executor: what is plain is projected, what is not understood is graphql-core's, and nothing is done twice."""

from typing import Any

import pytest
import strawberry
from strawberry.extensions import SchemaExtension

from telegraphql.gateway.graphql.compiler.compiled_cache import Programs
from telegraphql.gateway.graphql.compiler.executor import executor
from telegraphql.gateway.graphql.compiler.planner import MOST_FIELDS
from telegraphql.gateway.graphql.compiler.settings import ExecutionSettings
from telegraphql.gateway.graphql.problem_executor import ProblemExecutor
from telegraphql.schema.fields import promise_of
from telegraphql.schema.schema import build
from tests.gateway.graphql.compiler.toy_schema import Doll, Query, Shelf, Toy, Wheel

PLAIN = "{ toys { name colour weight grid wheels { size } initial __typename } }"


def toys(compiled: bool = True, **options: Any) -> strawberry.Schema:
    return strawberry.Schema(Query, types=[Doll], execution_context_class=executor(ExecutionSettings(compile=compiled)), **options)


def programs(schema: strawberry.Schema) -> Programs:
    made: Any = schema.execution_context_class
    found: Programs = made.programs
    return found


async def both(document: str, shelf: Any = Shelf, **variables: Any) -> tuple[Any, Any, strawberry.Schema, Shelf]:
    """What both executors answer, which has to be the same."""
    stock, compiled = toys(compiled=False), toys()
    wanted = await stock.execute(document, variables, context_value=shelf())
    used = shelf()
    found = await compiled.execute(document, variables, context_value=used)
    told = [(error.message, error.path, error.locations, error.extensions) for error in found.errors or ()]
    assert repr(found.data) == repr(wanted.data)
    assert told == [(error.message, error.path, error.locations, error.extensions) for error in wanted.errors or ()]
    return found.data, told, compiled, used


async def test_a_plain_selection_is_projected() -> None:
    data, _, schema, _ = await both(PLAIN)
    first = {"name": "ball", "colour": "AZURE", "weight": 1.5, "grid": [[1], [], [2, 3]], "wheels": [{"size": 1.0}, None]}
    assert data["toys"][0] == first | {"initial": "b", "__typename": "Toy"}
    assert (programs(schema).ran, programs(schema).fell, programs(schema).stock) == (1, 0, 0)


async def test_one_irregular_record_does_not_slow_down_the_others() -> None:
    def shelf() -> Shelf:
        return Shelf([Toy(name="ball"), Toy(name="car", weight=float("nan")), *(Toy(name=f"t{number}") for number in range(9))])

    data, errors, schema, _ = await both("{ toys { name weight } }", shelf)
    assert [each["weight"] for each in data["toys"]] == [1.5, None] + [1.5] * 9
    assert [error[:2] for error in errors] == [("Float cannot represent non numeric value: nan", ["toys", 1, "weight"])]
    assert (programs(schema).ran, programs(schema).fell) == (10, 3)  # the list, its item as an item, and as an object


async def test_null_where_none_may_be_reaches_as_far_up_as_ever() -> None:
    data, errors, *_ = await both("{ toys { name wheels { size } } }", lambda: Shelf([Toy(name="a", wheels=[Wheel(size=None)])]))  # type: ignore[arg-type]
    assert data == {"toys": [{"name": "a", "wheels": [None]}]}
    data, errors, *_ = await both("{ toys { name } }", lambda: Shelf([Toy(name="a"), Toy(name=None)]))  # type: ignore[arg-type]
    assert (data, errors[0][1]) == ({"toys": None}, ["toys", 1, "name"])


@pytest.mark.parametrize("field", ["counted", "slowly", "must", "scaled(by: 3)", "loud", "friend { name }"])
async def test_a_resolver_that_promised_nothing_is_called_once_per_record(field: str) -> None:
    _, _, _, shelf = await both(f"{{ toys {{ name {field} }} }}")
    assert set(shelf.asked.values()) <= {2}


async def test_a_resolver_that_breaks_its_promise_is_waited_for_all_the_same() -> None:
    for late in (True, False):
        data, _, schema, _ = await both("{ toys { soon } }", lambda late=late: Shelf(late=late))
        assert data == {"toys": [{"soon": 1}, {"soon": 1}]}
        assert (programs(schema).fell > 0) is late


@pytest.mark.parametrize("field", ["counted", "slowly", "must"])
async def test_an_irregular_value_beside_a_resolver_does_not_call_it_again(field: str) -> None:
    _, errors, _, shelf = await both(f"{{ toys {{ {field} weight }} }}", lambda: Shelf([Toy(name="a", weight="?")]))  # type: ignore[arg-type]
    assert len(errors) == 1
    assert shelf.asked == {field: 1}


async def test_what_is_permitted_to_some_is_asked_of_graphql_core() -> None:
    data, errors, *_ = await both("{ toys { name secret } }", lambda: Shelf(allowed=False))
    assert [each["secret"] for each in data["toys"]] == [None, None]
    assert [error[0] for error in errors] == ["not for you"] * 2
    data, *_ = await both("{ toys { name secret } }")
    assert [each["secret"] for each in data["toys"]] == ["s", "s"]


@pytest.mark.parametrize("root", ["named", "either", "first"])
async def test_interfaces_and_unions_are_told_by_class(root: str) -> None:
    fields = "... on Named { name } ... on Toy { colour friends { name } } ... on Doll { hair } __typename"
    _, _, schema, shelf = await both(f"{{ {root} {{ {fields} }} }}", lambda: Shelf([Toy(name="a"), Doll(name="b"), Toy(name="c")]))
    assert programs(schema).ran >= 1
    if root == "named":
        assert shelf.parents == [["a", "c"]]


async def test_all_parents_are_asked_together_level_by_level() -> None:
    _, _, _, shelf = await both("{ toys { friends { name friends { name } } again: friends { initial } } }")
    assert sorted(map(len, shelf.parents)) == [2, 2, 4]


async def test_one_failing_key_is_the_error_of_its_field_alone() -> None:
    data, errors, *_ = await both("{ toys { friends { name } } }", lambda: Shelf(failing={"car": ValueError("broken")}))
    assert (len(data["toys"][0]["friends"]), data["toys"][1]["friends"]) == (2, None)
    assert [error[:2] for error in errors] == [("broken", ["toys", 1, "friends"])]


async def test_a_failing_batch_is_the_error_of_every_parent() -> None:
    _, errors, *_ = await both("{ toys { friends { name } } }", lambda: Shelf(failure=ValueError("down")))
    assert [error[:2] for error in errors] == [("down", ["toys", 0, "friends"]), ("down", ["toys", 1, "friends"])]


async def test_an_irregular_record_among_those_that_hang_on_others_keeps_their_batch_together() -> None:
    def shelf() -> Shelf:
        return Shelf([Toy(name="a"), Toy(name="b", weight="?"), Toy(name="c")])  # type: ignore[arg-type]

    _, _, _, used = await both("{ toys { weight friends { name } } }", shelf)
    assert sorted(used.parents) == [["a", "c"], ["b"]]


@pytest.mark.parametrize("skip", [True, False])
async def test_conditions_are_decided_per_operation(skip: bool) -> None:
    document = "query ($skip: Boolean!) { toys { name @skip(if: $skip) ...F @include(if: $skip) } } fragment F on Toy { colour }"
    data, *_ = await both(document, skip=skip)
    assert list(data["toys"][0]) == (["colour"] if skip else ["name"])


async def test_one_schema_serves_one_document_under_all_conditions() -> None:
    schema, document = toys(), "query ($skip: Boolean!) { toys { name colour @skip(if: $skip) } }"
    for skip in (True, False, True):
        answer = await schema.execute(document, {"skip": skip}, context_value=Shelf())
        assert answer.data is not None
        assert ("colour" in answer.data["toys"][0]) is not skip


class Watching(SchemaExtension):
    def resolve(self, next_: Any, root: Any, info: Any, *arguments: Any, **named: Any) -> Any:
        found = next_(root, info, *arguments, **named)
        return found.upper() if isinstance(found, str) else found


async def test_extensions_that_see_each_field_see_each_field() -> None:
    schema = toys(extensions=[Watching])
    answer = await schema.execute("{ toys { name } }", context_value=Shelf())
    assert answer.data == {"toys": [{"name": "BALL"}, {"name": "CAR"}]}
    assert programs(schema).ran == 0


async def test_off_means_graphql_core() -> None:
    assert executor(ExecutionSettings(compile=False)) is ProblemExecutor


async def test_no_code_is_made_of_a_selection_beyond_reason() -> None:
    fields = " ".join(f"a{number}: name" for number in range(MOST_FIELDS))
    _, _, schema, _ = await both(f"{{ toys {{ {fields} }} }}")
    assert len(programs(schema).sources()) == 1
    _, _, schema, _ = await both(f"{{ toys {{ {fields} name }} }}")
    assert programs(schema).sources() == []


async def test_documents_are_forgotten_beyond_their_number() -> None:
    schema = strawberry.Schema(Query, types=[Doll], execution_context_class=executor(ExecutionSettings(compiled_documents=3)))
    for number in range(9):
        await schema.execute(f"{{ a{number}: toys {{ name }} }}", context_value=Shelf())
    assert len(programs(schema)) == 3


async def test_the_source_can_be_read_and_holds_no_word_of_the_client() -> None:
    schema = toys()
    await schema.execute("{ toys { Zebra: name Yak: wheels { Xerus: size } colour } }", context_value=Shelf())
    (source,) = programs(schema).sources()
    assert "Zebra" not in source
    assert "Yak" not in source
    assert "Xerus" not in source
    assert "v0 = x.name\n    if type(v0) is not str:\n        raise Fallback" in source
    assert "'colour': v2" in source


async def test_documents_that_differ_in_aliases_only_share_their_source() -> None:
    schema = toys()
    for alias in ("a", "b"):
        await schema.execute(f"{{ toys {{ {alias}: name }} }}", context_value=Shelf())
    first, second = programs(schema).sources()
    assert first == second


@pytest.mark.parametrize("name", ["session", "recordings", "parent", "id", "native", "provider", "capture"])
def test_our_own_cheap_resolvers_keep_their_promises(name: str) -> None:
    definition = build()._schema.type_map["Call"].fields[name].extensions["strawberry-definition"]  # type: ignore[union-attr]
    assert promise_of(definition.base_resolver.wrapped_func) is not None
