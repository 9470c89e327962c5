"""Operations: whose fault an outcome is, and subscriptions for as long as they are open."""

from collections.abc import AsyncGenerator

import pytest
import strawberry
from graphql import GraphQLError

from telegraphql.gateway.errors import BadInput, Unavailable
from telegraphql.gateway.http.graphql_schema import GatewaySchema
from telegraphql.gateway.http.operation_telemetry import outcome_of
from telegraphql.gateway.telemetry.unexpected_errors import mask_error
from tests.gateway.telemetry.in_process_gateway import place


@strawberry.type
class Query:
    @strawberry.field
    def one(self) -> int:
        return 1


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self) -> AsyncGenerator[int, None]:
        yield 1
        yield 2


@pytest.mark.parametrize("taken", [1, 2])
async def test_a_subscription_is_counted_while_it_is_open_whoever_ends_it(taken: int) -> None:
    schema = GatewaySchema(Query, subscription=Subscription)
    async with place() as here:
        stream = await schema.stream("subscription { ticks }", context_value=here.engine.context())
        for _ in range(taken):
            await anext(stream)
        assert (await here.numbers())["telegraphql_active_subscriptions"] == 1
        await stream.aclose()
        found = await here.numbers()
    assert found["telegraphql_active_subscriptions"] == 0
    assert found['telegraphql_operations_total{outcome="cancelled",type="subscription"}'] == 1
    assert not any("seconds" in name and "subscription" in name for name in found)


async def test_a_subscription_that_ends_by_itself_ended_well() -> None:
    schema = GatewaySchema(Query, subscription=Subscription)
    async with place() as here:
        stream = await schema.stream("subscription { ticks }", context_value=here.engine.context())
        assert [result.data async for result in stream] == [{"ticks": 1}, {"ticks": 2}]
        assert (await here.numbers())['telegraphql_operations_total{outcome="ok",type="subscription"}'] == 1


def error(cause: Exception | None) -> GraphQLError:
    return GraphQLError("x", original_error=cause)


def test_the_worst_error_says_whose_fault_it_is() -> None:
    refused, upstream, ours = error(BadInput("x")), error(Unavailable("x", provider="a")), error(KeyError("s3cr3t"))
    mask_error(ours)
    assert outcome_of([]) == "ok"
    assert outcome_of([error(None)]) == outcome_of([refused]) == "refused"
    assert outcome_of([refused, upstream]) == "upstream"
    assert outcome_of([refused, upstream, ours]) == "internal"


def test_a_masked_error_is_masked_once_and_for_all(caplog: pytest.LogCaptureFixture) -> None:
    masked = error(KeyError("s3cr3t"))
    mask_error(masked)
    assert "s3cr3t" not in str(masked) + repr(masked) + str(masked.formatted)
    assert masked.original_error is None
    assert len(caplog.records) == 1
