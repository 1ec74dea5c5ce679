"""Access tokens as the database keeps them: sealed, with a lease that lets one replica at a time fetch a new one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from pydantic import BaseModel, ValidationError

from yizhan.channels.contract import RetryLater
from yizhan.channels.store.tokens import (
    TokenRow,
    delete_token,
    keep_token,
    lock_token,
    note_token,
    put_token,
    release_lease,
    take_lease,
)
from yizhan.core.messages.moment import Moment
from yizhan.core.runtime.clock import Clock
from yizhan.core.security.sealing import Sealer, Unsealable
from yizhan.core.store.database import Database, Transaction
from yizhan.core.store.errors import StoreError

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=15)
"""Longer than a call for a token may take; the lease of a replica that died lapses after it."""


Along = Callable[[Transaction], Awaitable[None]]
"""What must be kept with a token or not at all: what the next one will be had for."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A token. ``identity`` is what it belongs to, ``forced_at`` when a new one was forced in the last 24 hours."""

    token: str = field(repr=False)
    identity: str
    expires_at: datetime
    forced_at: tuple[datetime, ...] = ()
    along: Along | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Turn:
    """What to do now. ``good``: the kept token serves. ``mine``: this replica is to fetch one. Neither: another is at it."""

    kept: Kept | None
    good: bool = False
    mine: bool = False


class _Record(BaseModel):
    """What is sealed."""

    token: str
    identity: str
    forced_at: tuple[Moment, ...] = ()


class TokenShelf:
    """The kept tokens of one channel. ``holder`` is this replica's id, another one for each."""

    def __init__(self, database: Database, channel: str, sealer: Sealer, clock: Clock, holder: str) -> None:
        self._database = database
        self._sealer = sealer
        self._holder = holder
        self.channel = channel
        self.clock = clock

    async def turn(self, account: str, identity: str, accept: Callable[[Kept], bool]) -> Turn:
        """Look what is kept; where ``accept`` does not take it, take the lease if it is free. Raises RetryLater."""
        now = self.clock()
        try:
            async with self._database.begin() as tx:
                row = await lock_token(tx, self.channel, account)
                kept = self._opened(account, identity, row)
                if kept is not None and accept(kept):
                    return Turn(kept, good=True)
                if self._taken(row, now):
                    return Turn(kept)
                await take_lease(tx, self.channel, account, self._holder, now + LEASE)
                return Turn(kept, mine=True)
        except StoreError as error:
            raise self._away("tokens_unavailable", account, error) from None

    async def note(self, account: str, kept: Kept) -> None:
        """Put down what must not be forgotten before the next call; the lease goes on.

        Raises RetryLater, also when the lease has become another's: then the call must not be made.
        """
        until = self.clock() + LEASE
        try:
            async with self._database.begin() as tx:
                if not await note_token(tx, self.channel, account, self._holder, self._sealed(kept), until):
                    raise RetryLater
        except StoreError as error:
            raise self._away("token_not_noted", account, error) from None

    async def keep(self, account: str, kept: Kept) -> None:
        """Keep a fetched token and end the lease, with what goes along in the same transaction.

        Where that fails the token still serves this process, and nothing is raised; unless something was to go along:
        then the token must not be used yet. Raises RetryLater.
        """
        try:
            async with self._database.begin() as tx:
                await keep_token(tx, self.channel, account, self._holder, self._sealed(kept), kept.expires_at)
                if kept.along is not None:
                    await kept.along(tx)
        except StoreError as error:
            away = self._away("token_not_kept", account, error)
            if kept.along is not None:
                raise away from None

    async def put(self, account: str, kept: Kept) -> None:
        """A token that was not asked for by way of ``turn``: whoever is fetching one is too late. Raises StoreError."""
        async with self._database.begin() as tx:
            await put_token(tx, self.channel, account, self._sealed(kept), kept.expires_at)
            if kept.along is not None:
                await kept.along(tx)

    async def release(self, account: str) -> None:
        """End the lease with nothing fetched. Where that fails it lapses: nothing is raised."""
        try:
            async with self._database.begin() as tx:
                await release_lease(tx, self.channel, account, self._holder)
        except StoreError as error:
            self._away("token_lease_not_released", account, error)

    async def remove(self, account: str) -> None:
        """Raises StoreError."""
        async with self._database.begin() as tx:
            await delete_token(tx, self.channel, account)

    def _taken(self, row: TokenRow, now: datetime) -> bool:
        """Whether another replica is fetching. A lease far in the future is of a clock that is wrong, and not believed."""
        if row.lease_until is None or row.lease_holder == self._holder:
            return False
        return now < row.lease_until <= now + 2 * LEASE

    def _sealed(self, kept: Kept) -> bytes:
        record = _Record(token=kept.token, identity=kept.identity, forced_at=kept.forced_at)
        return self._sealer.seal(record.model_dump_json())

    def _opened(self, account: str, identity: str, row: TokenRow) -> Kept | None:
        """What the row holds, if it belongs to what the account is now."""
        if row.token is None or row.expires_at is None:
            return None
        try:
            record = _Record.model_validate_json(self._sealer.open(row.token))
        except (Unsealable, ValidationError):
            log.warning("token_unreadable", channel=self.channel, account=account)
            return None
        if record.identity != identity:
            return None
        return Kept(record.token, record.identity, row.expires_at, record.forced_at)

    def _away(self, event: str, account: str, error: StoreError) -> RetryLater:
        log.warning(event, channel=self.channel, account=account, error=type(error).__name__)
        return RetryLater()
