"""PhoneNumber: what another graph's customers and this one's calls have in common."""

from dataclasses import replace
from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.types import Info

from telegraphql.gateway.errors import BadInput
from telegraphql.schema.arguments import After, Before, First, Last, Order
from telegraphql.schema.call import Call, CallFilter
from telegraphql.schema.context import PageArguments
from telegraphql.schema.enums import TimeOrder
from telegraphql.schema.fields import needed
from telegraphql.schema.filters import NumberFilter
from telegraphql.schema.paging import Connection
from telegraphql.schema.query import NULL

Wanted = Annotated[CallFilter | None, strawberry.argument(description="Which ones besides; `number` is this one. Null means all.")]


@strawberry.type(description="A telephone number as another graph of the company knows it, and the calls with it.")
class PhoneNumber:
    """A number, of which nothing is kept: it leads to its calls."""

    number: str = needed("The number as the other graph gave it; best in E.164, such as +41616925879.")

    @strawberry.field(description=f"Calls from or to this number, of all providers in one list. {NULL}")
    async def calls(
        self,
        info: Info,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
        filter: Wanted = UNSET,
        order: Order = TimeOrder.NEWEST_FIRST,
    ) -> Connection[Call] | None:
        """The calls, as the root list gives them under a filter for this number."""
        given = filter or CallFilter()
        if given.number:
            raise BadInput("the calls of a PhoneNumber are those with its number: leave `number` out of the filter")
        wanted = replace(given, number=NumberFilter(equals=[self.number]))
        arguments = PageArguments.of(first, after, last, before, wanted, order)
        found: Connection[Any] | None = await info.context.page(Call, arguments, info)
        return found
