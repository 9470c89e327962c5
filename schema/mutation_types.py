"""Mutation types: the input and the payload of each mutation."""

from datetime import datetime

import strawberry
from strawberry.scalars import JSON

from telegraphql.schema.call import Call
from telegraphql.schema.described import input_type, object_type
from telegraphql.schema.enums import DeletableKind, ReportFormat, ReportKind, ReportRange, ReportScheduleType
from telegraphql.schema.fields import needed, optional, shown
from telegraphql.schema.filters import TimeRange
from telegraphql.schema.paging import Problem
from telegraphql.schema.report import Report, ReportSchedule
from telegraphql.schema.report_calls import ReportCallsInput
from telegraphql.schema.values import Media
from telegraphql.schema.voicemessage import Voicemessage

IDS = "At most 500 global ids. They may belong to several providers."
PROVIDER_NAME = "The configured name of the provider."
PROBLEMS = (
    "The failures: one for each record for which the mutation did not succeed, or one for the whole mutation. Empty if all succeeded."
)
SUCCEEDED = "The ids of the records for which the mutation succeeded."
CRON = 'The times at which it runs, as a crontab expression such as "0 6 * * 1".'


@input_type
class RecordIds:
    """The records that a mutation changes."""

    ids: list[strawberry.ID] = needed(IDS)


@input_type
class OneProvider:
    """The provider at which a mutation changes something."""

    provider: str = needed(PROVIDER_NAME)


@object_type
class SucceededIds:
    """The result of a mutation that returns no records."""

    succeeded_ids: list[strawberry.ID] = needed(SUCCEEDED)
    problems: list[Problem] = needed(PROBLEMS)


@input_type
class CallChange:
    """New values for one call. A field that is left out stays as it is. For example {id: "Q2FsbDphOjE", info: "called back"}."""

    id: strawberry.ID = needed("The global id of the call.")
    info: str | None = optional("A text about the call. Null removes it.")
    labels: list[str] | None = optional("All labels of the call. Null removes them.")
    native: JSON | None = optional("More attributes in the provider's own words, with their new values, as an object.")


@input_type
class ReportRequestFilter:
    """The records that a report covers. For example {period: {since: "2026-11-01T00:00:00Z"}}."""

    period: TimeRange | None = optional("The range of time. Null: the provider's default.")
    native: JSON | None = optional("More filters, in the provider's own words, as an object of texts.")


@input_type
class DeleteRecordingsInput(RecordIds):
    """The recordings to delete. For example {ids: ["UmVjb3JkaW5nOmE6MQ"]}."""


@input_type
class DeleteVoicemessagesInput(RecordIds):
    """The voicemessages to delete. For example {ids: ["UmVjb3JkaW5nOmE6MQ"]}."""


@input_type
class DeleteReportsInput(RecordIds):
    """The finished reports to delete. For example {ids: ["UmVjb3JkaW5nOmE6MQ"]}."""


@input_type
class DeleteReportSchedulesInput(RecordIds):
    """The report schedules to delete. For example {ids: ["UmVjb3JkaW5nOmE6MQ"]}."""


@input_type
class MoveVoicemessagesInput(RecordIds):
    """The voicemessages to move, and where to. For example {ids: ["Vm9pY2VtZXNzYWdlOmE6MQ"], folder: "Archive"}."""

    folder: str = needed("The name or number of the folder.")


@input_type
class UpdateCallsInput:
    """The calls to change. For example {changes: [{id: "Q2FsbDphOjE", info: "called back"}]}."""

    changes: list[CallChange] = needed("One change for each call, at most 500.")


@input_type
class DeleteChatMessagesInput(OneProvider):
    """The chat messages to delete. For example {provider: "acme", nativeIds: ["17"]}."""

    native_ids: list[str] = needed("The provider's own ids, at most 500.")


@input_type
class DeleteAllInput(OneProvider):
    """The records to delete, all of one kind. For example {provider: "acme", kind: RECORDINGS, confirm: "acme"}."""

    kind: DeletableKind = needed("The records to delete.")
    confirm: str = needed("The name of the provider again. Nothing is deleted if it differs.")


@input_type
class RequestReportInput(OneProvider):
    """The report to request. For example {provider: "acme", kind: CALLS}."""

    kind: ReportKind = needed("The subject: CALLS, CALLS_BRIEF, TRANSACTIONS or AUDIT.")
    filter: ReportRequestFilter | None = optional("The records to cover. Null: the provider's default.")


@input_type
class ExportUserCallsInput(OneProvider):
    """The user whose calls are exported. For example {provider: "acme", userId: "1004567"}."""

    user_id: str = needed("The provider's id of the user.")


