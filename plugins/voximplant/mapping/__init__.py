"""Mapping: Voximplant's rows as records of the schema."""

from telegraphql.plugins.voximplant.mapping.account import audit_entry, queue, queue_visit, report, smart_queue, transaction
from telegraphql.plugins.voximplant.mapping.assembly import Parts, parts_of, session_with_parts

__all__ = ["Parts", "audit_entry", "parts_of", "queue", "queue_visit", "report", "session_with_parts", "smart_queue", "transaction"]
