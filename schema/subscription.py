"""Subscription: what can be followed while it happens."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from telegraphql.schema.call import Call, CallFilter
from telegraphql.schema.context import FollowArguments
from telegraphql.schema.report import Report

CALL_ENDED = """Calls that newly appear in the history of a provider, with their end: each once, in the order in which they ended within
one look at a provider. The longer a call lasted, the later it comes: within seconds, or about a twentieth of its length.
Beside each event stands `extensions.cursor`: give the last one to `after` after a lost connection, with the same filter, and no call is
lost; those that ended within the last minutes before may come once more, so tell them apart by id. An error SLOW_CONSUMER means that
events came faster than they were taken; it carries the cursor to go on from. Providers that fail meanwhile are caught up on."""
AFTER = "Go on after this cursor: the last `extensions.cursor` of this subscription. What ended since is sent first."
SINCE = "Send what ended at this moment or later first, for clients without a cursor. Not together with `after`."


@strawberry.type(description="What can be followed while it happens.")
class Subscription:
    @strawberry.subscription(description=" ".join(CALL_ENDED.split()))
    async def call_ended(
        self,
        info: Info,
        filter: Annotated[CallFilter | None, strawberry.argument(description="Which calls; null means all.")] = None,
        after: Annotated[str | None, strawberry.argument(description=AFTER)] = None,
        since: Annotated[datetime | None, strawberry.argument(description=SINCE)] = None,
    ) -> AsyncGenerator[Call, None]:
        asked = FollowArguments(filter=filter or None, after=after or None, since=since)
        async with aclosing(info.context.follow(Call, asked, info)) as calls:
            async for call in calls:
                yield call

    @strawberry.subscription(description="A report each time its status changes, until it is done, has failed or has expired.")
    async def report_progress(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The report's global id.")]
    ) -> AsyncGenerator[Report, None]:
        async for report in info.context.progress(id, info):
            yield report
