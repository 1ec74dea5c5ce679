"""Looks orders of a conversation's buyer up on the platform of its account, and tells them to nobody else."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from yizhan.channels.accounts import Account
from yizhan.channels.contract import RetryLater, TokenExpired
from yizhan.channels.ecommerce.order_owner import told_to
from yizhan.channels.ecommerce.order_shown import NOTE
from yizhan.channels.ecommerce.platform import CHANNEL, HasOrders, ListsOrders, Notes, ShopOrder
from yizhan.core.messages.address import Address

BUYER_NOTE = "buyer"
"""Under this name platforms note a buyer's id among orders, where conversations have another."""
MOST_LISTED = 20
T = TypeVar("T")


class OpenShop(Protocol):
    """An account with its platform."""

    @property
    def account(self) -> Account[Any]: ...

    @property
    def platform(self) -> Any: ...


class FindsShops(Protocol):
    def get(self, account: str) -> OpenShop | None: ...


class Renew(Protocol):
    async def __call__(self, account: str, failed_token: str) -> None:
        """See that there is another token. Raises Refused and RetryLater."""


class NoOrders(Exception):
    """The conversation's account is on no platform whose orders can be looked up."""


class NumberNeeded(Exception):
    """Its platform finds no orders by their buyer, and the buyer showed none."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: their ids on the platform's side, the surest first, and a telephone number that they named."""

    buyers: tuple[str, ...]
    phone: str
    shown: str
    own_ids: bool


@dataclass(frozen=True, slots=True)
class Lookups:
    shops: FindsShops
    notes: Notes
    renew: Renew

    async def get(self, address: Address, order_id: str, phone: str, locale: str) -> ShopOrder | None:
        """None: there is none, or it is somebody else's. Raises NoOrders and what ``HasOrders.order`` raises."""
        shop, asker = await self._opened(address, phone)
        order = await self._asked(shop, lambda: shop.platform.order(shop.account, order_id, locale))
        return order if order is not None and _may(order, asker) else None

    async def find(self, address: Address, phone: str, locale: str, limit: int) -> Sequence[ShopOrder]:
        """The one that the buyer showed last; else theirs, newest first. Raises NoOrders, NumberNeeded, and as ``get``."""
        shop, asker = await self._opened(address, phone)
        if asker.shown:
            order = await self._asked(shop, lambda: shop.platform.order(shop.account, asker.shown, locale))
            if order is not None and _may(order, asker):
                return (order,)
        if not isinstance(shop.platform, ListsOrders):
            raise NumberNeeded
        buyer, most = asker.buyers[0], max(1, min(limit or MOST_LISTED, MOST_LISTED))
        found = await self._asked(shop, lambda: shop.platform.orders(shop.account, buyer, locale, most))
        theirs = [order for order in found if order.buyer and order.buyer in asker.buyers]
        if not theirs and not asker.own_ids:
            raise NumberNeeded  # the platform may know this buyer by another name
        return theirs[:most]

    async def _opened(self, address: Address, phone: str) -> tuple[OpenShop, Asker]:
        own = self.shops.get(address.account) if address.channel == CHANNEL else None
        if own is None or own.account.workspace != address.workspace:
            raise NoOrders
        shop = self._with_orders(own)
        known = await self.notes.known(address)
        buyers = tuple(dict.fromkeys(one for one in (known.get(BUYER_NOTE, ""), address.customer) if one))
        return shop, Asker(buyers, phone, known.get(NOTE, ""), own_ids=shop is own)

    def _with_orders(self, own: OpenShop) -> OpenShop:
        """The account itself, or the one of the same workspace that it names for orders."""
        if isinstance(own.platform, HasOrders):
            return own
        named = getattr(own.account.settings, "orders", "")
        other = self.shops.get(named) if named else None
        if other is None or other.account.workspace != own.account.workspace:
            raise NoOrders
        if not isinstance(other.platform, HasOrders):
            raise NoOrders
        return other

    async def _asked(self, shop: OpenShop, call: Callable[[], Awaitable[T]]) -> T:
        """Once more with a new token, where the platform wants one."""
        try:
            return await call()
        except TokenExpired as error:
            await self.renew(shop.account.id, error.token)
            return await call()


def _may(order: ShopOrder, asker: Asker) -> bool:
    buyers: Collection[str] = asker.buyers
    return told_to(order, buyers, asker.phone, own_ids=asker.own_ids)


async def within(seconds: float, at_once: asyncio.Semaphore, call: Callable[[], Awaitable[T]]) -> T:
    """The call, so many at a time, waiting included. Raises RetryLater when it takes longer."""
    try:
        async with asyncio.timeout(seconds), at_once:
            return await call()
    except TimeoutError:
        raise RetryLater from None
