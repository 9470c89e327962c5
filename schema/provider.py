"""Provider: a configured account at an upstream, what it can do and how it is."""

from datetime import datetime

import strawberry
from strawberry.types import Info

from telegraphql.schema.enums import BreakerState, FilterSupport, TimeOrder
from telegraphql.schema.fields import ResolverPromise, needed, promising, shown
from telegraphql.schema.paging import Problem


@strawberry.type(description="How well one filter is applied by the upstream itself.")
class FilterCapability:
    name: str = needed("The field of the kind's filter.")
    support: FilterSupport = needed("How well the upstream applies it.")


@strawberry.type(description="What a provider can do with one kind of record.")
class Capability:
    kind: str = needed("The type's name, such as Call.")
    lists: bool = needed("Whether the records can be listed.")
    gets: bool = needed("Whether single records can be fetched by id.")
    derived: bool = needed("Whether the gateway makes the records by grouping others.")
    filters: list[FilterCapability] = needed("The filters of this kind and how well they are applied upstream.")
    orders: list[TimeOrder] = needed("The orders in which the records can be listed. Empty for kinds without a time.")
    page_size: int | None = shown("The most records one upstream request can deliver. Null when there is no such limit.")
    counts: bool = needed("Whether totalCount can be known.")
    commands: list[str] = needed("The mutations that work on these records.")
    files: list[str] = needed("The fields of these records that are files.")


@strawberry.type(description="How a provider is, as this gateway has seen it.")
class ProviderHealth:
    state: BreakerState = needed("Whether requests are let through.")
    last_success_at: datetime | None = shown("When it last answered well. Null when it has not yet.")
    last_problem: Problem | None = shown("The last thing that went wrong. Null when nothing has.")


@strawberry.type(name="Provider", description="A configured account at an upstream.")
class ProviderNode:
    name: str = needed("The configured name, such as acme-eu.")
    plugin: str = needed("The plugin that speaks to it.")
    capabilities: list[Capability] = needed("What it can do, per kind.")

    @strawberry.field(description="How it is: breaker, last success, last problem.")
    @promising(ResolverPromise.AT_ONCE)
    def health(self, info: Info) -> ProviderHealth:
        found: ProviderHealth = info.context.health(self.name)
        return found
