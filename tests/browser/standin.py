"""A gateway's outline with a few fixed rows: what the GraphiQL page needs until the real server stands."""

from collections.abc import AsyncIterator

import strawberry
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute
from strawberry.asgi import GraphQL

from gateway import graphiql

NAMES = ("boxis", "portsip", "voipstudio", "voximplant")


@strawberry.type
class Health:
    state: str = "CLOSED"
    last_success_at: str | None = None
    last_problem: "Problem | None" = None


@strawberry.type
class Filter:
    name: str = "startedAt"
    support: str = "EXACT"


@strawberry.type
class Capability:
    kind: str = "Call"
    orders: list[str] = strawberry.field(default_factory=lambda: ["NEWEST_FIRST"])
    page_size: int | None = 1000
    counts: bool = True
    filters: list[Filter] = strawberry.field(default_factory=lambda: [Filter()])
    commands: list[str] = strawberry.field(default_factory=list)


@strawberry.type
class Provider:
    name: str
    plugin: str
    health: Health = strawberry.field(default_factory=Health)
    capabilities: list[Capability] = strawberry.field(default_factory=lambda: [Capability()])


@strawberry.type
class Party:
    number: str | None
    name: str | None = None


@strawberry.type
class Media:
    url: str


@strawberry.type
class Recording:
    duration: int | None
    media: Media | None


@strawberry.type
class Problem:
    provider: str
    code: str
    message: str
    retryable: bool = True
    retry_after: int | None = None


@strawberry.type
class PageInfo:
    has_next_page: bool = True
    end_cursor: str | None = "Y3Vyc29y"


@strawberry.type
class Session:
    id: strawberry.ID
    started_at: str
    provider: Provider
    duration: int | None
    status: str

    @strawberry.field
    async def calls(self) -> "list[Call] | None":
        return [call(0)]


@strawberry.type
class Call:
    started_at: str
    provider: Provider
    direction: str
    status: str
    from_: Party = strawberry.field(name="from")
    to: Party
    duration: int | None
    talk_duration: int | None
    session: Session | None
    recordings: list[Recording] | None


@strawberry.type
class Calls:
    nodes: list[Call]
    page_info: PageInfo = strawberry.field(default_factory=PageInfo)
    problems: list[Problem] = strawberry.field(default_factory=list)


@strawberry.type
class Sessions:
    nodes: list[Session]
    page_info: PageInfo = strawberry.field(default_factory=PageInfo)
    problems: list[Problem] = strawberry.field(default_factory=list)


@strawberry.type
class Queue:
    provider: Provider
    name: str
    number: str | None = None
    strategy: str | None = None
    max_wait: int | None = None
    ring_time: int | None = None
    service_level_thresholds: list[int] | None = None
    agent_count: int | None = None


@strawberry.type
class Queues:
    nodes: list[Queue]
    problems: list[Problem] = strawberry.field(default_factory=list)


@strawberry.input
class QueueFilter:
    providers: list[str] | None = None


def provider(index: int) -> Provider:
    name = NAMES[index % len(NAMES)]
    return Provider(name=name, plugin=name)


def session(index: int) -> Session:
    return Session(
        id=strawberry.ID(f"session-{index}"),
        started_at=started_at(index),
        provider=provider(index),
        duration=90,
        status="ANSWERED",
    )


def started_at(index: int) -> str:
    return f"2026-11-22T09:{59 - index:02}:00Z"


def call(index: int) -> Call:
    return Call(
        started_at=started_at(index),
        provider=provider(index),
        direction="INBOUND",
        status="ANSWERED",
        from_=Party(number="+41446681800", name="Example AG"),
        to=Party(number="442031234567"),
        duration=90,
        talk_duration=80,
        session=session(index),
        recordings=[Recording(duration=80, media=Media(url="/media/token"))],
    )


@strawberry.type
class Query:
    @strawberry.field
    async def providers(self) -> list[Provider]:
        return [provider(index) for index in range(4)]

    @strawberry.field
    async def calls(self, first: int = 25) -> Calls:
        problem = Problem(provider="portsip", code="TIMEOUT", message="portsip did not answer within 10 seconds.")
        return Calls(nodes=[call(index) for index in range(first)], problems=[problem])

    @strawberry.field
    async def sessions(self, first: int = 25) -> Sessions:
        return Sessions(nodes=[session(index) for index in range(first)])

    @strawberry.field
    async def queues(self, first: int = 25, filter: QueueFilter | None = None) -> Queues:
        return Queues(nodes=[Queue(provider=provider(0), name="Support")][:first])


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def call_ended(self) -> AsyncIterator[Call]:
        yield call(0)


graphql = GraphQL(strawberry.Schema(Query, subscription=Subscription), graphql_ide=None)
app = Starlette(routes=[Route("/graphql", graphql, methods=["POST"]), WebSocketRoute("/graphql", graphql), *graphiql.routes()])
