"""Subscription: the events that can be followed live."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from telegraphql.schema.call import Call, CallFilter
from telegraphql.schema.context import FollowArguments
from telegraphql.schema.described import object_type
from telegraphql.schema.fields import needed
from telegraphql.schema.paging import Problem
from telegraphql.schema.report import Report

CALL_ENDED = """Each call once, after it has ended. Events are ordered by end time within one poll of a provider.
Delay: a few seconds, or up to 5 % of the call's length.
Each event has a cursor. After a lost connection, subscribe again with the last cursor as `after` and the same
filter: no call is lost. Calls that ended in the minutes before may be sent again; identify them by id.
The error SLOW_CONSUMER means that the client reads more slowly than events arrive; it carries the cursor from which to continue.
After a provider has failed, the calls that ended meanwhile are sent as soon as it answers again.
An event without a call says in `problems` which provider has calls that cannot be shown; the subscription goes on."""
AFTER = "The `cursor` of the last event of this subscription. The calls that ended since are sent first."
SINCE = "A moment. The calls that ended at this moment or later are sent first. Not together with `after`."


@object_type
class CallEndedEvent:
    """A call has ended, or a provider has calls that cannot be shown."""

    cursor: str = needed("The position after this event, for `after`.")
    call: Call | None = needed("The call. Null if the event only reports a problem.")
    problems: list[Problem] = needed("The calls, or the fields of the call, that could not be read. Empty if the call is complete.")


@object_type
class ReportProgressEvent:
    """The status of a report has changed."""

    report: Report = needed("The report.")
    problems: list[Problem] = needed("The fields of the report that could not be read, with the reasons. Empty if it is complete.")


@object_type
class Subscription:
    """The events that can be followed live."""

    @strawberry.subscription(description=" ".join(CALL_ENDED.split()))
    async def call_ended(
        self,
        info: Info,
        filter: Annotated[CallFilter | None, strawberry.argument(description="A filter. Null: all calls.")] = None,
        after: Annotated[str | None, strawberry.argument(description=AFTER)] = None,
        since: Annotated[datetime | None, strawberry.argument(description=SINCE)] = None,
    ) -> AsyncGenerator[CallEndedEvent, None]:
        asked = FollowArguments(filter=filter or None, after=after or None, since=since)
        async with aclosing(info.context.follow(Call, asked, info)) as calls:
            async for call in calls:
                failed = isinstance(call, Exception)
                problems = [call.as_problem()] if failed else []
                yield CallEndedEvent(cursor=info.context.cursor, call=None if failed else call, problems=problems)

    @strawberry.subscription(description="A report, each time its status changes. Ends when the report is done, has failed or has expired.")
    async def report_progress(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The global id of the report.")]
    ) -> AsyncGenerator[ReportProgressEvent, None]:
        async for report in info.context.progress(id, info):
            yield ReportProgressEvent(report=report, problems=[])
