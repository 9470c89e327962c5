"""The words of call reports: type, status, range and format, as the manual lists them."""

from telegraphql.schema import ReportFormat, ReportRange, ReportScheduleStatus, ReportScheduleType

SCHEDULE_TYPE = {
    "NORMAL": ReportScheduleType.CALLS,
    "EXTENSION_GROUP_CALL_COST": ReportScheduleType.EXTENSION_COSTS,
    "QUEUE_PERFORMANCE": ReportScheduleType.QUEUE_PERFORMANCE,
    "QUEUE_DETAILED_STATISTICS": ReportScheduleType.QUEUE_DETAILS,
    "QUEUE_ABANDONED_CALLS": ReportScheduleType.QUEUE_ABANDONED_CALLS,
    "QUEUE_SLA_STATISTICS": ReportScheduleType.QUEUE_SERVICE_LEVEL,
    "QUEUE_BREACHES_SLA_STATISTICS": ReportScheduleType.QUEUE_SERVICE_LEVEL_BREACHES,
    "QUEUE_CALLBACKS": ReportScheduleType.QUEUE_CALLBACKS,
    "QUEUE_FAILED_CALLBACKS": ReportScheduleType.QUEUE_FAILED_CALLBACKS,
    "TEAM_QUEUE_GENERAL_STATISTICS": ReportScheduleType.QUEUE_TEAMS,
    "RING_GROUP_STATISTICS": ReportScheduleType.RING_GROUPS,
}
# The PBX has the schema's words.
SCHEDULE_STATUS = {each.value: each for each in ReportScheduleStatus if each is not ReportScheduleStatus.UNKNOWN}
SCHEDULE_RANGE = {each.value: each for each in ReportRange if each is not ReportRange.UNKNOWN}
SCHEDULE_FORMAT = {each.value: each for each in ReportFormat if each is not ReportFormat.UNKNOWN}


def read_range(word: str | None) -> ReportRange | None:
    """Return the days that a report covers; None without a word."""
    return SCHEDULE_RANGE.get(word, ReportRange.UNKNOWN) if word else None


def read_format(word: str | None) -> ReportFormat | None:
    """Return the format of a report; None without a word."""
    return SCHEDULE_FORMAT.get(word, ReportFormat.UNKNOWN) if word else None
