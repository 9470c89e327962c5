"""Opening: from what a client asked of a subscription to the subscription, everything checked before anything is asked upstream."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from strawberry import UNSET

from telegraphql.gateway.errors import BadInput, NobodyCan, UnknownProvider
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.cursor import OPEN, Seal, fingerprint, micros
from telegraphql.gateway.pagination.filters import check_ranges, criteria_of, given
from telegraphql.gateway.pagination.list_query import Search
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.gateway.subscriptions.cursor import SubscriptionOrder, read_marks
from telegraphql.gateway.subscriptions.hub import Following
from telegraphql.gateway.subscriptions.listener import Listener, Missed
from telegraphql.gateway.subscriptions.subscription import ActiveSubscription, Occasion
from telegraphql.schema.call import Call
from telegraphql.schema.context import FollowArguments


@dataclass(frozen=True, kw_only=True)
class SubscriptionRequest:
    """What a client asked for. `may_see` says which providers exist for it, now and after a change of the configuration."""

    arguments: FollowArguments
    select: Selection
    may_see: Callable[[str], bool]
    seal: Seal = OPEN


def opened(following: Following, asked: SubscriptionRequest, occasion: Occasion) -> ActiveSubscription:
    """The subscription; BadInput, BadCursor, BadId, UnknownProvider or NobodyCan says what is wrong with what was asked."""
    arguments, parts = asked.arguments, given(asked.arguments.filter)
    check_ranges(parts)
    named = _named(arguments.filter)
    search = Search(
        kind=Call, parts=parts, descending=False, after=None, before=None, size=1, select=asked.select, loaders=occasion.loaders
    )
    followed = _followed(list(occasion.serving.values()), named, search)
    mark = fingerprint(Call, SubscriptionOrder.AS_ENDED, parts if named is None else parts | {"providers": sorted(named)})
    missed = _missed(asked, mark, followed)
    listener = Listener(
        wants=lambda name: asked.may_see(name) and (named is None or name in named),
        select=search.needs,
        most=following.settings.max_queue,
        begun=following.now(),
        marks=dict(missed),
        missed={name: Missed(since) for name, since in missed.items()},
    )
    return ActiveSubscription(following=following, listener=listener, search=search, mark=mark, occasion=occasion, seal=asked.seal)


def _followed(servings: Iterable[BoundProvider], named: list[str] | None, search: Search) -> list[str]:
    """The providers that are followed at first; a filter they cannot apply is refused by them all or left to those that can."""
    known = {serving.name: serving for serving in servings}
    for name in named or ():
        if name not in known:
            raise UnknownProvider(f"there is no provider {name[:80]!r}; ask providers {{ name }} for those there are")
    for name in search.parts:
        # The upstream tells it only where it was asked by this filter, which a poll for all subscribers is not.
        if criteria_of(search.kind)[name].marker:
            raise NobodyCan(f"the filter `{name}` cannot be used in subscriptions; use it in a query instead")
    chosen = [serving for name, serving in known.items() if named is None or name in named]
    refusals = [refusal for serving in chosen if (refusal := search.refusal(serving))]
    if refusals and len(refusals) == len(chosen):
        raise NobodyCan("; ".join(f"{refusal.provider} {refusal.message}" for refusal in refusals))
    followed = [serving for serving in chosen if search.refusal(serving) is None]
    for serving in followed:
        search.residual(serving)
    return [serving.name for serving in followed]


def _missed(asked: SubscriptionRequest, mark: str, followed: list[str]) -> dict[str, int]:
    """Since when each provider's calls are wanted; nothing where they are wanted from now on."""
    arguments = asked.arguments
    if arguments.after and arguments.since:
        raise BadInput("give `after` or `since`, not both")
    if arguments.since:
        return dict.fromkeys(followed, micros(arguments.since))
    if not arguments.after:
        return {}
    marks = read_marks(arguments.after, mark, asked.seal)
    # A provider that was not there before: whatever of it came since the earliest moment.
    missed = dict.fromkeys(followed, min(marks.values())) | marks
    # The cursor may be older than what its caller may see.
    return {name: since for name, since in missed.items() if asked.may_see(name)}


def _named(wanted: Any) -> list[str] | None:
    named: list[str] | None = getattr(wanted, "providers", None)
    return None if named is UNSET else named
