"""Sellers' consents: kept sealed, renewed by one replica at a time, and what is to be said when they run out.

Where a platform gives a new refresh token with each renewal, the old one is over: what came is stored in the transaction
that ends the lease, before anybody uses the new access token. Where that transaction fails it is remembered here and
stored with the next try. A process that dies before it leaves the old one, which is then tried again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from pydantic import BaseModel, ValidationError

from yizhan.channels.contract import RetryLater
from yizhan.channels.ecommerce.platform import CHANNEL, Consented, Grant
from yizhan.channels.ecommerce.shops import Shop
from yizhan.channels.store import grants as store
from yizhan.channels.store.grants import GrantRow
from yizhan.channels.tokens import Fetched, TokenRefused
from yizhan.core.runtime.clock import Clock
from yizhan.core.security.sealing import Sealer, Unsealable
from yizhan.core.store.database import Database, Transaction
from yizhan.core.store.errors import StoreError

log = structlog.get_logger(__name__)

PURPOSE = "ecommerce-grants"
TRY_AGAIN = timedelta(minutes=10)
"""A grant that was refused is asked for again after this: the reason may have been the app's, and be mended."""
WORTH_USING = 60.0
"""Seconds that a stored token must still live."""

NO_CONSENT = "no_consent"
CONSENT_OVER = "consent_over"


class _Record(BaseModel):
    """What is sealed."""

    platform: str
    access: str
    refresh: str
    facts: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Held:
    """A grant as it is kept; ``grant.expires_in`` says nothing any more."""

    grant: Grant
    version: int
    ends_at: datetime | None
    refused_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Unstored:
    """What a renewal of ``version`` gave, and perhaps nobody has written down yet."""

    version: int
    grant: Grant
    at: datetime
    ends_at: datetime | None


class Grants:
    """The grants of every shop."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._unstored: dict[str, _Unstored] = {}

    async def renewed(self, shop: Shop, platform: Consented[Any]) -> Fetched:
        """A new access token, with what must be kept along. Raises TokenRefused, Refused and RetryLater."""
        account = shop.account.id
        held = await self.held(shop)
        if held is None:
            raise TokenRefused(NO_CONSENT, "the seller has not consented yet")
        unstored = self._of(account, held.version)
        if unstored is None:
            unstored = await self._asked(shop, platform, held)
            self._unstored[account] = unstored
        lived = (self._clock() - unstored.at).total_seconds()
        return Fetched(unstored.grant.access, unstored.grant.expires_in - lived, partial(self._keep, shop, unstored))

    def consented(self, shop: Shop, grant: Grant) -> Fetched:
        """What the seller's consent gave, to be kept."""
        return Fetched(grant.access, grant.expires_in, partial(self._put, shop, grant))

    async def held(self, shop: Shop) -> Held | None:
        """What is kept of a shop; None: nothing, or nothing that can be read. Raises RetryLater."""
        try:
            row = await store.read(self._database, CHANNEL, shop.account.id)
        except StoreError as error:
            log.warning("grant_not_read", account=shop.account.id, error=type(error).__name__)
            raise RetryLater from None
        return None if row is None else self._opened(shop, row)

    def _of(self, account: str, version: int) -> _Unstored | None:
        """What is still to be stored, if it is worth using; as long as nobody else has written anything."""
        unstored = self._unstored.get(account)
        if unstored is None or unstored.version != version:
            self._unstored.pop(account, None)
            return None
        lived = (self._clock() - unstored.at).total_seconds()
        return unstored if unstored.grant.expires_in - lived > WORTH_USING else None

    async def _asked(self, shop: Shop, platform: Consented[Any], held: Held) -> _Unstored:
        account, now = shop.account.id, self._clock()
        before = self._unstored.pop(account, None)
        grant, ends_at = (before.grant, before.ends_at) if before else (held.grant, held.ends_at)
        if held.refused_at is not None and now - held.refused_at < TRY_AGAIN and before is None:
            raise TokenRefused(CONSENT_OVER, "the seller must consent again")
        try:
            if not grant.refresh:
                raise TokenRefused(CONSENT_OVER, "this consent cannot be renewed; the seller must consent again")
            new = await platform.renewed(shop.account, grant)
        except TokenRefused:
            await self._refuse(account, held.version, now)
            raise
        except BaseException:
            if before is not None:
                self._unstored[account] = before
            raise
        if not new.refresh:  # this platform's lasts
            new = replace(new, refresh=grant.refresh)
        elif new.refresh_expires_in is not None:
            ends_at = now + timedelta(seconds=new.refresh_expires_in)
        elif new.refresh != grant.refresh:
            ends_at = None
        return _Unstored(held.version, replace(new, facts=new.facts or grant.facts), now, ends_at)

    async def _keep(self, shop: Shop, unstored: _Unstored, tx: Transaction) -> None:
        account = shop.account.id
        consent = self._sealed(shop, unstored.grant)
        if not await store.renew(tx, CHANNEL, account, unstored.version, consent, unstored.ends_at):
            log.warning("grant_superseded", account=account)

    async def _put(self, shop: Shop, grant: Grant, tx: Transaction) -> None:
        now = self._clock()
        within = grant.refresh_expires_in if grant.refresh else grant.expires_in
        ends_at = None if within is None else now + timedelta(seconds=within)
        await store.put(tx, CHANNEL, shop.account.id, self._sealed(shop, grant), now, ends_at)

    async def _refuse(self, account: str, version: int, at: datetime) -> None:
        """Nothing is raised where it cannot be written down: the next try hears the same."""
        log.error("consent_is_over", channel=CHANNEL, account=account)
        try:
            async with self._database.begin() as tx:
                await store.refuse(tx, CHANNEL, account, version, at)
        except StoreError as error:
            log.warning("grant_refusal_not_kept", account=account, error=type(error).__name__)

    def _sealed(self, shop: Shop, grant: Grant) -> bytes:
        record = _Record(platform=shop.kind.key, access=grant.access, refresh=grant.refresh, facts=grant.facts)
        return self._sealer.seal(record.model_dump_json())

    def _opened(self, shop: Shop, row: GrantRow) -> Held | None:
        try:
            record = _Record.model_validate_json(self._sealer.open(row.consent))
        except (Unsealable, ValidationError):
            log.warning("grant_unreadable", channel=CHANNEL, account=row.account)
            return None
        if record.platform != shop.kind.key:
            return None
        grant = Grant(record.access, 0.0, record.refresh, facts=record.facts)
        return Held(grant, row.version, row.ends_at, row.refused_at)
