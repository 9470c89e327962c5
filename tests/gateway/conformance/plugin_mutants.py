"""Mutants: the plugins of this repository, each with one fault that a reader of their code would overlook."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from telegraphql.gateway.conformance.page_reading import read_page
from telegraphql.gateway.plugin.capabilities import declared
from telegraphql.gateway.plugin.provider import ListRequest, Page, Provider
from telegraphql.schema.record import Record
from telegraphql.schema.values import Money
from tests.gateway.conformance.broken_plugins import same_as

Method = Callable[[Any, Any], Awaitable[Page]]
Fault = Callable[[Method, Any, Any], Awaitable[Page]]


@dataclass(frozen=True)
class Mutant:
    """A plugin, the method with a fault, and the promise that it breaks, with its subject and words of the advice."""

    plugin: type[Provider]
    method: str
    fault: Fault
    promise: str
    subject: str
    advice: str

    def __str__(self) -> str:
        return f"{self.plugin.plugin}-{self.fault.__name__}"

    def made(self) -> type[Provider]:
        """The mutated class."""
        original: Method = getattr(self.plugin, self.method)

        @same_as(original)
        async def method(provider: Any, request: Any) -> Page:
            return await self.fault(original, provider, request)

        return type(f"Mutated{self.plugin.__name__}", (self.plugin,), {self.method: method})


def getter(plugin: type[Provider], kind: type[Record], by: str) -> str:
    """The name of the method that gets a kind by a key."""
    return declared(plugin).getters[kind, by].method


async def with_records(page: Page, change: Callable[[Record], None]) -> Page:
    """A page whose records are changed."""
    records, page.problems = read_page(page)
    for record in records:
        change(record)
    page.records = records
    return page


async def drops_rows(method: Method, provider: Any, request: Any) -> Page:
    page = await method(provider, request)
    records, page.problems = read_page(page)
    page.records = [record for record in records if sum(record.native_id.encode()) % 9]
    return page


async def turns_signs(method: Method, provider: Any, request: Any) -> Page:
    def turn(record: Record) -> None:
        for name in ("cost", "amount"):
            money = getattr(record, name, None)
            if money is not None:
                setattr(record, name, Money(amount=-money.amount, currency=money.currency))

    return await with_records(await method(provider, request), turn)


async def shifts_times(method: Method, provider: Any, request: Any) -> Page:
    def shift(record: Record) -> None:
        name = record.time_field or ""
        setattr(record, name, getattr(record, name) + timedelta(hours=1))

    return await with_records(await method(provider, request), shift)


async def confuses_parents(method: Method, provider: Any, request: Any) -> Page:
    def confuse(record: Record) -> None:
        record.refs = {**record.refs, "session": record.native_id}

    return await with_records(await method(provider, request), confuse)


async def shortens_ids(method: Method, provider: Any, request: Any) -> Page:
    def shorten(record: Record) -> None:
        record.native_id = record.native_id[:-1]

    return await with_records(await method(provider, request), shorten)


async def never_follows(method: Method, provider: Any, request: ListRequest) -> Page:
    return await method(provider, replace(request, offset=0))


async def drops_links(method: Method, provider: Any, request: ListRequest) -> Page:
    page = await method(provider, request)
    page.next = None
    return page


async def keeps_half(method: Method, provider: Any, request: Any) -> Page:
    page = await method(provider, request)
    records, page.problems = read_page(page)
    page.records = records[: len(records) // 2]
    return page


async def narrows_bounds(method: Method, provider: Any, request: ListRequest) -> Page:
    return await method(provider, replace(request, since=request.since and request.since + timedelta(hours=1)))


async def loses_words(method: Method, provider: Any, request: ListRequest) -> Page:
    return await method(provider, replace(request, filter={name: first_of(value) for name, value in request.filter.items()}))


def first_of(value: Any) -> Any:
    """A list's first word; anything else as it is."""
    return value[:1] if isinstance(value, list) else value


async def miscounts(method: Method, provider: Any, request: Any) -> Page:
    page = await method(provider, request)
    page.total = None if page.total is None else page.read
    return page


def names(mutants: Sequence[Mutant]) -> list[str]:
    """The plugins of mutants."""
    return [each.plugin.plugin for each in mutants]
