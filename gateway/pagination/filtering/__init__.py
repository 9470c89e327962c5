"""Apply filters: checks of what was asked, predicates on rows and records, and what all parts of a filter have in common."""
