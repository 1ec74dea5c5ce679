"""Orders of Shopee: looked up by number, with what the carrier says.

The platform finds orders by time, not by buyer, so that a buyer's orders are not listed. What the carrier says is a help:
without it, or without the app's permission for it, the order is told all the same.
"""

from collections.abc import Sequence

import structlog
from pydantic import BaseModel, Field

from yizhan.channels.contract import Refused, SendError
from yizhan.channels.ecommerce.order_answers import Amount, minor
from yizhan.channels.ecommerce.order_status import CANCELLED, UNPAID, status_in
from yizhan.channels.ecommerce.platform import ShopOrder
from yizhan.channels.ecommerce.reading import Id, MaybeId, Seconds, Words, moment
from yizhan.channels.ecommerce.shopee import paths
from yizhan.channels.ecommerce.shopee.api import Api, Call, ShopeeShop
from yizhan.channels.ecommerce.shopee.errors import NOT_FOUND
from yizhan.channels.ecommerce.shopee.order_words import STATUSES
from yizhan.channels.ecommerce.shopee.outgoing import is_order_sn
from yizhan.core.messages.content import GoodsCard, LogisticsCard, LogisticsStep, OrderCard

log = structlog.get_logger(__name__)

FIELDS = "buyer_user_id,buyer_username,item_list,package_list,pay_time,shipping_carrier,cancel_reason,total_amount"
"""What is told only when it is asked for."""

MOST_PARCELS = 5
MOST_STEPS = 20
USUAL = "USD"
"""Where the platform says nothing of the currency."""

NOT_SENT = frozenset({UNPAID, CANCELLED})
"""Phases in which no carrier has anything to say."""


class ImageInfo(BaseModel):
    image_url: str = ""


class Item(BaseModel):
    item_id: MaybeId = ""
    item_name: Words = ""
    model_name: Words = ""
    model_quantity_purchased: int = 1
    model_discounted_price: Amount = ""
    image_info: ImageInfo | None = None


class Package(BaseModel):
    package_number: MaybeId = ""
    shipping_carrier: Words = ""


class Order(BaseModel):
    order_sn: Id
    order_status: str = ""
    buyer_user_id: MaybeId = ""
    create_time: Seconds = 0
    currency: str = ""
    total_amount: Amount = ""
    shipping_carrier: Words = ""
    item_list: tuple[Item, ...] = ()
    package_list: tuple[Package, ...] = ()


class Orders(BaseModel):
    order_list: tuple[Order, ...] = ()


class _Number(BaseModel):
    tracking_number: MaybeId = ""


class Step(BaseModel):
    update_time: Seconds = 0
    description: Words = ""


class Tracking(BaseModel):
    tracking_info: tuple[Step, ...] = Field(default=())


class OrderDesk:
    """Looks orders up, for every shop."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def order(self, shop: ShopeeShop, order_id: str, locale: str) -> ShopOrder | None:
        """None: there is none. Raises RetryLater, Refused and TokenExpired."""
        order_sn = order_id.upper()
        if not is_order_sn(order_sn):
            return None
        query = {"order_sn_list": order_sn, "response_optional_fields": FIELDS}
        try:
            found = await self._api.ask(shop, Call("shopee order", "GET", paths.ORDER, query), Orders)
        except Refused as error:
            if error.code in NOT_FOUND:
                return None
            raise
        order = next((one for one in found.order_list if one.order_sn == order_sn), None)
        return None if order is None else shop_order(order, locale, await self._parcels(shop, order))

    async def _parcels(self, shop: ShopeeShop, order: Order) -> tuple[LogisticsCard, ...]:
        if status_in(STATUSES, order.order_status).phase in NOT_SENT:
            return ()
        found = [await self._parcel(shop, order, package) for package in order.package_list[:MOST_PARCELS]]
        return tuple(parcel for parcel in found if parcel is not None)

    async def _parcel(self, shop: ShopeeShop, order: Order, package: Package) -> LogisticsCard | None:
        """None: it has no number yet, or nobody says."""
        query = {"order_sn": order.order_sn}
        if package.package_number:
            query["package_number"] = package.package_number
        try:
            call = Call("shopee tracking number", "GET", paths.TRACKING_NUMBER, query)
            number = (await self._api.ask(shop, call, _Number)).tracking_number
            if not number:
                return None
            told = await self._api.ask(shop, Call("shopee tracking", "GET", paths.TRACKING, query), Tracking)
        except SendError as error:
            log.info("tracking_not_known", account=shop.id, error=type(error).__name__)
            return None
        carrier = package.shipping_carrier or order.shipping_carrier
        return LogisticsCard(order.order_sn, carrier, number, steps_of(told.tracking_info))


def steps_of(steps: Sequence[Step]) -> tuple[LogisticsStep, ...]:
    """Oldest first."""
    told = sorted(steps, key=lambda step: step.update_time)[-MOST_STEPS:]
    return tuple(LogisticsStep(at, step.description) for step in told if (at := moment(step.update_time)))


def shop_order(order: Order, locale: str, parcels: tuple[LogisticsCard, ...] = ()) -> ShopOrder:
    """The order in the contract's words. Pure."""
    status, currency = status_in(STATUSES, order.order_status), order.currency or USUAL
    card = OrderCard(
        order_id=order.order_sn,
        status=status.words(locale),
        goods=tuple(_goods(item, currency) for item in order.item_list),
        total_minor=minor(order.total_amount, currency),
        currency=currency,
    )
    return ShopOrder(card, status.phase, order.buyer_user_id, moment(order.create_time), parcels)


def _goods(item: Item, currency: str) -> GoodsCard:
    title = f"{item.item_name} {item.model_name}".strip()
    count = item.model_quantity_purchased
    return GoodsCard(
        goods_id=item.item_id,
        title=f"{title} × {count}" if count > 1 else title,
        price_minor=minor(item.model_discounted_price, currency),
        currency=currency,
        image_url=item.image_info.image_url if item.image_info else "",
    )
