"""Pagers without a provider: answers made by hand, and what was asked for."""

from datetime import datetime
from typing import Any

from telegraphql.gateway.pagination.slice import Slice
from telegraphql.gateway.plugin.provider import ListRequest, Page
from telegraphql.schema.call import Call


def of(*calls: Call, **given: Any) -> Page:
    return Page(**({"records": list(calls), "read": len(calls)} | given))


class Asked:
    """Answers slices, and remembers what was asked."""

    def __init__(self, *answers: Page | Exception) -> None:
        self.answers = list(answers)
        self.asks: list[ListRequest] = []

    async def __call__(self, ask: ListRequest) -> Page:
        self.asks.append(ask)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def bounds(self) -> list[tuple[datetime | None, datetime | None, int]]:
        return [(ask.since, ask.until, ask.offset) for ask in self.asks]


async def read(found: Any) -> list[Slice]:
    return [piece async for piece in found]
