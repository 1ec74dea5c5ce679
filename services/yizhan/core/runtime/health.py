"""Whether a process lives, and whether it can work: ``/healthz`` and ``/readyz``."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from aiohttp import web

from yizhan.core.runtime.clock import Monotonic, monotonic

Check = Callable[[], Awaitable[str | None]]
"""Looks at one thing the process needs. None (or "") is good; text says what is wrong; an exception is wrong too."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Unready:
    """A check that fails, and why: a code or an error's name, never a message that could hold a secret."""

    check: str
    reason: str


class Health:
    """The named checks of a process. Answers are kept for ``keep_seconds``, so that probing costs little."""

    def __init__(self, service: str, *, keep_seconds: float = 1.0, monotonic: Monotonic = monotonic) -> None:
        self.service = service
        self._checks: dict[str, tuple[Check, float]] = {}
        self._keep_seconds = keep_seconds
        self._monotonic = monotonic
        self._stopping = False
        self._lock = asyncio.Lock()
        self._problems: tuple[Unready, ...] = ()
        self._valid_until = float("-inf")
        self._known: tuple[Unready, ...] | None = None

    def add(self, name: str, check: Check, *, within: float = 2.0) -> None:
        """Register a check; one that takes longer than ``within`` seconds fails."""
        if name in self._checks:
            raise ValueError(f"a health check named {name} exists")
        self._checks[name] = (check, within)
        self._valid_until = float("-inf")

    def stopping(self) -> None:
        """From now on not ready: nobody should send new work here."""
        self._stopping = True

    async def problems(self) -> tuple[Unready, ...]:
        """What fails now; empty means ready."""
        if self._stopping:
            return (Unready("process", "stopping"),)
        async with self._lock:
            if self._monotonic() >= self._valid_until:
                results = await asyncio.gather(*(self._run(name) for name in self._checks))
                self._problems = tuple(problem for problem in results if problem is not None)
                self._valid_until = self._monotonic() + self._keep_seconds
                self._tell_change()
            return self._problems

    def routes(self) -> list[web.RouteDef]:
        """``/healthz`` and ``/readyz``."""
        return [web.get("/healthz", self._healthz), web.get("/readyz", self._readyz)]

    async def _run(self, name: str) -> Unready | None:
        check, within = self._checks[name]
        try:
            async with asyncio.timeout(within):
                reason = await check()
        except TimeoutError:
            return Unready(name, "timeout")
        except Exception as error:  # noqa: BLE001 - whatever a check raises, it is a check that fails
            return Unready(name, type(error).__name__)
        return Unready(name, reason) if reason else None

    def _tell_change(self) -> None:
        if self._problems == (self._known or ()):
            return
        self._known = self._problems
        if self._problems:
            log.warning("not_ready", checks=[f"{problem.check}: {problem.reason}" for problem in self._problems])
        else:
            log.info("ready_again")

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok", "service": self.service})

    async def _readyz(self, _request: web.Request) -> web.Response:
        problems = await self.problems()
        body = {
            "ready": not problems,
            "service": self.service,
            "problems": [{"check": problem.check, "reason": problem.reason} for problem in problems],
        }
        return web.json_response(body, status=503 if problems else 200)
