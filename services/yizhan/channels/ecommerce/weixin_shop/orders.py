"""Orders of 微信小店, looked up by number. Source: reference E.1, whose prices are in fen and whose field names of parcels are
those of the older 小商店 (both from memory there).
"""

from typing import Final

from pydantic import BaseModel, Field

from yizhan.channels.ecommerce.order_status import (
    CANCELLED,
    DELIVERING,
    PAID,
    RECEIVED,
    REFUNDING,
    SHIPPED,
    UNPAID,
    Status,
    Statuses,
    status_in,
)
from yizhan.channels.ecommerce.platform import ShopOrder
from yizhan.channels.ecommerce.reading import Id, MaybeId, Seconds, Words, moment
from yizhan.channels.ecommerce.weixin_shop.api import ORDER, Api, Call, WeixinShop
from yizhan.channels.ecommerce.weixin_shop.outgoing import is_order_id
from yizhan.core.messages.content import GoodsCard, LogisticsCard, OrderCard

STATUSES: Final[Statuses] = {
    "10": Status(UNPAID, "待付款", "Awaiting payment"),
    "12": Status(PAID, "礼物待收下", "A gift to be accepted"),
    "20": Status(PAID, "待发货", "Paid, not shipped yet"),
    "21": Status(SHIPPED, "部分已发货", "Partly shipped"),
    "30": Status(DELIVERING, "待收货", "On its way"),
    "100": Status(RECEIVED, "已完成", "Completed"),
    "200": Status(CANCELLED, "已全额退款", "Refunded in full"),
    "250": Status(CANCELLED, "已取消", "Cancelled"),
}
UNDER_WAY: Final = Status(REFUNDING, "售后处理中", "Return or refund under way")


class Attribute(BaseModel):
    attr_value: Words = ""


class Product(BaseModel):
    product_id: MaybeId = ""
    sku_cnt: int = 1
    on_aftersale_sku_cnt: int = 0
    title: Words = ""
    thumb_img: str = ""
    sale_price: int = 0
    sku_attrs: tuple[Attribute, ...] = ()


class Price(BaseModel):
    order_price: int = 0


class Parcel(BaseModel):
    waybill_id: MaybeId = ""
    delivery_id: MaybeId = ""
    delivery_name: Words = ""


class Delivery(BaseModel):
    delivery_product_info: tuple[Parcel, ...] = ()


class Detail(BaseModel):
    product_infos: tuple[Product, ...] = ()
    price_info: Price = Field(default_factory=Price)
    delivery_info: Delivery = Field(default_factory=Delivery)


class Order(BaseModel):
    order_id: Id
    status: int = 0
    create_time: Seconds = 0
    openid: MaybeId = ""
    order_detail: Detail = Field(default_factory=Detail)


class _Answer(BaseModel):
    order: Order | None = None


class OrderDesk:
    """Looks orders up, for every shop."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def order(self, shop: WeixinShop, order_id: str, locale: str) -> ShopOrder | None:
        """None: there is none. Raises RetryLater, Refused and TokenExpired."""
        if not is_order_id(order_id):
            return None
        answer = await self._api.ask(shop, Call("weixin_shop order", ORDER, {"order_id": order_id}), _Answer)
        found = answer.order
        return None if found is None or found.order_id != order_id else shop_order(found, locale)


def shop_order(order: Order, locale: str) -> ShopOrder:
    """The order in the contract's words. Pure."""
    products, detail = order.order_detail.product_infos, order.order_detail
    status = status_in(STATUSES, str(order.status))
    if any(product.on_aftersale_sku_cnt for product in products) and status.phase != CANCELLED:
        status = UNDER_WAY
    return ShopOrder(
        card=OrderCard(
            order.order_id,
            status.words(locale),
            tuple(_goods(product) for product in products),
            detail.price_info.order_price,
        ),
        phase=status.phase,
        buyer=order.openid,
        placed_at=moment(order.create_time),
        parcels=tuple(
            LogisticsCard(order.order_id, one.delivery_name or one.delivery_id, one.waybill_id)
            for one in detail.delivery_info.delivery_product_info
            if one.waybill_id
        ),
    )


def _goods(product: Product) -> GoodsCard:
    title = " ".join([product.title, *(attribute.attr_value for attribute in product.sku_attrs)]).strip()
    count = product.sku_cnt
    return GoodsCard(
        product.product_id,
        f"{title} × {count}" if count > 1 else title,
        product.sale_price,
        image_url=product.thumb_img,
    )
