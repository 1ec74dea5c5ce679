"""Access tokens of a channel's accounts: fetched by one replica at a time, renewed early, and when the platform refuses one.

A send takes its token from memory. What the database keeps is looked at when there is none in memory, when it is about to
expire, and when the platform refused it: then another replica may have renewed it already.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from yizhan.channels.contract import Refusal, Refused, RetryLater, SendError
from yizhan.channels.flights import Flights
from yizhan.channels.token_shelf import Along, Kept, TokenShelf
from yizhan.core.runtime.metrics import Metrics

log = structlog.get_logger(__name__)

EARLY = timedelta(minutes=10)
"""With less life than this left a token is renewed while it is still being used."""
SPREAD = timedelta(minutes=1)
"""Replicas begin as much before or after ``EARLY``, so that not all ask at once."""
AGAIN = timedelta(minutes=1)
"""About how long until the next try when an early renewal brought nothing better."""
FORCE_APART = timedelta(seconds=30)
FORCES_PER_DAY = 20
"""What WeChat allows (reference channels.md A.11); a day is counted as any 24 hours."""
REFUSED_FOR = timedelta(seconds=30)
"""An account that the platform turned away is not asked for again before that."""
FETCH_SECONDS = 12.0
"""Less than a lease."""

_DAY = timedelta(days=1)
_POLL_SECONDS = 0.25
_POLLS = 80  # longer than a lease


@dataclass(frozen=True, slots=True)
class Fetched:
    """A token from the platform; ``expires_in`` is in seconds. ``along`` is kept with it, before it is used."""

    token: str = field(repr=False)
    expires_in: float
    along: Along | None = field(default=None, repr=False, compare=False)


class TokenRefused(Refused):
    """The platform gives this account no token: wrong id or secret, or an address that is not on its list.

    ``text`` is the platform's words; where the address is wrong they name it.
    """

    def __init__(self, code: str, text: str = "") -> None:
        super().__init__(code, text, Refusal.ACCOUNT)


class Fetch(Protocol):
    """Asks the platform for an account's token. Raises TokenRefused, Refused and RetryLater."""

    async def __call__(self, account: str, *, force: bool) -> Fetched:
        """``force``: another token than the present one, where the platform knows how to."""


@dataclass(frozen=True, slots=True)
class _Remembered:
    kept: Kept
    renew_at: datetime


@dataclass(frozen=True, slots=True)
class _Denial:
    code: str
    text: str
    identity: str
    until: datetime


