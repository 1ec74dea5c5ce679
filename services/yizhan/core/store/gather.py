"""Many small writes as few transactions: what comes while one is under way goes together in the next."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from yizhan.core.store.errors import StoreError

Item = TypeVar("Item")
Result = TypeVar("Result")

MOST = 500


@dataclass(slots=True, eq=False)
class _Entry(Generic[Item, Result]):
    item: Item
    results: list[Result] = field(default_factory=list)
    error: StoreError | None = None

    @property
    def done(self) -> bool:
        return bool(self.results) or self.error is not None


class Gather(Generic[Item, Result]):
    """``write`` takes items and gives a result for each, in order; all or nothing. It must bear being given an item again.

    There is no task behind it: whoever comes first writes for all who wait. When that one is cancelled, the next writes.
    """

    def __init__(self, write: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]], *, most: int = MOST) -> None:
        self._write = write
        self._most = most
        self._waiting: list[_Entry[Item, Result]] = []
        self._turn = asyncio.Lock()

    async def add(self, item: Item) -> Result:
        """Returns once the item is written. Raises what ``write`` raised."""
        entry: _Entry[Item, Result] = _Entry(item)
        self._waiting.append(entry)
        try:
            while not entry.done:
                async with self._turn:
                    if not entry.done:
                        await self._write_waiting()
        finally:
            if entry in self._waiting:
                self._waiting.remove(entry)
        if entry.error is not None:
            raise entry.error
        return entry.results[0]

    async def _write_waiting(self) -> None:
        batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        try:
            results = await self._write([entry.item for entry in batch])
        except StoreError as error:
            for entry in batch:
                entry.error = error
        except BaseException:
            # Cancelled, or a mistake: it concerns who writes; the others write theirs again.
            self._waiting = batch + self._waiting
            raise
        else:
            for entry, result in zip(batch, results, strict=True):
                entry.results.append(result)
