"""Passwords: Argon2id in threads, a few at a time, so that a rush of sign-ins neither stalls the loop nor eats the memory."""

import asyncio
import unicodedata
from collections.abc import Callable
from typing import TypeVar

import structlog
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

MAX_PASSWORD_CHARS = 256
"""Longer input is refused unread: hashing it would be work done for an attacker."""

log = structlog.get_logger(__name__)
T = TypeVar("T")


class PasswordsBusy(Exception):
    """More sign-ins wait than can be handled in time; trying again in a moment is right."""


class Passwords:
    """Hashes and checks passwords; at most ``concurrency`` at a time, each waiting at most ``wait_seconds`` for its turn."""

    def __init__(
        self,
        *,
        concurrency: int = 2,
        wait_seconds: float = 10.0,
        time_cost: int = 2,
        memory_kib: int = 19_456,
        parallelism: int = 1,
    ) -> None:
        self._hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=parallelism)
        self._turns = asyncio.Semaphore(concurrency)
        self._wait_seconds = wait_seconds
        self._decoy: str | None = None

    async def hash(self, password: str) -> str:
        """The hash to store, with its parameters and salt inside. Raises ValueError for an empty or overlong password."""
        if not 0 < len(password) <= MAX_PASSWORD_CHARS:
            raise ValueError(f"a password has 1 to {MAX_PASSWORD_CHARS} characters")
        return await self._in_turn(lambda: self._hasher.hash(_normal(password)))

    async def verify(self, stored: str, password: str) -> bool:
        """Whether the password belongs to the stored hash. A hash that cannot be read matches nothing."""
        if len(password) > MAX_PASSWORD_CHARS:
            return False
        return await self._in_turn(lambda: self._matches(stored, password))

    async def reject(self, password: str) -> bool:
        """Always False, in the time ``verify`` takes: for unknown names, so that time does not tell which names exist."""
        if self._decoy is None:
            self._decoy = await self.hash("nobody has this password")
        await self.verify(self._decoy, password)
        return False

    def needs_rehash(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's; hash the password anew at the next sign-in."""
        try:
            return self._hasher.check_needs_rehash(stored)
        except InvalidHashError:
            return True

    def _matches(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, _normal(password))
        except VerifyMismatchError:
            return False
        except (VerificationError, InvalidHashError):
            log.exception("password_hash_unreadable")
            return False

    async def _in_turn(self, work: Callable[[], T]) -> T:
        """Run ``work`` in a thread. The turn ends with the thread, also when the one who asked has gone away."""
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._turns.acquire()
        except TimeoutError as error:
            raise PasswordsBusy from error
        running = asyncio.get_running_loop().run_in_executor(None, work)
        running.add_done_callback(lambda _: self._turns.release())
        return await asyncio.shield(running)


def _normal(password: str) -> bytes:
    """The same password typed on another keyboard: composed characters, whichever way they were entered.

    A lone surrogate (possible in JSON) is no character; it is encoded as it is, so that it simply does not match.
    """
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
