"""Orders of TikTok Shop: looked up by number or by buyer, with what the carrier and the returns desk say.

The buyer of an order is ``user_id``; a conversation's participants have the same id, and it is noted beside the conversation.
Carrier and returns are a help: without them, or without the app's scope for them, the order is told all the same.
"""

import re
from collections.abc import Sequence

import structlog
from pydantic import BaseModel, Field

from yizhan.channels.contract import Refused, SendError
from yizhan.channels.ecommerce.order_answers import Amount, minor
from yizhan.channels.ecommerce.order_status import CANCELLED, REFUNDING, UNPAID, Status, status_in
from yizhan.channels.ecommerce.platform import ShopOrder, Tools
from yizhan.channels.ecommerce.reading import Id, MaybeId, Seconds, Words, moment
from yizhan.channels.ecommerce.tiktok import paths
from yizhan.channels.ecommerce.tiktok.api import Api, Call, TikTokShop
from yizhan.channels.ecommerce.tiktok.errors import NOT_FOUND
from yizhan.channels.ecommerce.tiktok.order_words import RETURNS, STATUSES
from yizhan.core.messages.content import GoodsCard, LogisticsCard, LogisticsStep, OrderCard, RefundCard

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 50
"""Orders of one search."""

MOST_STEPS = 20
USUAL = "USD"
"""Where the platform says nothing of the currency."""

_ORDER_ID = re.compile(r"[0-9]{10,25}")
"""What else a customer may have typed is no order there, and need not be asked for."""


class Payment(BaseModel):
    currency: str = ""
    total_amount: Amount = ""


class Line(BaseModel):
    product_id: MaybeId = ""
    product_name: Words = ""
    sku_id: MaybeId = ""
    sku_name: Words = ""
    sku_image: str = ""
    sale_price: Amount = ""
    currency: str = ""
    tracking_number: str = ""
    shipping_provider_name: Words = ""


class Order(BaseModel):
    id: Id
    status: str = ""
    user_id: MaybeId = ""
    create_time: Seconds = 0
    tracking_number: str = ""
    shipping_provider: Words = ""
    payment: Payment = Field(default_factory=Payment)
    line_items: tuple[Line, ...] = ()


class Orders(BaseModel):
    orders: tuple[Order, ...] = ()


class Step(BaseModel):
    description: Words = ""
    update_time_millis: int = 0


class Tracking(BaseModel):
    tracking: tuple[Step, ...] = ()


class RefundAmount(BaseModel):
    currency: str = ""
    refund_total: Amount = ""


class Return(BaseModel):
    return_id: MaybeId = ""
    order_id: MaybeId = ""
    return_status: str = ""
    refund_amount: RefundAmount = Field(default_factory=RefundAmount)


class Returns(BaseModel):
    return_orders: tuple[Return, ...] = ()


class OrderDesk:
    """Looks orders up, for every shop."""

    def __init__(self, api: Api, tools: Tools) -> None:
        self._api = api
        self._tools = tools

    async def order(self, shop: TikTokShop, order_id: str, locale: str) -> ShopOrder | None:
        """None: there is none. Raises RetryLater, Refused and TokenExpired."""
        if not _ORDER_ID.fullmatch(order_id):
            return None
        try:
            found = await self._api.ask(shop, Call("tiktok order", "GET", paths.ORDERS, {"ids": order_id}), Orders)
        except Refused as error:
            if error.code in NOT_FOUND:
                return None
            raise
        order = next((one for one in found.orders if one.id == order_id), None)
        if order is None:
            return None
        return shop_order(order, locale, await self._steps(shop, order), await self._returns(shop, order))

    async def orders(self, shop: TikTokShop, buyer: str, locale: str, most: int) -> Sequence[ShopOrder]:
        """Newest first. ``buyer`` is a user_id. Raises as ``order``."""
        query = {"page_size": str(min(most, MOST_AT_ONCE)), "sort_field": "create_time", "sort_order": "DESC"}
        call = Call("tiktok orders", "POST", paths.FIND_ORDERS, query, {"buyer_user_id": buyer})
        found = await self._api.ask(shop, call, Orders)
        # That the platform knows the filter is from memory: orders of others are not told, whatever it answers.
        own = sorted((one for one in found.orders if one.user_id == buyer), key=lambda one: -one.create_time)
        return [shop_order(order, locale) for order in own[:most]]

    async def _steps(self, shop: TikTokShop, order: Order) -> Tracking:
        if not (order.tracking_number or any(line.tracking_number for line in order.line_items)):
            return Tracking()
        try:
            return await self._api.ask(shop, Call("tiktok tracking", "GET", paths.tracking(order.id)), Tracking)
        except SendError as error:
            log.info("tracking_not_known", account=shop.id, error=type(error).__name__)
            return Tracking()

    async def _returns(self, shop: TikTokShop, order: Order) -> Returns:
        if status_in(STATUSES, order.status).phase in {UNPAID, CANCELLED}:
            return Returns()
        call = Call("tiktok returns", "POST", paths.RETURNS, {"page_size": "10"}, {"order_ids": [order.id]})
        try:
            return await self._api.ask(shop, call, Returns)
        except SendError as error:
            log.info("returns_not_known", account=shop.id, error=type(error).__name__)
            return Returns()


