"""Registering a business's own systems, and their tokens: made here, shown once, kept as digests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from yizhan.core.runtime.clock import Clock
from yizhan.core.security.bearers import bearer_digest, new_bearer
from yizhan.core.store.database import Database, Transaction
from yizhan.core.store.errors import IntegrityConflict
from yizhan.routing import store
from yizhan.routing.store import systems, webhooks
from yizhan.routing.store.systems import REMOVED, ROTATED, Registered, StoredToken
from yizhan.routing.store.webhooks import Webhook

PREFIX: Final = "yzs"
LONGEST_NAME: Final = 64


class SystemRefused(Exception):
    """What was asked cannot be done. ``code`` is for programs: name_invalid, system_exists, unknown_system, …"""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Shown:
    """A system as an operator sees it: its tokens, the newest first, and how many kept events its webhook has not taken."""

    system: Registered
    tokens: Sequence[StoredToken]
    webhook: Webhook | None = None
    waiting: int = 0


class SystemRegistry:
    """Of one workspace."""

    def __init__(self, database: Database, workspace: str, clock: Clock) -> None:
        self._database = database
        self._workspace = workspace
        self._clock = clock

    async def add(self, name: str, agents: frozenset[str], expires_in: timedelta | None) -> str:
        """Register a system for these agents (none: all of the workspace); its token. Raises SystemRefused."""
        if not 0 < len(name) <= LONGEST_NAME or not name.isprintable() or name != name.strip():
            raise SystemRefused("name_invalid", f"1 to {LONGEST_NAME} characters")
        system = Registered(self._workspace, name, agents, not agents, self._clock())
        try:
            async with self._database.begin() as tx:
                await systems.insert_registered(tx, system)
                return await self._new_token(tx, name, expires_in)
        except IntegrityConflict as error:
            raise SystemRefused("system_exists", name) from error

    async def rotate(self, name: str, expires_in: timedelta | None, overlap: timedelta) -> str:
        """A new token; older ones open as before for ``overlap`` more. Raises SystemRefused."""
        async with self._database.begin() as tx:
            await self._known(tx, name)
            await systems.end_tokens(tx, self._workspace, name, self._clock() + overlap, ROTATED)
            return await self._new_token(tx, name, expires_in)

    async def remove(self, name: str) -> None:
        """Its tokens open nothing from now on, its streams end, and what was kept for it is gone. Raises SystemRefused."""
        async with self._database.begin() as tx:
            await store.lock_desk(tx, self._workspace)
            await self._known(tx, name)
            await systems.end_tokens(tx, self._workspace, name, self._clock(), REMOVED)
            await systems.remove_registered(tx, self._workspace, name)

    async def list(self) -> Sequence[Shown]:
        async with self._database.read() as tx:
            found = await systems.list_registered(tx, self._workspace)
            told = {
                (one.workspace, one.system): (one, waiting)
                for one, waiting in await webhooks.list_webhooks(tx, self._workspace)
            }
            return [
                Shown(
                    one,
                    await systems.tokens_of(tx, self._workspace, one.name),
                    *told.get((one.workspace, one.name), (None, 0)),
                )
                for one in found
            ]

    async def _new_token(self, tx: Transaction, name: str, expires_in: timedelta | None) -> str:
        token, now = new_bearer(PREFIX), self._clock()
        digest = bearer_digest(token)
        if digest is None:
            raise AssertionError("our own tokens look like tokens")
        kept = StoredToken(digest, self._workspace, name, now, now + expires_in if expires_in else None)
        await systems.insert_token(tx, kept)
        return token

    async def _known(self, tx: Transaction, name: str) -> Registered:
        system = await systems.load_registered(tx, self._workspace, name)
        if system is None:
            raise SystemRefused("unknown_system", name)
        return system
