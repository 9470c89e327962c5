"""Subscription: what can be followed while it happens."""

from collections.abc import AsyncGenerator
from typing import Annotated

import strawberry
from strawberry.types import Info

from schema.report import Report


@strawberry.type(description="What can be followed while it happens.")
class Subscription:
    @strawberry.subscription(description="A report each time its status changes, until it is done, has failed or has expired.")
    async def report_progress(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The report's global id.")]
    ) -> AsyncGenerator[Report, None]:
        async for report in info.context.progress(id, info):
            yield report
