"""Arguments: what every root list takes."""

from typing import Annotated

import strawberry

from telegraphql.schema.enums import TimeOrder

First = Annotated[int | None, strawberry.argument(description="How many, from the start: 1 to 500; 25 unless given. Not with last.")]
After = Annotated[str | None, strawberry.argument(description="A cursor of this list, under the same filter and order, to go on after.")]
Last = Annotated[int | None, strawberry.argument(description="How many, from the end: 1 to 500. Not with first.")]
Before = Annotated[str | None, strawberry.argument(description="A cursor of this list, under the same filter and order, to stop before.")]
Order = Annotated[TimeOrder | None, strawberry.argument(description="Newest or oldest first.")]
