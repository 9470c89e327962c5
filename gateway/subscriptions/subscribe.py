"""Validation of a subscription request: everything is checked before any upstream request."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from telegraphql.gateway.errors import BadInput, NobodyCan, UnknownProvider, UpstreamError
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.connection import plain
from telegraphql.gateway.pagination.cursor import OPEN, Seal, fingerprint, micros
from telegraphql.gateway.pagination.filtering.filter_checks import checked
from telegraphql.gateway.pagination.filtering.filters import conditions, criteria_of, named_within
from telegraphql.gateway.pagination.list_query import Search
from telegraphql.gateway.pagination.provider_faults import provider_faults
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.gateway.subscriptions.cursor import SubscriptionOrder, read_watermarks
from telegraphql.gateway.subscriptions.hub import SubscriptionHub
from telegraphql.gateway.subscriptions.listener import Backlog, Listener
from telegraphql.gateway.subscriptions.subscription import ActiveSubscription, EventContext
from telegraphql.schema.call import Call
from telegraphql.schema.context import FollowArguments


@dataclass(frozen=True, kw_only=True)
class SubscriptionRequest:
    """A client's request. `may_see` tells which providers its caller sees, now and after a change of the configuration."""

    arguments: FollowArguments
    select: Selection
    may_see: Callable[[str], bool]
    seal: Seal = OPEN


def open_subscription(hub: SubscriptionHub, request: SubscriptionRequest, context: EventContext) -> ActiveSubscription:
    """Return the subscription.

    Raises:
        BadInput: Arguments contradict each other.
        BadCursor: `after` belongs to another subscription.
        BadId: A filter holds an id of another gateway.
        UnknownProvider: A filter names a provider that does not exist.
        NobodyCan: No queried provider supports the filter.
    """
    arguments, servings = request.arguments, list(context.serving.values())
    parts, names = checked(arguments.filter)
    known = {serving.name: serving.id for serving in servings}
    for name in [*(names or ()), *named_within(parts)]:
        if name not in known:
            raise UnknownProvider(f"unknown provider {name[:80]!r}: query providers {{ name }} for the configured ones")
    named = None if names is None else [known[name] for name in names]
    search = Search(
        kind=Call, parts=parts, descending=False, after=None, before=None, size=1, select=request.select, loaders=context.loaders
    )
    providers = _supporting_providers(servings, named, search)
    subscription_fingerprint = fingerprint(Call, SubscriptionOrder.AS_ENDED, plain(parts, names, servings))
    backlog_starts = _backlog_starts(request, subscription_fingerprint, providers)
    listener = Listener(
        includes=lambda name: request.may_see(name) and (named is None or name in named),
        select=search.needs,
        max_queue=hub.settings.max_queue,
        joined_at=hub.now(),
        watermarks=dict(backlog_starts),
        backlogs={name: Backlog(since) for name, since in backlog_starts.items()},
    )
    return ActiveSubscription(
        hub=hub, listener=listener, search=search, fingerprint=subscription_fingerprint, context=context, seal=request.seal
    )


def _supporting_providers(servings: Iterable[BoundProvider], named: list[str] | None, search: Search) -> list[str]:
    """Return the providers to start with. A filter that a provider cannot apply is refused only if no provider can."""
    for name, _ in conditions(search.parts):
        # The provider tells a marker only to a query with this filter, and polls serve all subscribers at once.
        if criteria_of(search.kind)[name].marker:
            raise NobodyCan(f"`{name}` cannot be used in a subscription: query `calls` instead")
    requested = [serving for serving in servings if named is None or serving.id in named]
    refusals = [(serving, refusal) for serving in requested if (refusal := search.refusal(serving))]
    if refusals and len(refusals) == len(requested):
        raise NobodyCan("; ".join(f"{serving.name} {refusal.message}" for serving, refusal in refusals))
    supporting = [serving for serving in requested if search.refusal(serving) is None]
    for serving in supporting:
        with suppress(UpstreamError), provider_faults(serving.id):  # it is met again with each event
            search.residual(serving)
    return [serving.id for serving in supporting]


def _backlog_starts(request: SubscriptionRequest, subscription_fingerprint: str, providers: list[str]) -> dict[str, int]:
    """Return the time from which each provider's past calls are requested; empty for new calls only."""
    arguments = request.arguments
    if arguments.after and arguments.since:
        raise BadInput("use either `after` or `since`, not both")
    if arguments.since:
        return dict.fromkeys(providers, micros(arguments.since))
    if not arguments.after:
        return {}
    watermarks = read_watermarks(arguments.after, subscription_fingerprint, request.seal)
    # A provider that was not configured before starts at the earliest time of the others.
    starts = dict.fromkeys(providers, min(watermarks.values())) | watermarks
    # The caller may have lost access to a provider of its cursor.
    return {name: since for name, since in starts.items() if request.may_see(name)}
