"""Mutation: what can be changed upstream. Nothing here is ever retried by the gateway."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.scalars import JSON
from strawberry.types import Info

from telegraphql.schema.call import Call
from telegraphql.schema.context import CommandOutcome
from telegraphql.schema.enums import DeletableKind, ReportKind
from telegraphql.schema.fields import needed, optional
from telegraphql.schema.filters import TimeRange
from telegraphql.schema.paging import Problem
from telegraphql.schema.report import Report, ReportSchedule
from telegraphql.schema.values import Media
from telegraphql.schema.voicemessage import Voicemessage

DONE = "The ids of what is done."
PROBLEMS = "One for each id that is not done, and why."
Ids = Annotated[list[strawberry.ID], strawberry.argument(description="Global ids, of several providers if you like; at most 500.")]
Name = Annotated[str, strawberry.argument(description="The configured name of the provider.")]


@strawberry.type(description="What a command did.")
class Changed:
    done: list[strawberry.ID] = needed(DONE)
    problems: list[Problem] = needed(PROBLEMS)


@strawberry.type(description="What a change of calls did.")
class CallsChanged(Changed):
    calls: list[Call] = needed("The calls as they are now, as far as the upstream answered them.")


@strawberry.type(description="What a change of voicemessages did.")
class VoicemessagesChanged(Changed):
    voicemessages: list[Voicemessage] = needed("The messages as they are now, as far as the upstream answered them.")


@strawberry.type(description="What a change of report schedules did.")
class ReportSchedulesChanged(Changed):
    report_schedules: list[ReportSchedule] = needed("The schedules as they are now.")


@strawberry.input(description="New values for one call.")
class CallChange:
    id: strawberry.ID = needed("The call's global id.")
    attributes: JSON = needed("The upstream's own attributes and their new values, as an object.")


@strawberry.input(description="Which records a report covers.")
class ReportRequestFilter:
    period: TimeRange | None = optional("The range of time. Null means the upstream's default.")
    native: JSON | None = optional("More filters in the upstream's own words, as an object of text.")


@strawberry.input(description="A report schedule to create.")
class ReportScheduleInput:
    provider: str = needed("The configured name of the provider.")
    name: str = needed("Its name.")
    type: str = needed("The upstream's word for what it reports.")
    email: str = needed("Who gets the report.")
    format: str = needed("The format of the file, in the upstream's word.")
    range: str = needed("The days covered, in the upstream's word.")
    from_: datetime | None = optional("The first moment covered; only with a custom range.", name="from")
    to: datetime | None = optional("The last moment covered; only with a custom range.")
    cron: str | None = optional("When it runs, as a crontab expression. Null means once, now.")
    filter: JSON | None = optional("Which calls it covers, in the upstream's words.")


@strawberry.input(description="New values for a report schedule; what is left out stays.")
class ReportScheduleChange:
    name: str | None = optional("Its name.")
    email: str | None = optional("Who gets the report.")
    format: str | None = optional("The format of the file, in the upstream's word.")
    range: str | None = optional("The days covered, in the upstream's word.")
    from_: datetime | None = optional("The first moment covered; only with a custom range.", name="from")
    to: datetime | None = optional("The last moment covered; only with a custom range.")
    cron: str | None = optional("When it runs, as a crontab expression.")
    filter: JSON | None = optional("Which calls it covers, in the upstream's words.")


def _given(change: Any) -> dict[str, Any]:
    """The parts of an input that were given, by the schema's names."""
    names = {"from_": "from"}
    return {names.get(name, name): value for name, value in vars(change).items() if value is not UNSET and name != "provider"}


async def _ids(info: Info, command: str, ids: list[strawberry.ID], **arguments: Any) -> CommandOutcome:
    done: CommandOutcome = await info.context.command(command, {"ids": ids, **arguments})
    return done


