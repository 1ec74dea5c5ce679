"""Carrying pushes to us: a deadline, tries, copies, and what we answered."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import aiohttp
from yarl import URL


@dataclass(frozen=True, slots=True)
class Attempt:
    """One delivery of a push. ``status`` is 0 when no answer came in time."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def taken(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Envelope:
    """What one attempt posts; made anew for each, as vendors sign each try anew."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


Seal = Callable[[], Envelope]


class Courier:
    """Delivers pushes. ``deadline`` in seconds for each attempt; ``tries`` in all, with ``pause`` seconds between."""

    def __init__(
        self, http: aiohttp.ClientSession, *, deadline: float = 20.0, tries: int = 1, pause: float = 0.0
    ) -> None:
        self._http = http
        self.deadline = deadline
        self.tries = tries
        self.pause = pause
        self.attempts: list[Attempt] = []
        """Every attempt, oldest first."""

    async def once(self, url: str, seal: Seal, *, within: float | None = None) -> Attempt:
        """One attempt, given up after ``within`` seconds."""
        envelope = seal()
        limit = self.deadline if within is None else min(within, self.deadline)
        target = URL(url).extend_query(dict(envelope.query))
        try:
            async with (
                asyncio.timeout(limit),
                self._http.post(target, data=envelope.body, headers=envelope.headers, allow_redirects=False) as answer,
            ):
                attempt = Attempt(answer.status, await answer.text(errors="replace"), dict(answer.headers))
        except (TimeoutError, aiohttp.ClientError, OSError):
            attempt = Attempt(0)
        self.attempts.append(attempt)
        return attempt

    async def carry(self, url: str, seal: Seal, *, copies: int = 1) -> Attempt:
        """As often as it takes to be taken, at most ``tries`` times; ``copies`` of it side by side. The last attempt."""
        carried = await asyncio.gather(*(self._tried(url, seal) for _ in range(copies)))
        return carried[-1]

    async def in_order(self, url: str, seals: Sequence[Seal], order: Sequence[int]) -> list[Attempt]:
        """Several pushes, in an order other than they were made in."""
        return [await self.carry(url, seals[place]) for place in order]

    async def _tried(self, url: str, seal: Seal) -> Attempt:
        attempt = await self.once(url, seal)
        for _ in range(self.tries - 1):
            if attempt.taken:
                break
            await asyncio.sleep(self.pause)
            attempt = await self.once(url, seal)
        return attempt