class TokenManager:
    """The tokens of one channel; ``close`` at the end.

    ``identity`` says for an account what a token belongs to (the app's id and secret, hashed, say): with another one what
    is kept is worthless. ``jitter`` gives 0 to 1.
    """

    def __init__(
        self,
        shelf: TokenShelf,
        fetch: Fetch,
        metrics: Metrics,
        *,
        identity: Callable[[str], str] = lambda _account: "",
        jitter: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._shelf = shelf
        self._channel = shelf.channel
        self._clock = shelf.clock
        self._fetch = fetch
        self._identity = identity
        self._jitter = jitter
        self._sleep = sleep
        self._renewals = metrics.counter(
            "yizhan_token_renewals_total", "Access tokens asked for, by what came of it.", ("channel", "outcome")
        )
        self._memory: dict[str, _Remembered] = {}
        self._denials: dict[str, _Denial] = {}
        self._flights: Flights[str] = Flights("token")

    async def get(self, account: str) -> str:
        """A token that should work. Waits for the platform only when there is none.

        Raises TokenRefused, Refused and RetryLater.
        """
        known = self._remembered(account)
        if known is None:
            return await self._joined(account, "")
        if self._clock() >= known.renew_at and not self._flights.flying(account):
            self._flights.start(account, self._renewed_early(account, known.kept))
        return known.kept.token

    async def renew(self, account: str, failed_token: str) -> None:
        """See that ``get`` gives another token than ``failed_token``, which the platform refused. Raises as ``get``."""
        known = self._remembered(account)
        failed = failed_token or (known.kept.token if known else "")
        if known is None or known.kept.token == failed:
            await self._joined(account, failed)

    async def adopt(self, account: str, fetched: Fetched) -> None:
        """A token that came by another way than ``fetch``. Raises StoreError."""
        expires_at = self._clock() + timedelta(seconds=fetched.expires_in)
        kept = Kept(fetched.token, self._identity(account), expires_at, along=fetched.along)
        await self._shelf.put(account, kept)
        self._remember(account, kept)

    async def forget(self, account: str) -> None:
        """The account was removed. Raises StoreError."""
        self._memory.pop(account, None)
        self._denials.pop(account, None)
        await self._shelf.remove(account)

    async def close(self, *, finish_within: float = 0.0) -> None:
        """Stop renewing, once what is under way has had so many seconds. A lease that is held lapses."""
        await self._flights.close(finish_within=finish_within)

    async def _joined(self, account: str, failed: str) -> str:
        """The outcome of the renewal under way, or of a new one. What others began may end with the token that failed."""
        for _ in range(3):
            token = await self._flights.join(account, lambda: self._obtained(account, failed))
            if token != failed:
                return token
        raise RetryLater

    async def _obtained(self, account: str, failed: str) -> str:
        known = self._remembered(account)
        if known is not None and known.kept.token != failed:
            return known.kept.token
        self._check_denial(account)
        for _ in range(_POLLS):
            turn = await self._shelf.turn(
                account,
                self._identity(account),
                lambda kept: kept.token != failed and kept.expires_at > self._clock(),
            )
            if turn.good and turn.kept is not None:
                return self._remember(account, turn.kept)
            if turn.mine:
                return await self._fetched(account, turn.kept, failed)
            await self._sleep(_POLL_SECONDS)
        raise RetryLater

    async def _renewed_early(self, account: str, present: Kept) -> str:
        """Nobody waits for it: what goes wrong is tried again in a while."""
        self._memory[account] = _Remembered(present, self._next_try())
        try:
            turn = await self._shelf.turn(
                account, self._identity(account), lambda kept: kept.expires_at > present.expires_at
            )
            if turn.good and turn.kept is not None:
                return self._remember(account, turn.kept)
            return await self._fetched(account, turn.kept, "") if turn.mine else present.token
        except SendError as error:
            log.warning("token_not_renewed_early", channel=self._channel, account=account, error=type(error).__name__)
            return present.token

    async def _fetched(self, account: str, kept: Kept | None, failed: str) -> str:
        """Ask the platform, forcing it where it gives the very token that failed; keep what it gives."""
        try:
            fetched = await self._ask(account, force=False)
            fetched = replace(fetched, forced_at=kept.forced_at if kept else ())
            if fetched.token == failed:
                forced_at = self._force_allowed(account, fetched.forced_at)
                await self._shelf.note(account, replace(fetched, forced_at=forced_at))
                fetched = replace(await self._ask(account, force=True), forced_at=forced_at)
        except SendError:
            await self._shelf.release(account)
            raise
        await self._shelf.keep(account, fetched)
        return self._remember(account, fetched)

    async def _ask(self, account: str, *, force: bool) -> Kept:
        identity, asked_at = self._identity(account), self._clock()
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                fetched = await self._fetch(account, force=force)
        except TimeoutError:
            self._count("unreachable")
            raise RetryLater from None
        except TokenRefused as error:
            self._count("refused")
            self._denials[account] = _Denial(error.code, error.text, identity, asked_at + REFUSED_FOR)
            log.warning("token_refused", channel=self._channel, account=account, code=error.code, errmsg=error.text)
            raise
        except SendError as error:
            self._count("unreachable" if isinstance(error, RetryLater) else "refused")
            raise
        self._count("forced" if force else "fetched")
        return Kept(fetched.token, identity, asked_at + timedelta(seconds=fetched.expires_in), along=fetched.along)

    def _force_allowed(self, account: str, forced_at: tuple[datetime, ...]) -> tuple[datetime, ...]:
        """When tokens were forced, now included. Raises RetryLater when the platform does not allow it now."""
        now = self._clock()
        recent = tuple(at for at in forced_at if now - at < _DAY)
        if recent and now - recent[-1] < FORCE_APART:
            raise RetryLater((recent[-1] + FORCE_APART - now).total_seconds())
        if len(recent) >= FORCES_PER_DAY:
            log.error("token_forces_spent", channel=self._channel, account=account)
            raise RetryLater((recent[0] + _DAY - now).total_seconds())
        return (*recent, now)

    def _remembered(self, account: str) -> _Remembered | None:
        known = self._memory.get(account)
        if known is None or known.kept.identity != self._identity(account) or self._clock() >= known.kept.expires_at:
            return None
        return known

    def _remember(self, account: str, kept: Kept) -> str:
        spread = (2 * self._jitter() - 1) * SPREAD
        kept = replace(kept, along=None)
        self._memory[account] = _Remembered(kept, max(kept.expires_at - EARLY + spread, self._next_try()))
        self._denials.pop(account, None)
        return kept.token

    def _next_try(self) -> datetime:
        return self._clock() + (0.5 + self._jitter()) * AGAIN

    def _check_denial(self, account: str) -> None:
        denial = self._denials.get(account)
        if denial and denial.identity == self._identity(account) and self._clock() < denial.until:
            raise TokenRefused(denial.code, denial.text)

    def _count(self, outcome: str) -> None:
        self._renewals.labels(self._channel, outcome).inc()
