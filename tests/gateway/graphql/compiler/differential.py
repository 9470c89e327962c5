"""Differential: whatever is asked and whatever upstreams send, compiled answers are graphql-core's.

`python -m tests.gateway.graphql.compiler.differential --operations 30000` asks that many operations; the suite asks a fixed few of them.
Data is compared to the last key and its order. Of errors the order is left open, as the specification leaves it, and so is which of
several errors is told where their parent became null: of what waits at the same time the first to fail is told, and compiled code waits
for fewer things. There, and only there, other errors may be told: such as graphql-core tells too when it is asked for nothing beside
them. How often that was needed is told.
"""

import argparse
import asyncio
import gc
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from random import Random
from typing import Any

import strawberry
from graphql import DocumentNode, GraphQLError, GraphQLSchema, execute, parse, print_ast, validate
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import from_schema, nodes, queries
from strawberry.execution import optimized_is_awaitable

from telegraphql.gateway.graphql.compiler.executor import executor
from telegraphql.gateway.graphql.compiler.settings import ExecutionSettings
from telegraphql.gateway.graphql.problem_executor import ProblemExecutor
from telegraphql.schema.schema import build
from tests.gateway.graphql.compiler.document_generation import Grower
from tests.gateway.graphql.compiler.document_reduction import cut
from tests.gateway.graphql.compiler.seeded_context import Hostile

RATES = (0.0, 0.02, 0.3)
VARIANTS = 4
SCALARS = {
    "DateTime": st.just(nodes.String("2026-01-01T00:00:00Z")),
    "Decimal": st.just(nodes.String("1.5")),
    "JSON": st.just(nodes.String("x")),
}


@cache
def stock() -> strawberry.Schema:
    return build(execution_context_class=ProblemExecutor)


def compiled() -> strawberry.Schema:
    return build(execution_context_class=executor(ExecutionSettings()))


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


def grouped(found: Answer) -> dict[str, dict[str, GraphQLError]]:
    """The errors by the place they made null, which for most is their own."""
    groups: dict[str, dict[str, GraphQLError]] = {}
    for error in found[1]:
        path, at, place = error.path or [], found[0], 0
        while at is not None and place < len(path):
            at, place = at[path[place]], place + 1
        groups.setdefault(str(path[:place]), {})[shown(error)] = error
    return groups


def told_below(place: str, errors: Iterable[GraphQLError]) -> bool:
    """Whether errors made a place null that is not their own."""
    return all(str(error.path) != place for error in errors)


@dataclass(frozen=True)
class Question:
    """An operation, and who answers it."""

    document: DocumentNode
    variables: Mapping[str, Any]
    upstreams: Callable[[], Hostile]

    async def asked(self, schema: strawberry.Schema, document: DocumentNode | None = None) -> Answer:
        """The answer to it, or to less of it."""
        return await answer(schema, document or self.document, self.upstreams(), self.variables)

    async def same(self, tally: Tally, wanted: Answer, got: Answer) -> bool:
        """Whether two answers are the same as far as the specification says what they are."""
        if repr(wanted[0]) != repr(got[0]):
            return False
        if sorted(map(shown, wanted[1])) == sorted(map(shown, got[1])):
            return True
        tally.left_open += 1
        one, other = grouped(wanted), grouped(got)
        return one.keys() == other.keys() and all([await self.agree(at, group, other[at]) for at, group in one.items()])

    async def agree(self, place: str, one: Mapping[str, GraphQLError], other: Mapping[str, GraphQLError]) -> bool:
        """Whether two answers tell the same of one place, or where it stands above the errors, such as graphql-core would tell too."""
        if one.keys() == other.keys():
            return True
        below = told_below(place, [*one.values(), *other.values()])
        return below and all([await self.is_told_alone(error) for text, error in other.items() if text not in one])

    async def is_told_alone(self, error: GraphQLError) -> bool:
        """Whether graphql-core tells an error when nothing beside it is asked."""
        _, errors = await self.asked(stock(), cut(self.document, error.path or []))
        return shown(error) in map(shown, errors)


async def compare(tally: Tally, question: Question) -> None:
    """Ask both; the second time the code is there already."""
    wanted = await question.asked(stock())
    for _ in range(2):
        got = await question.asked(tally.made)
        if not await question.same(tally, wanted, got):
            text = f"{print_ast(question.document)}\nvariables {question.variables}, {question.upstreams()}"
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
            upstreams = partial(Hostile, draw.getrandbits(30), rate)
            asyncio.run(compare(tally, Question(document, grower.variables(mistaken=max(rates) > 0) if number else {}, upstreams)))
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
