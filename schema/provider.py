"""Provider: a configured account at a telephony provider, its capabilities and its health."""

from datetime import datetime

import strawberry
from strawberry.types import Info

from telegraphql.schema.described import named_object_type, object_type
from telegraphql.schema.enums import BreakerState, FilterSupport, HealthStatus, TimeOrder
from telegraphql.schema.fields import ResolverPromise, needed, promising, shown
from telegraphql.schema.node import Node, global_id
from telegraphql.schema.paging import Problem

# The kind in the ids of providers.
PROVIDER = "Provider"


@object_type
class FilterCapability:
    """The support of a provider for one filter."""

    name: str = needed('The field of the kind\'s filter, such as "startedAt".')
    support: FilterSupport = needed("The precision with which the provider applies it.")


@object_type
class Capability:
    """The support of a provider for one kind of record."""

    kind: str = needed('The name of the type, such as "Call".')
    lists: bool = needed("True if the records can be listed.")
    gets: bool = needed("True if single records can be fetched by id.")
    is_derived: bool = needed("True if the gateway makes the records by grouping others.")
    filters: list[FilterCapability] = needed("The filters of this kind, with the provider's support.")
    orders: list[TimeOrder] = needed("The orders in which the records can be listed. Empty for kinds without a time.")
    page_size: int | None = shown("The most records that one request to the provider returns. Null if there is no such limit.")
    counts: bool = needed("True if totalCount can be known.")
    commands: list[str] = needed('The mutations that work on these records, such as "deleteRecordings".')
    files: list[str] = needed('The fields of these records that are files, such as "media".')


@object_type
class CircuitBreaker:
    """The circuit breaker of a provider: after repeated failures no requests are sent for a while."""

    state: BreakerState = needed("The state.")


@object_type
class ProviderHealth:
    """The state of a provider, as this gateway has seen it."""

    status: HealthStatus = needed("The status, by the last request.")
    since: datetime | None = shown("The time at which this status began. Null if no request was sent yet.")
    last_success_at: datetime | None = shown("The time of the last successful request. Null if there was none yet.")
    last_problem: Problem | None = shown("The last failure. Null if there was none.")
    breaker: CircuitBreaker = needed("The circuit breaker.")
    warnings: list[str] = shown(
        "The limits that this provider sets to the gateway, each with what to change. Empty if there are none.", default_factory=list
    )


@named_object_type(PROVIDER)
class ProviderNode(Node):
    """A configured account at a telephony provider."""

    name: str = needed('The configured name, such as "acme-eu".')
    plugin: str = needed("The plugin that connects to it.")
    capabilities: list[Capability] = needed("The supported operations, per kind of record.")
    # Its id within the gateway, which outlasts a new name.
    account: strawberry.Private[str]

    @strawberry.field(description="The global id. Pass it to `node(id)`.")
    @promising(ResolverPromise.AT_ONCE)
    def id(self) -> strawberry.ID:
        return strawberry.ID(global_id(PROVIDER, self.account, self.account))

    @strawberry.field(description="The state: status, last success, last failure and circuit breaker.")
    @promising(ResolverPromise.AT_ONCE)
    def health(self, info: Info) -> ProviderHealth:
        found: ProviderHealth = info.context.health(self.account)
        return found
