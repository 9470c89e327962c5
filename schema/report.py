"""Report: a file that a provider prepares, and the schedule of such files."""

from datetime import datetime

from strawberry.scalars import JSON

from telegraphql.schema.declaration import RootList, record_kind
from telegraphql.schema.described import input_type, object_type
from telegraphql.schema.enums import ReportFormat, ReportKind, ReportRange, ReportScheduleStatus, ReportScheduleType, ReportStatus
from telegraphql.schema.fields import downloadable, needed, shown
from telegraphql.schema.filters import RecordFilter, TextFilter, TimeRange, filtering
from telegraphql.schema.record import Record, TimedRecord
from telegraphql.schema.report_calls import ReportCalls
from telegraphql.schema.scalars import Long
from telegraphql.schema.values import Media


@input_type
class ReportFilter(RecordFilter):
    """A filter for reports. A report has to match every field that is set. For example {kind: [CALLS], status: [DONE]}."""

    created_at: TimeRange | None = filtering("The time of the request, or of completion if the provider does not report the former.")
    name: TextFilter | None = filtering("The name of the report.")
    kind: list[ReportKind] | None = filtering("One of these kinds of report.")
    status: list[ReportStatus] | None = filtering("One of these states.")


@record_kind(time="created_at", filter=ReportFilter, root=RootList("reports", "Reports of all providers."))
@object_type
class Report(TimedRecord):
    """A file that a provider prepares on request or by a schedule."""

    name: str | None = shown("The name. Null if it has none.")
    kind: ReportKind = shown("The subject of the report.", default=ReportKind.OTHER)
    status: ReportStatus = needed("The progress of the report.")
    format: str | None = shown('The format of the file, such as "csv". Null if not reported.')
    created_at: datetime | None = shown("The time of the request. Null if not reported.")
    completed_at: datetime | None = shown("The time of completion. Null if the report is not complete.")
    expires_at: datetime | None = shown("The time at which the provider removes the file. Null if not reported.")
    file_name: str | None = shown("The provider's name of the file. Null if there is none yet.")
    size_bytes: int | None = shown("The size of the file in bytes. Null if not reported.", graphql_type=Long | None)
    download_count: int | None = shown("The number of downloads of the file. Null if not reported.")
    error: str | None = shown("The reason why the report failed. Null if it did not.")
    summary: JSON | None = shown("The provider's summary of the content. Null if there is none.", personal=True)
    media: Media | None = downloadable("The file. Null until the report is done.", personal=True)


@input_type
class ReportScheduleFilter(RecordFilter):
    """A filter for report schedules. A schedule has to match every field that is set. For example {name: {contains: "weekly"}}."""

    name: TextFilter | None = filtering("The name of the schedule.")
    type: list[ReportScheduleType] | None = filtering("One of these types.")
    status: list[ReportScheduleStatus] | None = filtering("One of these states.")


@record_kind(name="name", filter=ReportScheduleFilter, root=RootList("reportSchedules", "Report schedules of all providers, by name."))
@object_type
class ReportSchedule(Record):
    """An order to prepare a report once or repeatedly."""

    name: str = needed("The name of the schedule.")
    type: ReportScheduleType = shown("The content of the report.", default=ReportScheduleType.UNKNOWN)
    native_type: str | None = shown("The content in the provider's own words. Null if not reported.")
    status: ReportScheduleStatus = shown("The state of the schedule.", default=ReportScheduleStatus.UNKNOWN)
    native_status: str | None = shown("The state in the provider's own words. Null if not reported.")
    email: str | None = shown("The e-mail address that gets the report. Null if not reported.", personal=True)
    format: ReportFormat | None = shown("The format of the file. Null if not reported.")
    native_format: str | None = shown("The format in the provider's own words. Null if not reported.")
    range: ReportRange | None = shown("The days that are covered. Null if not reported.")
    native_range: str | None = shown("The days that are covered, in the provider's own words. Null if not reported.")
    from_: datetime | None = shown("The first moment that is covered. Null unless the range is custom.", name="from")
    to: datetime | None = shown("The last moment that is covered. Null unless the range is custom.")
    cron: str | None = shown('The times at which it runs, as a crontab expression such as "0 6 * * 1". Null if it runs once.')
    calls: ReportCalls | None = shown("The calls that are covered. Null for a report about something else, or if not reported.")
    native_filter: JSON | None = shown("The content that is covered, in the provider's own words. Null if not reported.", personal=True)
