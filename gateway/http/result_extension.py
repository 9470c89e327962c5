"""The Strawberry extension that adds `cursor` and `stale` to the `extensions` of a result."""

from math import ceil
from typing import Any

from strawberry.extensions import SchemaExtension

from telegraphql.gateway.resolvers.context import RequestContext


class ResultExtension(SchemaExtension):
    """Adds what clients are told of a result as a whole."""

    def get_results(self) -> dict[str, Any]:
        """Return the cursor of a subscription's event, and the age of the oldest stale response of each provider.

        A response is stale if it was cached and replaces that of a failing upstream. Clients do not cache it.
        """
        context = self.execution_context.context
        if not isinstance(context, RequestContext):
            return {}
        added: dict[str, Any] = {} if context.cursor is None else {"cursor": context.cursor}
        if context.budget.stale:
            stale = sorted(context.budget.stale.items())
            context.problem_codes.update(code for _, (code, _) in stale)
            added["stale"] = [{"provider": provider, "ageSeconds": ceil(seconds)} for provider, (_, seconds) in stale]
        return added
