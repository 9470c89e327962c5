"""Mutation: the changes that can be made at providers. The gateway never retries them."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.scalars import JSON
from strawberry.types import Info

from telegraphql.schema.call import Call
from telegraphql.schema.context import CommandOutcome
from telegraphql.schema.described import input_type, object_type
from telegraphql.schema.enums import DeletableKind, ReportKind
from telegraphql.schema.fields import needed, optional
from telegraphql.schema.filters import TimeRange
from telegraphql.schema.paging import Problem
from telegraphql.schema.report import Report, ReportSchedule
from telegraphql.schema.values import Media
from telegraphql.schema.voicemessage import Voicemessage

Ids = Annotated[list[strawberry.ID], strawberry.argument(description="At most 500 global ids. They may belong to several providers.")]
Name = Annotated[str, strawberry.argument(description="The configured name of the provider.")]


@object_type
class Changed:
    """The result of a mutation."""

    done: list[strawberry.ID] = needed("The ids of the records for which the mutation succeeded.")
    problems: list[Problem] = needed("The failures: one for each record for which the mutation did not succeed.")


@object_type
class CallsChanged(Changed):
    """The result of a change of calls."""

    calls: list[Call] = needed("The calls after the change, as far as the provider returned them.")


@object_type
class VoicemessagesChanged(Changed):
    """The result of a change of voicemessages."""

    voicemessages: list[Voicemessage] = needed("The messages after the change, as far as the provider returned them.")


@object_type
class ReportSchedulesChanged(Changed):
    """The result of a change of report schedules."""

    report_schedules: list[ReportSchedule] = needed("The schedules after the change.")


@input_type
class CallChange:
    """New values for one call. For example {id: "Q2FsbDphOjE", attributes: {comment: "spam"}}."""

    id: strawberry.ID = needed("The global id of the call.")
    attributes: JSON = needed("The provider's own attributes with their new values, as an object.")


@input_type
class ReportRequestFilter:
    """The records that a report covers. For example {period: {since: "2026-11-01T00:00:00Z"}}."""

    period: TimeRange | None = optional("The range of time. Null: the provider's default.")
    native: JSON | None = optional("More filters, in the provider's own words, as an object of texts.")


@input_type
class ReportScheduleInput:
    """A report schedule to create.

    For example {provider: "acme", name: "Weekly", type: "cdr", email: "a@example.com", format: "csv", range: "last_week"}.
    """

    provider: str = needed("The configured name of the provider.")
    name: str = needed("The name of the schedule.")
    type: str = needed("The type of the report, in the provider's own words.")
    email: str = needed("The e-mail address that gets the report.")
    format: str = needed('The format of the file, in the provider\'s own words, such as "csv".')
    range: str = needed("The days that are covered, in the provider's own words.")
    from_: datetime | None = optional("The first moment that is covered. Only with a custom range.", name="from")
    to: datetime | None = optional("The last moment that is covered. Only with a custom range.")
    cron: str | None = optional('The times at which it runs, as a crontab expression such as "0 6 * * 1". Null: once, now.')
    filter: JSON | None = optional("The calls that are covered, in the provider's own words.")


@input_type
class ReportScheduleChange:
    """New values for a report schedule. A field that is left out stays as it is. For example {name: "Weekly"}."""

    name: str | None = optional("The name of the schedule.")
    email: str | None = optional("The e-mail address that gets the report.")
    format: str | None = optional('The format of the file, in the provider\'s own words, such as "csv".')
    range: str | None = optional("The days that are covered, in the provider's own words.")
    from_: datetime | None = optional("The first moment that is covered. Only with a custom range.", name="from")
    to: datetime | None = optional("The last moment that is covered. Only with a custom range.")
    cron: str | None = optional('The times at which it runs, as a crontab expression such as "0 6 * * 1".')
    filter: JSON | None = optional("The calls that are covered, in the provider's own words.")


def _given(change: Any) -> dict[str, Any]:
    """Return the fields of an input that are set, by the schema's names."""
    names = {"from_": "from"}
    return {names.get(name, name): value for name, value in vars(change).items() if value is not UNSET and name != "provider"}


async def _ids(info: Info, command: str, ids: list[strawberry.ID], **arguments: Any) -> CommandOutcome:
    done: CommandOutcome = await info.context.command(command, {"ids": ids, **arguments})
    return done