@strawberry.type(description="What can be changed upstream. Needs the scope write; nothing is retried by the gateway.")
class Mutation:
    @strawberry.mutation(description="Delete recordings and their transcriptions. Deleting twice is told as NOT_FOUND.")
    async def delete_recordings(self, info: Info, ids: Ids) -> Changed:
        done = await _ids(info, "deleteRecordings", ids)
        return Changed(done=done.ids, problems=done.problems)

    @strawberry.mutation(description="Delete voicemessages. Deleting twice is told as NOT_FOUND.")
    async def delete_voicemessages(self, info: Info, ids: Ids) -> Changed:
        done = await _ids(info, "deleteVoicemessages", ids)
        return Changed(done=done.ids, problems=done.problems)

    @strawberry.mutation(description="Move voicemessages to a folder.")
    async def move_voicemessages(
        self, info: Info, ids: Ids, folder: Annotated[str, strawberry.argument(description="The folder's name or number.")]
    ) -> VoicemessagesChanged:
        done = await _ids(info, "moveVoicemessages", ids, folder=folder)
        return VoicemessagesChanged(done=done.ids, problems=done.problems, voicemessages=done.records)

    @strawberry.mutation(description="Change attributes of calls.")
    async def update_calls(
        self, info: Info, changes: Annotated[list[CallChange], strawberry.argument(description="The changes, one for each call.")]
    ) -> CallsChanged:
        wanted = {change.id: change.attributes for change in changes}
        done = await _ids(info, "updateCalls", [change.id for change in changes], changes=wanted)
        return CallsChanged(done=done.ids, problems=done.problems, calls=done.records)

    @strawberry.mutation(description="Delete chat messages by their native ids; they are no records of this gateway.")
    async def delete_chat_messages(
        self, info: Info, provider: Name, native_ids: Annotated[list[str], strawberry.argument(description="The upstream's own ids.")]
    ) -> Changed:
        done = await info.context.command("deleteChatMessages", {"provider": provider, "nativeIds": native_ids})
        return Changed(done=done.ids, problems=done.problems)

    @strawberry.mutation(description="Delete everything of a kind at one provider. Needs the scope admin.")
    async def delete_all(
        self,
        info: Info,
        provider: Name,
        kind: Annotated[DeletableKind, strawberry.argument(description="What is deleted.")],
        confirm: Annotated[str, strawberry.argument(description="The provider's name again, or nothing is sent.")],
    ) -> Changed:
        done = await info.context.command("deleteAll", {"provider": provider, "kind": kind, "confirm": confirm})
        return Changed(done=done.ids, problems=done.problems)

    @strawberry.mutation(description="Have a report prepared. Follow it with node or reportProgress.")
    async def request_report(
        self,
        info: Info,
        provider: Name,
        kind: Annotated[ReportKind, strawberry.argument(description="CALLS, CALLS_BRIEF, TRANSACTIONS or AUDIT.")],
        filter: Annotated[ReportRequestFilter | None, strawberry.argument(description="What it covers.")] = UNSET,
    ) -> Report:
        period = (filter.period if filter else None) or TimeRange(from_=None, to=None)
        wanted: dict[str, Any] = {
            "since": period.from_ or None,
            "until": period.to or None,
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
        self, info: Info, input: Annotated[ReportScheduleInput, strawberry.argument(description="The schedule.")]
    ) -> ReportSchedulesChanged:
        done = await info.context.command("createReportSchedule", {"provider": input.provider, "input": _given(input)})
        return ReportSchedulesChanged(done=done.ids, problems=done.problems, report_schedules=done.records)

    @strawberry.mutation(description="Change a report schedule.")
    async def update_report_schedule(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The schedule's global id.")],
        input: Annotated[ReportScheduleChange, strawberry.argument(description="What changes.")],
    ) -> ReportSchedulesChanged:
        done = await _ids(info, "updateReportSchedule", [id], input=_given(input))
        return ReportSchedulesChanged(done=done.ids, problems=done.problems, report_schedules=done.records)

    @strawberry.mutation(description="Delete report schedules.")
    async def delete_report_schedules(self, info: Info, ids: Ids) -> Changed:
        done = await _ids(info, "deleteReportSchedules", ids)
        return Changed(done=done.ids, problems=done.problems)

    @strawberry.mutation(description="A link to a CSV file with all calls of one user.")
    async def export_user_calls(
        self, info: Info, provider: Name, user_id: Annotated[str, strawberry.argument(description="The upstream's id of the user.")]
    ) -> Media:
        return info.context.export(provider, "exportUserCalls", user_id)  # type: ignore[no-any-return]
