"""Arguments of every list."""

from typing import Annotated

import strawberry

from telegraphql.schema.enums import TimeOrder

First = Annotated[
    int | None,
    strawberry.argument(description="The number of records from the start of the list: 0 to 500, default 25. Not together with `last`."),
]
After = Annotated[
    str | None, strawberry.argument(description="A cursor of this list under the same filter and order. The page starts after it.")
]
Last = Annotated[
    int | None, strawberry.argument(description="The number of records from the end of the list: 0 to 500. Not together with `first`.")
]
Before = Annotated[
    str | None, strawberry.argument(description="A cursor of this list under the same filter and order. The page ends before it.")
]
Order = Annotated[TimeOrder | None, strawberry.argument(description="The order of the records.")]
