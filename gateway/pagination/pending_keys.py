"""Pending keys: what one loader was asked for, key by key."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from telegraphql.gateway.pagination.provider_faults import fault_of

if TYPE_CHECKING:
    from telegraphql.gateway.pagination.dataloaders import Group, LoaderBatch, LoaderKey


class PendingKeys:
    """Remembers the keys of one loader and their records, so that none is requested twice, be its answer there or under way."""

    def __init__(self, batch: "LoaderBatch") -> None:
        self._batch = batch
        self._asked: dict[str, asyncio.Future[None]] = {}
        self._found: dict[str, Any] = {}

    async def load(self, groups: Sequence["Group"]) -> list[list[Any]]:
        """Return for each group what each of its keys leads to, or the error it met."""
        asked, found = self._asked, self._found
        new = {key.text: key for group in groups for key in group if key.text not in asked}
        if new:
            await self._load(new)
        for each in {asked[key.text] for group in groups for key in group if key.text not in found}:
            await asyncio.shield(each)
        return [[found[key.text] for key in group] for group in groups]

    async def _load(self, new: Mapping[str, "LoaderKey"]) -> None:
        answer = asyncio.get_running_loop().create_future()
        self._asked |= dict.fromkeys(new, answer)
        try:
            self._found |= await self._batch.load(new)
        except Exception as error:  # of each of them, as if it had been asked for alone
            self._found |= dict.fromkeys(new, fault_of(error, self._batch.serving.id))
        except BaseException:
            answer.cancel()
            raise
        answer.set_result(None)
