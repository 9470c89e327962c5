"""Staleness: answers say which providers' records in them are older than they should be, because the upstream failed."""

from math import ceil
from typing import Any

from strawberry.extensions import SchemaExtension

from telegraphql.gateway.resolvers.context import RequestContext


class StaleExtension(SchemaExtension):
    """Writes `extensions.stale` where an old answer stood in for a failing upstream; nobody may keep that answer for a complete one."""

    def get_results(self) -> dict[str, Any]:
        """The age of the oldest by provider."""
        context = self.execution_context.context
        if not isinstance(context, RequestContext) or not context.budget.stale:
            return {}
        stale = sorted(context.budget.stale.items())
        context.problem_codes.update(code for _, (code, _) in stale)
        return {"stale": [{"provider": provider, "ageSeconds": ceil(seconds)} for provider, (_, seconds) in stale]}
