"""Mappings of Voximplant's rows to records."""

from telegraphql.plugins.voximplant.mapping.account import AUDIT_ENTRY, QUEUE, QUEUE_VISIT, REPORT, SMART_QUEUE, TRANSACTION
from telegraphql.plugins.voximplant.mapping.assembly import sessions_with_parts
from telegraphql.plugins.voximplant.mapping.session_parts import Parts, parts_of

__all__ = ["AUDIT_ENTRY", "QUEUE", "QUEUE_VISIT", "REPORT", "SMART_QUEUE", "TRANSACTION", "Parts", "parts_of", "sessions_with_parts"]