@object_type
class Mutation:
    """The changes that can be made at providers. They need the scope `write`. The gateway never retries them."""

    @strawberry.mutation(
        description="Delete recordings and their transcriptions. Deleting an already deleted recording returns `NOT_FOUND`."
    )
    async def delete_recordings(self, info: Info, ids: Ids) -> Changed:
        done = await _ids(info, "deleteRecordings", ids)
        return Changed(done=done.ids, problems=done.problems)

    @strawberry.mutation(description="Delete voicemessages. Deleting an already deleted message returns `NOT_FOUND`.")
    async def delete_voicemessages(self, info: Info, ids: Ids) -> Changed:
        done = await _ids(info, "deleteVoicemessages", ids)
        return Changed(done=done.ids, problems=done.problems)

    @strawberry.mutation(description="Move voicemessages to a folder.")
    async def move_voicemessages(
        self, info: Info, ids: Ids, folder: Annotated[str, strawberry.argument(description="The name or number of the folder.")]
    ) -> VoicemessagesChanged:
        done = await _ids(info, "moveVoicemessages", ids, folder=folder)
        return VoicemessagesChanged(done=done.ids, problems=done.problems, voicemessages=done.records)

    @strawberry.mutation(description="Change attributes of calls.")
    async def update_calls(
        self, info: Info, changes: Annotated[list[CallChange], strawberry.argument(description="One change for each call.")]
    ) -> CallsChanged:
        wanted = {change.id: change.attributes for change in changes}
        done = await _ids(info, "updateCalls", [change.id for change in changes], changes=wanted)
        return CallsChanged(done=done.ids, problems=done.problems, calls=done.records)

    @strawberry.mutation(description="Delete chat messages by the provider's own ids. Chat messages have no global ids.")
    async def delete_chat_messages(
        self, info: Info, provider: Name, native_ids: Annotated[list[str], strawberry.argument(description="The provider's own ids.")]
    ) -> Changed:
        done = await info.context.command("deleteChatMessages", {"provider": provider, "nativeIds": native_ids})
        return Changed(done=done.ids, problems=done.problems)

    @strawberry.mutation(description="Delete all records of a kind at one provider. Needs the scope `admin`.")
    async def delete_all(
        self,
        info: Info,
        provider: Name,
        kind: Annotated[DeletableKind, strawberry.argument(description="The records to delete.")],
        confirm: Annotated[str, strawberry.argument(description="The name of the provider again. Nothing is deleted if it differs.")],
    ) -> Changed:
        done = await info.context.command("deleteAll", {"provider": provider, "kind": kind, "confirm": confirm})
        return Changed(done=done.ids, problems=done.problems)

    @strawberry.mutation(description="Request a report. Follow its progress with `reportProgress` or `node`.")
    async def request_report(
        self,
        info: Info,
        provider: Name,
        kind: Annotated[ReportKind, strawberry.argument(description="The subject: CALLS, CALLS_BRIEF, TRANSACTIONS or AUDIT.")],
        filter: Annotated[
            ReportRequestFilter | None, strawberry.argument(description="The records to cover. Null: the provider's default.")
        ] = UNSET,
    ) -> Report:
        period = (filter.period if filter else None) or TimeRange(since=None, until=None)
        wanted: dict[str, Any] = {
            "since": period.since or None,
            "until": period.until or None,
            "filter": (filter.native if filter else None) or {},
        }
        done = await info.context.command("requestReport", {"provider": provider, "kind": kind, **wanted})
        return done.records[0]  # type: ignore[no-any-return]

    @strawberry.mutation(description="Delete finished reports.")
    async def delete_reports(self, info: Info, ids: Ids) -> Changed:
        done = await _ids(info, "deleteReports", ids)
        return Changed(done=done.ids, problems=done.problems)

    @strawberry.mutation(description="Create a report schedule.")
    async def create_report_schedule(
        self, info: Info, input: Annotated[ReportScheduleInput, strawberry.argument(description="The schedule to create.")]
    ) -> ReportSchedulesChanged:
        done = await info.context.command("createReportSchedule", {"provider": input.provider, "input": _given(input)})
        return ReportSchedulesChanged(done=done.ids, problems=done.problems, report_schedules=done.records)

    @strawberry.mutation(description="Change a report schedule.")
    async def update_report_schedule(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The global id of the schedule.")],
        input: Annotated[ReportScheduleChange, strawberry.argument(description="The new values.")],
    ) -> ReportSchedulesChanged:
        done = await _ids(info, "updateReportSchedule", [id], input=_given(input))
        return ReportSchedulesChanged(done=done.ids, problems=done.problems, report_schedules=done.records)

    @strawberry.mutation(description="Delete report schedules.")
    async def delete_report_schedules(self, info: Info, ids: Ids) -> Changed:
        done = await _ids(info, "deleteReportSchedules", ids)
        return Changed(done=done.ids, problems=done.problems)

    @strawberry.mutation(description="Get a link to a CSV file with all calls of one user.")
    async def export_user_calls(
        self, info: Info, provider: Name, user_id: Annotated[str, strawberry.argument(description="The provider's id of the user.")]
    ) -> Media:
        return info.context.export(provider, "exportUserCalls", user_id)  # type: ignore[no-any-return]
