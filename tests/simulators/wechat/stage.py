"""What all parts of the platform share: clock, HTTP client, faults, ids, and the books."""

import asyncio
import itertools
import secrets
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.simulators.wechat.clock import PlatformClock
from tests.simulators.wechat.faults import Faults
from tests.simulators.wechat.records import Call

FIRST_MESSAGE_ID = 24_539_988_887_000_000
"""64-bit and beyond what a double holds exactly, as real ids are."""


@dataclass
class Stage:
    clock: PlatformClock
    http: aiohttp.ClientSession
    push_deadline: float
    push_tries: int
    retry_pause: float
    faults: Faults = field(default_factory=Faults)
    calls: list[Call] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    """Everything a receiver did that the platform does not allow, in words."""
    root: str = ""
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    video_as_url: bool = False
    _message_ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(FIRST_MESSAGE_ID))
    _shown: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    def now(self) -> float:
        return self.clock.now()

    def date(self) -> int:
        """What is written on pushes and items, in unix seconds."""
        return int(self.clock.dated())

    def new_message_id(self) -> int:
        return next(self._message_ids)

    def new_index(self) -> int:
        return next(self._shown)

    def new_nonce(self) -> str:
        return str(secrets.randbelow(10**10))

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run ``work`` beside; it is cancelled when the platform closes."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        self.closing.set()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.http.close()
