"""The Strawberry extension that reports stale responses of failing upstreams in `extensions.stale`."""

from math import ceil
from typing import Any

from strawberry.extensions import SchemaExtension

from telegraphql.gateway.resolvers.context import RequestContext


class StaleExtension(SchemaExtension):
    """Adds `extensions.stale` if the cache replaced the response of a failing upstream. Such a response is not cached by clients."""

    def get_results(self) -> dict[str, Any]:
        """Return the age of the oldest stale response of each provider."""
        context = self.execution_context.context
        if not isinstance(context, RequestContext) or not context.budget.stale:
            return {}
        stale = sorted(context.budget.stale.items())
        context.problem_codes.update(code for _, (code, _) in stale)
        return {"stale": [{"provider": provider, "ageSeconds": ceil(seconds)} for provider, (_, seconds) in stale]}
