"""What has to be looked after although nobody asks: consents that run out, tokens that must not, notes that are over."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence

import structlog

from yizhan.channels.contract import SendError
from yizhan.channels.ecommerce.consent_state import ConsentState, state_of
from yizhan.channels.ecommerce.notes import BuyerNotes
from yizhan.channels.ecommerce.platform import CHANNEL, Consented
from yizhan.channels.ecommerce.shops import Shop, Shops
from yizhan.channels.store import erasure_requests, grants as store
from yizhan.channels.store.grants import GrantRow
from yizhan.channels.tokens import TokenManager
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreError

log = structlog.get_logger(__name__)

LOOK_SECONDS = 60.0
KEEP_ALIVE_EVERY = 60
FORGET_EVERY = 60
"""Looks between two times: once an hour."""


class Upkeep:
    """``run`` belongs beside the channel for as long as the process lives."""

    def __init__(
        self,
        database: Database,
        shops: Shops,
        tokens: TokenManager,
        notes: BuyerNotes,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._database = database
        self._shops = shops
        self._tokens = tokens
        self._notes = notes
        self._clock = clock
        self._oldest_request = metrics.gauge(
            "yizhan_erasure_request_age_seconds",
            "How long the oldest request of a platform to erase somebody waits.",
            ("channel",),
        ).labels(CHANNEL)
        self._consents = metrics.gauge(
            "yizhan_shop_consents", "Shops by how it stands with the consent of their seller.", ("platform", "state")
        )

    async def run(self) -> None:
        turn = 0
        while True:
            try:
                await self._look(keep_alive=turn % KEEP_ALIVE_EVERY == 0)
                await self._look_at_requests()
                if turn % FORGET_EVERY == 0:
                    await self._notes.forget()
            except StoreError as error:
                log.warning("ecommerce_upkeep_waits", error=type(error).__name__)
            turn += 1
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self, *, keep_alive: bool) -> None:
        shops = [shop for shop in self._shops.all() if isinstance(shop.platform, Consented)]
        rows = await store.read_all(self._database, CHANNEL) if shops else {}
        self._show(shops, rows)
        if keep_alive:
            for shop in shops:
                await self._keep_alive(shop, rows.get(shop.account.id))

    async def _look_at_requests(self) -> None:
        oldest = await erasure_requests.oldest(self._database)
        age = 0.0 if oldest is None else (self._clock() - oldest).total_seconds()
        self._oldest_request.set(max(0.0, age))

    def _show(self, shops: Sequence[Shop], rows: Mapping[str, GrantRow]) -> None:
        now = self._clock()
        counted = Counter((shop.kind.key, state_of(rows.get(shop.account.id), now)) for shop in shops)
        for platform in {shop.kind.key for shop in shops}:
            for state in ConsentState:
                self._consents.labels(platform, state).set(counted[platform, state])

    async def _keep_alive(self, shop: Shop, row: GrantRow | None) -> None:
        """A shop where nobody writes for weeks would lose a consent that lives from being renewed."""
        if row is None or row.refused_at is not None:
            return
        try:
            await self._tokens.get(shop.account.id)
        except SendError as error:
            log.warning("consent_not_kept_alive", account=shop.account.id, error=type(error).__name__)
