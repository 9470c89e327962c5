"""Mutation: the changes that can be made at providers. The gateway never retries them."""

from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.types import Info

from telegraphql.schema import mutation_types as types
from telegraphql.schema.context import CommandOutcome
from telegraphql.schema.described import object_type
from telegraphql.schema.filters import TimeRange


def _given(change: Any) -> dict[str, Any]:
    """Return the fields of an input that are set, by the schema's names."""
    names = {"from_": "from", "native_filter": "nativeFilter"}
    return {names.get(name, name): value for name, value in vars(change).items() if value is not UNSET and name not in ("provider", "id")}


async def _run(info: Info, command: str, **arguments: Any) -> CommandOutcome:
    done: CommandOutcome = await info.context.command(command, arguments)
    return done


def _first(records: list[Any]) -> Any:
    return next(iter(records), None)


INPUT = strawberry.argument(description="The arguments of the mutation.")


@object_type
class Mutation:
    """The changes that can be made at providers. They need the scope `write`. The gateway never retries them."""

    @strawberry.mutation(
        description="Delete recordings and their transcriptions. Deleting an already deleted recording returns `NOT_FOUND`."
    )
    async def delete_recordings(self, info: Info, input: Annotated[types.DeleteRecordingsInput, INPUT]) -> types.DeleteRecordingsPayload:
        done = await _run(info, "deleteRecordings", ids=input.ids)
        return types.DeleteRecordingsPayload(succeeded_ids=done.ids, problems=done.problems)

    @strawberry.mutation(description="Delete voicemessages. Deleting an already deleted message returns `NOT_FOUND`.")
    async def delete_voicemessages(
        self, info: Info, input: Annotated[types.DeleteVoicemessagesInput, INPUT]
    ) -> types.DeleteVoicemessagesPayload:
        done = await _run(info, "deleteVoicemessages", ids=input.ids)
        return types.DeleteVoicemessagesPayload(succeeded_ids=done.ids, problems=done.problems)

    @strawberry.mutation(description="Move voicemessages to a folder.")
    async def move_voicemessages(self, info: Info, input: Annotated[types.MoveVoicemessagesInput, INPUT]) -> types.MoveVoicemessagesPayload:
        done = await _run(info, "moveVoicemessages", ids=input.ids, folder=input.folder)
        return types.MoveVoicemessagesPayload(succeeded_ids=done.ids, problems=done.problems, voicemessages=done.records)

    @strawberry.mutation(description="Change calls.")
    async def update_calls(self, info: Info, input: Annotated[types.UpdateCallsInput, INPUT]) -> types.UpdateCallsPayload:
        changes = {change.id: _given(change) for change in input.changes}
        done = await _run(info, "updateCalls", ids=[change.id for change in input.changes], changes=changes)
        return types.UpdateCallsPayload(succeeded_ids=done.ids, problems=done.problems, calls=done.records)

    @strawberry.mutation(description="Delete chat messages by the provider's own ids. Chat messages have no global ids.")
    async def delete_chat_messages(
        self, info: Info, input: Annotated[types.DeleteChatMessagesInput, INPUT]
    ) -> types.DeleteChatMessagesPayload:
        done = await _run(info, "deleteChatMessages", provider=input.provider, nativeIds=input.native_ids)
        return types.DeleteChatMessagesPayload(succeeded_ids=done.ids, problems=done.problems)

    @strawberry.mutation(description="Delete all records of a kind at one provider. Needs the scope `admin`.")
    async def delete_all(self, info: Info, input: Annotated[types.DeleteAllInput, INPUT]) -> types.DeleteAllPayload:
        done = await _run(info, "deleteAll", provider=input.provider, kind=input.kind, confirm=input.confirm)
        return types.DeleteAllPayload(succeeded_ids=done.ids, problems=done.problems)

    @strawberry.mutation(description="Request a report. Follow its progress with `reportProgress` or `node`.")
    async def request_report(self, info: Info, input: Annotated[types.RequestReportInput, INPUT]) -> types.RequestReportPayload:
        period = (input.filter.period if input.filter else None) or TimeRange(since=None, until=None)
        native: Any = (input.filter.native if input.filter else None) or {}
        wanted = {"since": period.since or None, "until": period.until or None, "filter": native}
        done = await _run(info, "requestReport", provider=input.provider, kind=input.kind, **wanted)
        return types.RequestReportPayload(succeeded_ids=done.ids, problems=done.problems, report=_first(done.records))

    @strawberry.mutation(description="Delete finished reports.")
    async def delete_reports(self, info: Info, input: Annotated[types.DeleteReportsInput, INPUT]) -> types.DeleteReportsPayload:
        done = await _run(info, "deleteReports", ids=input.ids)
        return types.DeleteReportsPayload(succeeded_ids=done.ids, problems=done.problems)

    @strawberry.mutation(description="Create a report schedule.")
    async def create_report_schedule(
        self, info: Info, input: Annotated[types.CreateReportScheduleInput, INPUT]
    ) -> types.CreateReportSchedulePayload:
        done = await _run(info, "createReportSchedule", provider=input.provider, input=_given(input))
        made = _first(done.records)
        return types.CreateReportSchedulePayload(succeeded_ids=done.ids, problems=done.problems, report_schedule=made)

    @strawberry.mutation(description="Change a report schedule.")
    async def update_report_schedule(
        self, info: Info, input: Annotated[types.UpdateReportScheduleInput, INPUT]
    ) -> types.UpdateReportSchedulePayload:
        done = await _run(info, "updateReportSchedule", ids=[input.id], input=_given(input))
        changed = _first(done.records)
        return types.UpdateReportSchedulePayload(succeeded_ids=done.ids, problems=done.problems, report_schedule=changed)

    @strawberry.mutation(description="Delete report schedules.")
    async def delete_report_schedules(
        self, info: Info, input: Annotated[types.DeleteReportSchedulesInput, INPUT]
    ) -> types.DeleteReportSchedulesPayload:
        done = await _run(info, "deleteReportSchedules", ids=input.ids)
        return types.DeleteReportSchedulesPayload(succeeded_ids=done.ids, problems=done.problems)

    @strawberry.mutation(description="Get a link to a CSV file with all calls of one user.")
    async def export_user_calls(self, info: Info, input: Annotated[types.ExportUserCallsInput, INPUT]) -> types.ExportUserCallsPayload:
        done: CommandOutcome = info.context.export(input.provider, "exportUserCalls", input.user_id)
        return types.ExportUserCallsPayload(succeeded_ids=done.ids, problems=done.problems, media=done.value)
