"""Report: a file an upstream prepares, and the schedule by which it does."""

from datetime import datetime

import strawberry
from strawberry.scalars import JSON

from telegraphql.schema.declaration import RootList, record_kind
from telegraphql.schema.enums import ReportKind, ReportStatus
from telegraphql.schema.fields import downloadable, needed, shown
from telegraphql.schema.filters import RecordFilter, TextFilter, TimeRange, filtering
from telegraphql.schema.record import Record
from telegraphql.schema.values import Media


@strawberry.input(description="Which reports.")
class ReportFilter(RecordFilter):
    created_at: TimeRange | None = filtering("When it was asked for, or finished where the upstream does not say when it was asked for.")
    kind: list[ReportKind] | None = filtering("What it is about: one of these.")
    status: list[ReportStatus] | None = filtering("How far it is: one of these.")


@record_kind(time="created_at", filter=ReportFilter, root=RootList("reports", "Reports of all providers in one list."))
@strawberry.type(description="A file that an upstream prepares on request or by a schedule.")
class Report(Record):
    name: str | None = shown("Its name. Null when it has none.")
    kind: ReportKind = shown("What it is about.", default=ReportKind.OTHER)
    status: ReportStatus = needed("How far it is.")
    format: str | None = shown("The format of the file, such as csv. Null when the upstream does not say.")
    created_at: datetime | None = shown("When it was asked for. Null when the upstream does not say.")
    completed_at: datetime | None = shown("When it was finished. Null when it is not.")
    expires_at: datetime | None = shown("When the upstream removes the file. Null when it does not say.")
    file_name: str | None = shown("The upstream's name of the file. Null when there is none yet.")
    size_bytes: int | None = shown("The size of the download. Null when the upstream does not say.")
    error: str | None = shown("Why it failed. Null when it did not.")
    summary: JSON | None = shown("What the upstream says of its content. Null when nothing.", personal=True)
    media: Media | None = downloadable("The file. Null until it is done.", personal=True)


@strawberry.input(description="Which report schedules.")
class ReportScheduleFilter(RecordFilter):
    name: TextFilter | None = filtering("Its name.")
    type: list[str] | None = filtering("The upstream's word for what it reports: one of these.")
    status: list[str] | None = filtering("The upstream's word for its state: one of these.")


@record_kind(name="name", filter=ReportScheduleFilter, root=RootList("reportSchedules", "Report schedules of all providers, by name."))
@strawberry.type(description="An order to prepare a report again and again, or once.")
class ReportSchedule(Record):
    name: str = needed("Its name.")
    type: str = needed("The upstream's word for what it reports.")
    status: str = needed("The upstream's word for its state.")
    email: str | None = shown("Who gets the report. Null when the upstream does not say.", personal=True)
    format: str | None = shown("The format of the file. Null when the upstream does not say.")
    range: str | None = shown("The upstream's word for the days covered. Null when it does not say.")
    from_: datetime | None = shown("The first moment covered. Null unless the range is custom.", name="from")
    to: datetime | None = shown("The last moment covered. Null unless the range is custom.")
    cron: str | None = shown("When it runs, as a crontab expression. Null when it runs once.")
    filter: JSON | None = shown("Which calls it covers, in the upstream's words. Null when it does not say.", personal=True)
