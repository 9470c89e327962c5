"""Differential: whatever is asked and whatever upstreams send, compiled answers are graphql-core's.

`python -m tests.gateway.executing.differential --operations 30000` asks that many operations; the suite asks a fixed few of them.
Data is compared to the last key and its order. Of errors the order is left open, as the specification leaves it, and so is which of
several errors is told where their parent became null: what runs at the same time may or may not have failed by then. There, and only
there, one error in common is enough; how often that was needed is told.
"""

import argparse
import asyncio
import gc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import Any

import strawberry
from graphql import DocumentNode, GraphQLError, GraphQLSchema, execute, parse, print_ast, validate
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import from_schema, nodes, queries
from strawberry.execution import optimized_is_awaitable

from gateway.executing.executor import executor
from gateway.executing.settings import Execution
from schema.schema import build
from tests.gateway.executing.documents import Grower
from tests.gateway.executing.hostile import Hostile

RATES = (0.0, 0.02, 0.3)
VARIANTS = 4
SCALARS = {
    "DateTime": st.just(nodes.String("2026-01-01T00:00:00Z")),
    "Decimal": st.just(nodes.String("1.5")),
    "JSON": st.just(nodes.String("x")),
}


@cache
def stock() -> strawberry.Schema:
    return build()


def compiled() -> strawberry.Schema:
    return build(execution_context_class=executor(Execution()))


@dataclass
class Tally:
    """How much was asked, and how it was answered."""

    operations: int = 0
    invalid: int = 0
    answers: int = 0
    errors: int = 0
    left_open: int = 0
    made: strawberry.Schema = field(default_factory=compiled)

    @property
    def programs(self) -> Any:
        executor: Any = self.made.execution_context_class
        return executor.programs

    def share(self) -> float:
        """How many of the objects and lists that were come upon were projected."""
        programs = self.programs
        return programs.ran / max(1, programs.ran + programs.fell + programs.stock)

    def __str__(self) -> str:
        programs = self.programs
        asked = f"{self.operations} operations ({self.invalid} invalid ones left out)"
        how = f"{programs.ran} selections compiled, {programs.fell} fell back, {programs.stock} never tried: {self.share():.1%}"
        return f"{asked}, {self.answers} answers compared, {self.errors} errors in them, {self.left_open} times left open which; {how}"


Answer = tuple[Any, Sequence[GraphQLError]]


async def answer(schema: strawberry.Schema, document: DocumentNode, context: object, variables: Mapping[str, Any]) -> Answer:
    """The data and the errors."""
    chosen: Any = schema.execution_context_class
    found: Any = execute(
        schema._schema,
        document,
        context_value=context,
        variable_values=dict(variables),
        is_awaitable=optimized_is_awaitable,
        executor_class=chosen,
        operation_extensions=None,
    )
    result = await found if optimized_is_awaitable(found) else found
    # What graphql-core settles in the background, when an answer is given up, has its turn here.
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others)
    return result.data, result.errors or ()


def shown(error: GraphQLError) -> str:
    """All of an error that can be told."""
    told = error.formatted
    return f"{told.get('path')} {told['message']} {told.get('locations')} {told.get('extensions')} {type(error.original_error).__name__}"


def grouped(found: Answer) -> dict[str, set[str]]:
    """The errors by the place they made null, which for most is their own."""
    groups: dict[str, set[str]] = {}
    for error in found[1]:
        path, at, place = error.path or [], found[0], 0
        while at is not None and place < len(path):
            at, place = at[path[place]], place + 1
        groups.setdefault(str(path[:place]), set()).add(shown(error))
    return groups


def same(tally: Tally, wanted: Answer, got: Answer) -> bool:
    """Whether two answers are the same as far as the specification says what they are."""
    if repr(wanted[0]) != repr(got[0]):
        return False
    if sorted(map(shown, wanted[1])) == sorted(map(shown, got[1])):
        return True
    tally.left_open += 1
    one, other = grouped(wanted), grouped(got)
    return one.keys() == other.keys() and all(agree(group, other[at]) for at, group in one.items())


def agree(one: set[str], other: set[str]) -> bool:
    """Whether two answers tell the same of one place, or one and the same of several errors."""
    return one == other or (len(one | other) > 1 and bool(one & other))


async def compare(tally: Tally, document: DocumentNode, variables: Mapping[str, Any], seed: int, rate: float) -> None:
    """Ask both; the second time the code is there already."""
    wanted = await answer(stock(), document, Hostile(seed, rate), variables)
    for _ in range(2):
        got = await answer(tally.made, document, Hostile(seed, rate), variables)
        if not same(tally, wanted, got):
            text = f"{print_ast(document)}\nvariables {variables}, seed {seed}, rate {rate}"
            raise AssertionError(f"{text}\n\ngraphql-core: {wanted}\n\ncompiled: {got}")
    tally.answers += 1
    tally.errors += len(wanted[1])


def check(tally: Tally, text: str, seed: int, rates: tuple[float, ...]) -> None:
    """A document and larger ones of it, under friendly and hostile upstreams."""
    draw = Random(seed)
    for number in range(VARIANTS):
        grower = Grower(stock()._schema, draw)
        document = parse(print_ast(grower.grown(parse(text)))) if number else parse(text)
        tally.operations += 1
        if validate(stock()._schema, document):
            tally.invalid += 1
            continue
        for rate in rates:
            asyncio.run(compare(tally, document, grower.variables() if number else {}, draw.getrandbits(30), rate))
            gc.collect(0)


def texts(schema: GraphQLSchema) -> st.SearchStrategy[str]:
    """Mostly queries."""
    return st.one_of(*[queries(schema, custom_scalars=SCALARS)] * 4, from_schema(schema, custom_scalars=SCALARS))


def run(operations: int, rates: tuple[float, ...] = RATES, derandomize: bool = False) -> Tally:
    """Ask so many operations; AssertionError tells the first that differs."""
    tally = Tally()

    @settings(
        max_examples=-(-operations // VARIANTS),
        derandomize=derandomize,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(texts(stock()._schema), st.integers(0, 2**30))
    def ask(text: str, seed: int) -> None:
        check(tally, text, seed, rates)

    # Coroutines that graphql-core never began end with a warning: here, not in the middle of code that cannot stand one.
    gc.disable()
    try:
        ask()
    finally:
        gc.enable()
    return tally


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=30_000)
    parser.add_argument("--friendly", action="store_true", help="only well-behaved upstreams")
    given_ = parser.parse_args()
    print(run(given_.operations, RATES[:1] if given_.friendly else RATES))
