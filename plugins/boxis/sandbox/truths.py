"""The truth of the tenant's rows, with which the conformance kit compares records."""

from collections.abc import Mapping

from telegraphql.plugin import RecordTruth
from telegraphql.plugins.boxis.sandbox.pbx import TIME_ZONE

TRUTHS: Mapping[str, RecordTruth] = {
    "Call": RecordTruth(
        rows="calls",
        native_id="{uniqueid}/{sequence}",
        time="start",
        time_zone=TIME_ZONE,
        amounts={"cost": "cc_cost"},
        refs={"session": "{linkedid}"},
    )
}