@input_type
class CreateReportScheduleInput(OneProvider):
    """A report schedule to create.

    For example {provider: "acme", name: "Weekly", type: CALLS, email: "a@example.com", format: CSV, range: LAST_WEEK}.
    """

    name: str = needed("The name of the schedule.")
    type: ReportScheduleType = needed("The content of the report. UNKNOWN is an error.")
    email: str = needed("The e-mail address that gets the report.")
    format: ReportFormat = needed("The format of the file. UNKNOWN is an error.")
    range: ReportRange = needed("The days that are covered. UNKNOWN is an error.")
    from_: datetime | None = optional("The first moment that is covered. Only with a custom range.", name="from")
    to: datetime | None = optional("The last moment that is covered. Only with a custom range.")
    cron: str | None = optional(f"{CRON} Null: once, now.")
    calls: ReportCallsInput | None = optional("The calls that are covered, in a report of the type CALLS.")
    native_filter: JSON | None = optional("The content of a report of another type, in the provider's own words, as an object.")


@input_type
class UpdateReportScheduleInput:
    """New values for a report schedule. A field that is left out stays as it is.

    For example {id: "UmVwb3J0U2NoZWR1bGU6YTox", name: "Weekly"}.
    """

    id: strawberry.ID = needed("The global id of the schedule.")
    name: str | None = optional("The name of the schedule.")
    email: str | None = optional("The e-mail address that gets the report.")
    format: ReportFormat | None = optional("The format of the file. UNKNOWN is an error.")
    range: ReportRange | None = optional("The days that are covered. UNKNOWN is an error.")
    from_: datetime | None = optional("The first moment that is covered. Only with a custom range.", name="from")
    to: datetime | None = optional("The last moment that is covered. Only with a custom range.")
    cron: str | None = optional(CRON)
    calls: ReportCallsInput | None = optional("The calls that are covered, in a report of the type CALLS.")
    native_filter: JSON | None = optional("The content of a report of another type, in the provider's own words, as an object.")


@object_type
class DeleteRecordingsPayload(SucceededIds):
    """The result of deleting recordings."""


@object_type
class DeleteVoicemessagesPayload(SucceededIds):
    """The result of deleting voicemessages."""


@object_type
class DeleteReportsPayload(SucceededIds):
    """The result of deleting reports."""


@object_type
class DeleteReportSchedulesPayload(SucceededIds):
    """The result of deleting report schedules."""


@object_type
class DeleteChatMessagesPayload(SucceededIds):
    """The result of deleting chat messages."""


@object_type
class MoveVoicemessagesPayload:
    """The result of moving voicemessages."""

    succeeded_ids: list[strawberry.ID] = needed(SUCCEEDED)
    voicemessages: list[Voicemessage] = needed("The messages after the change, as far as the provider returned them.")
    problems: list[Problem] = needed(PROBLEMS)


@object_type
class UpdateCallsPayload:
    """The result of changing calls."""

    succeeded_ids: list[strawberry.ID] = needed(SUCCEEDED)
    calls: list[Call] = needed("The calls after the change, as far as the provider returned them.")
    problems: list[Problem] = needed(PROBLEMS)


@object_type
class DeleteAllPayload(SucceededIds):
    """The result of deleting all records of a kind."""


@object_type
class CreateReportSchedulePayload:
    """The result of creating a report schedule."""

    succeeded_ids: list[strawberry.ID] = needed(SUCCEEDED)
    report_schedule: ReportSchedule | None = shown("The schedule. Null if it was not created.")
    problems: list[Problem] = needed(PROBLEMS)


@object_type
class UpdateReportSchedulePayload:
    """The result of changing a report schedule."""

    succeeded_ids: list[strawberry.ID] = needed(SUCCEEDED)
    report_schedule: ReportSchedule | None = shown("The schedule after the change. Null if it was not changed.")
    problems: list[Problem] = needed(PROBLEMS)


@object_type
class RequestReportPayload:
    """The result of requesting a report."""

    succeeded_ids: list[strawberry.ID] = needed(SUCCEEDED)
    report: Report | None = shown("The report, which is not finished yet. Null if it was not requested.")
    problems: list[Problem] = needed(PROBLEMS)


@object_type
class ExportUserCallsPayload:
    """The result of an export."""

    succeeded_ids: list[strawberry.ID] = needed(SUCCEEDED)
    media: Media | None = shown("A link to the file. Null if there is none.")
    problems: list[Problem] = needed(PROBLEMS)
