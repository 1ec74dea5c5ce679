"""Shops' platforms as one channel; which platform an account is on, its settings say."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

import structlog
from aiohttp import web

from yizhan.channels.contract import (
    Abilities,
    Call,
    CallRefused,
    Fact,
    NotAccepted,
    Pulled,
    Push,
    RetryLater,
    SendError,
    Sent,
    TokenExpired,
)
from yizhan.channels.ecommerce.order_shown import ShownOrders
from yizhan.channels.ecommerce.platform import CHANNEL, Asked
from yizhan.channels.ecommerce.shops import Shop, Shops
from yizhan.channels.tokens import TokenManager
from yizhan.core.messages.content import Text
from yizhan.core.messages.message import Message

log = structlog.get_logger(__name__)

PATH = "/ecommerce/{platform}/{account}"
LEAST = Abilities(kinds=frozenset({Text}), max_text=500)
"""Of an account that is not known."""

REFUSED_AFTER = 5.0
REFUSED_SOURCE_AFTER = 300.0
_BETWEEN = "/"
"""Between an account and its platform's own name of a source: accounts' ids have none."""

T = TypeVar("T")


class EcommerceChannel:
    """Both directions of every shop."""

    def __init__(self, shops: Shops, tokens: TokenManager, shown: ShownOrders) -> None:
        self._shops = shops
        self._tokens = tokens
        self._shown = shown

    @property
    def name(self) -> str:
        return CHANNEL

    def abilities(self, account: str) -> Abilities:
        shop = self._shops.get(account)
        return LEAST if shop is None else shop.platform.abilities(shop.settings)

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        return ()

    # --- pushes ---

    def webhooks(self) -> Sequence[tuple[str, str]]:
        return (("GET", PATH), ("POST", PATH))

    async def receive(self, call: Call) -> Push:
        shop = self._shops.at(call.platform, call.account)
        if shop is None:
            raise CallRefused(404, "unknown_account")
        try:
            push = await shop.platform.receive(shop.account, call)
        except SendError as error:
            raise _come_again(error, shop) from None
        await self._shown.heard(push.facts)
        return push if push.finish is None else replace(push, finish=partial(self._finished, push.finish, shop))

    # --- messages to buyers ---

    async def send(self, message: Message, part: int) -> Sent:
        shop = self._shops.wanted(message.address.account)
        return await shop.platform.send(shop.account, message, part)

    async def renew(self, account: str, token: str) -> None:
        await self._tokens.renew(account, token)

    # --- what has to be asked for ---

    def sources(self) -> frozenset[str]:
        return frozenset(
            f"{shop.account.id}{_BETWEEN}{source}"
            for shop in self._shops.all()
            if isinstance(shop.platform, Asked)
            for source in shop.platform.sources(shop.account)
        )

    async def pull(self, source: str) -> Pulled:
        account, _, own = source.partition(_BETWEEN)
        shop = self._shops.get(account)
        if shop is None or not isinstance(shop.platform, Asked):
            raise RetryLater(5.0)  # it went away while it was being asked
        platform = shop.platform
        try:
            pulled = await self._asked(shop, lambda: platform.pull(shop.account, own))
        except RetryLater:
            raise
        except SendError as error:
            log.warning("source_refused", platform=shop.kind.key, account=account, error=type(error).__name__)
            raise RetryLater(REFUSED_SOURCE_AFTER) from None
        await self._shown.heard(pulled.facts)
        return pulled

    async def _finished(self, finish: Callable[[], Awaitable[tuple[Fact, ...]]], shop: Shop) -> tuple[Fact, ...]:
        try:
            facts = await self._asked(shop, finish)
        except SendError as error:
            raise _come_again(error, shop) from None
        await self._shown.heard(facts)
        return facts

    async def _asked(self, shop: Shop, work: Callable[[], Awaitable[T]]) -> T:
        """Once more with a new token, where the platform wants one. Raises a SendError."""
        try:
            return await work()
        except TokenExpired as error:
            await self._tokens.renew(shop.account.id, error.token)
            return await work()


def _come_again(error: SendError, shop: Shop) -> NotAccepted:
    """A push that needs what cannot be had now (a token, the notes about a buyer): the platform comes again."""
    after = error.after if isinstance(error, RetryLater) else REFUSED_AFTER
    log.warning("push_waits", platform=shop.kind.key, account=shop.account.id, error=type(error).__name__)
    return NotAccepted(after)
