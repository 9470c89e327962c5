"""ReportCalls: the calls that a report schedule covers, as a type and as an input."""

from telegraphql.schema.described import input_type, object_type
from telegraphql.schema.enums import ReportPartyKind
from telegraphql.schema.fields import needed, optional, shown
from telegraphql.schema.filters import IntRange

PARTY_VALUE = 'The number, its part, or the extensions, such as "101-120".'


@object_type
class ReportParty:
    """The callers or the called parties whose calls a report covers."""

    kind: ReportPartyKind = needed("The condition for the party.")
    value: str | None = shown(f"{PARTY_VALUE} Null if the condition needs none.", personal=True)


@object_type
class SecondsRange:
    """A range of seconds that includes both bounds."""

    min: int | None = shown("The smallest number of seconds. Null: no lower bound.")
    max: int | None = shown("The largest number of seconds. Null: no upper bound.")


@object_type
class ReportCalls:
    """The calls that a report schedule covers."""

    from_: ReportParty = needed("The callers.", name="from")
    to: ReportParty = needed("The called parties.")
    is_answered: bool | None = shown("True for answered calls, false for the others. Null: all.")
    ring_seconds: SecondsRange | None = shown("The ring time. Null: any.")
    talk_seconds: SecondsRange | None = shown("The talk time. Null: any.")


@input_type
class ReportPartyInput:
    """The callers or the called parties whose calls a report covers. For example {kind: NUMBER, value: "101"}."""

    kind: ReportPartyKind = needed("The condition for the party. UNKNOWN is an error.")
    value: str | None = optional(PARTY_VALUE)


@input_type
class ReportCallsInput:
    """The calls that a report covers. For example {from: {kind: NUMBER_PREFIX, value: "+41"}, isAnswered: false}."""

    from_: ReportPartyInput | None = optional("The callers. Null: any.", name="from")
    to: ReportPartyInput | None = optional("The called parties. Null: any.")
    is_answered: bool | None = optional("True for answered calls, false for the others. Null: all.")
    ring_seconds: IntRange | None = optional("The ring time in seconds. Null: any.")
    talk_seconds: IntRange | None = optional("The talk time in seconds. Null: any.")
