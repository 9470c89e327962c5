"""PhoneNumber: the entity that joins other graphs' customers with this graph's calls."""

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
from telegraphql.schema.paging import Connection

CallFilterArgument = Annotated[
    CallFilter | None, strawberry.argument(description="Which ones besides; `number` is this one. Null means all.")
]


@strawberry.type(description="A telephone number as another graph of the company knows it, and the calls with it.")
class PhoneNumber:
    """A phone number. Nothing about it is stored; it leads to its calls."""

    number: str = needed("The number as the other graph gave it; best in E.164, such as +41616925879.")

    @strawberry.field(description="Calls from or to this number, of all providers in one list.")
    async def calls(
        self,
        info: Info,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
        filter: CallFilterArgument = UNSET,
        order: Order = TimeOrder.NEWEST_FIRST,
    ) -> Connection[Call]:
        """Return the calls of this number as the root field `calls` does."""
        call_filter = filter or CallFilter()
        if call_filter.number:
            raise BadInput("a PhoneNumber's calls are already filtered by its number: leave `number` out of the filter")
        arguments = PageArguments.of(first, after, last, before, call_filter, order)
        connection: Connection[Any] = await info.context.page_of_number(Call, self.number, arguments, info)
        return connection