def shop_order(
    order: Order, locale: str, tracking: Tracking | None = None, returns: Returns | None = None
) -> ShopOrder:
    """The order in the contract's words. Pure."""
    own, currency = status_in(STATUSES, order.status), order.payment.currency or USUAL
    refunds = [one for one in (returns or Returns()).return_orders if one.order_id in {"", order.id}]
    stages = [RETURNS.get(one.return_status) or Status(REFUNDING, *(one.return_status,) * 2) for one in refunds]
    card = OrderCard(
        order_id=order.id,
        status=own.words(locale),
        goods=_goods(order),
        total_minor=minor(order.payment.total_amount, currency),
        currency=currency,
    )
    return ShopOrder(
        card=card,
        phase=next((stage.phase for stage in stages if stage.phase), own.phase),
        buyer=order.user_id,
        placed_at=moment(order.create_time),
        parcels=_parcels(order, tracking or Tracking()),
        refunds=tuple(_refund(one, stage.words(locale), order) for one, stage in zip(refunds, stages, strict=True)),
    )


def _goods(order: Order) -> tuple[GoodsCard, ...]:
    """Several pieces of one article are several lines there, and one card here."""
    counts: dict[tuple[str, str], list[Line]] = {}
    for line in order.line_items:
        counts.setdefault((line.product_id, line.sku_id), []).append(line)
    return tuple(_card(lines, order.payment.currency or USUAL) for lines in counts.values())


def _card(lines: Sequence[Line], currency: str) -> GoodsCard:
    line = lines[0]
    currency = line.currency or currency
    title = f"{line.product_name} {line.sku_name}".strip()
    return GoodsCard(
        goods_id=line.product_id,
        title=f"{title} × {len(lines)}" if len(lines) > 1 else title,
        price_minor=minor(line.sale_price, currency),
        currency=currency,
        image_url=line.sku_image,
    )


def _parcels(order: Order, tracking: Tracking) -> tuple[LogisticsCard, ...]:
    numbers = dict.fromkeys(
        (line.shipping_provider_name, line.tracking_number) for line in order.line_items if line.tracking_number
    )
    if not numbers and order.tracking_number:
        numbers = {(order.shipping_provider, order.tracking_number): None}
    told = sorted(tracking.tracking, key=lambda step: step.update_time_millis)[-MOST_STEPS:]
    steps = tuple(
        LogisticsStep(at, step.description) for step in told if (at := moment(step.update_time_millis // 1000))
    )
    # What the carriers say is told for the order, not for each parcel: of several nobody knows whose it is.
    own = steps if len(numbers) == 1 else ()
    return tuple(
        LogisticsCard(order.id, carrier or order.shipping_provider, number, own) for carrier, number in numbers
    )


def _refund(one: Return, words: str, order: Order) -> RefundCard:
    currency = one.refund_amount.currency or order.payment.currency or USUAL
    return RefundCard(
        refund_id=one.return_id,
        order_id=order.id,
        status=words,
        amount_minor=minor(one.refund_amount.refund_total, currency),
        currency=currency,
    )
