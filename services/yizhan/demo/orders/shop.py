"""The demo shop's orders: the same numbers every day, with dates that follow today's.

Phones to try: 13800138000 (three orders), 13900139000 (two), 18612345678 (two), 13700137000 (three), 13600136000 (one).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from yizhan.core.messages.content import GoodsCard, LogisticsCard, LogisticsStep, OrderCard, RefundCard
from yizhan.dialogue.connectors.model import AfterSalesRule, Order

ZONE = ZoneInfo("Asia/Shanghai")
RETURN_DAYS = 7
CUSTOMERS = {"lin": "13800138000", "chen": "13700137000"}
"""The shop's own ids of two customers, with their telephone numbers."""

Say = Callable[[str, str], str]
"""Picks the Chinese or the English of two texts."""


@dataclass(frozen=True, slots=True)
class Owned:
    """An order and whose it is. ``private``: shown to nobody who has not proved who they are."""

    order: Order
    phone: str
    private: bool = False


def say_in(locale: str) -> Say:
    english = locale.lower().startswith("en")
    return lambda chinese, english_text: english_text if english else chinese


def orders_on(today: date, say: Say) -> tuple[Owned, ...]:
    """Every order, newest first."""

    def at(days_ago: int, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(today - timedelta(days=days_ago), time(hour, minute), ZONE)

    chair = GoodsCard("CHAIR-OAK", say("橡木餐椅", "Oak dining chair"), 59900)
    blanket = GoodsCard("BLANKET-WOOL", say("羊毛毯", "Wool blanket"), 32900)
    vase = GoodsCard("VASE-WHITE", say("白瓷花瓶", "White porcelain vase"), 16800)
    lamp = GoodsCard("LAMP-PAPER", say("和纸落地灯", "Paper floor lamp"), 45900)
    kettle = GoodsCard("KETTLE-IRON", say("铸铁水壶", "Cast-iron kettle"), 26800)
    shelf = GoodsCard("SHELF-CUSTOM", say("定制书架", "Made-to-measure bookshelf"), 188000)
    curtain = GoodsCard("CURTAIN-LINEN", say("亚麻窗帘", "Linen curtains"), 38800)

    sent = LogisticsStep(at(1, 18, 20), say("快件已由杭州仓发出", "Left the Hangzhou warehouse"))
    moving = LogisticsStep(at(0, 6, 5), say("快件到达上海转运中心", "Arrived at the Shanghai sorting centre"))
    out = LogisticsStep(at(0, 8, 30), say("快递员正在派送，预计今天送达", "Out for delivery, expected today"))
    sf, yto = say("顺丰速运", "SF Express"), say("圆通速递", "YTO Express")

    closed = AfterSalesRule(
        False,
        "not_received",
        say("订单签收后才能申请售后", "an order can be returned once it was received"),
        RETURN_DAYS,
    )
    open_ = AfterSalesRule(True, days=RETURN_DAYS)
    late = AfterSalesRule(
        False,
        "too_late",
        say(
            f"签收已超过 {RETURN_DAYS} 天",
            f"it was received more than {RETURN_DAYS} days ago",
        ),
        RETURN_DAYS,
    )
    custom = AfterSalesRule(
        False,
        "custom_made",
        say("定制商品不支持七天无理由退换", "goods made to measure cannot be returned"),
        RETURN_DAYS,
    )

    def order(
        number: str,
        phase: str,
        status: str,
        placed: datetime,
        *goods: GoodsCard,
        rule: AfterSalesRule = closed,
        parcel: LogisticsCard | None = None,
        refund: RefundCard | None = None,
    ) -> Order:
        total = sum(item.price_minor for item in goods)
        return Order(
            OrderCard(number, status, goods, total),
            phase,
            placed,
            (parcel,) if parcel else (),
            (refund,) if refund else (),
            rule,
        )

    paid = say("待发货", "Paid, being packed")
    received = say("已签收", "Received")
    found = (
        Owned(order("SJ100003", "paid", paid, at(0, 9, 12), lamp), "13800138000"),
        Owned(order("SJ100006", "unpaid", say("待付款", "Waiting for payment"), at(0, 8, 2), kettle), "18612345678"),
        Owned(
            order(
                "SJ100001",
                "shipped",
                say("运输中", "On its way"),
                at(2, 20, 31),
                chair,
                chair,
                parcel=LogisticsCard("SJ100001", sf, "SF1390000100001", (moving, sent)),
            ),
            "13800138000",
        ),
        Owned(
            order(
                "SJ100008",
                "delivering",
                say("派送中", "Out for delivery"),
                at(2, 11, 45),
                vase,
                parcel=LogisticsCard("SJ100008", yto, "YT2200000100008", (out, moving, sent)),
            ),
            "13700137000",
        ),
        Owned(order("SJ100002", "received", received, at(6, 13, 8), blanket, vase, rule=open_), "13800138000"),
        Owned(order("SJ100011", "received", received, at(5, 17, 22), blanket, vase, rule=open_), "13600136000"),
        Owned(order("SJ100010", "received", received, at(7, 10, 0), curtain, rule=open_), "13700137000", private=True),
        Owned(order("SJ100009", "received", received, at(12, 16, 40), shelf, rule=custom), "13700137000"),
        Owned(
            order(
                "SJ100005",
                "refunding",
                say("退款中", "Being refunded"),
                at(14, 21, 15),
                kettle,
                rule=AfterSalesRule(
                    False, "already", say("已有进行中的售后申请", "there already is a request for it"), RETURN_DAYS
                ),
                refund=RefundCard("RF100005", "SJ100005", say("退款处理中", "In progress"), kettle.price_minor),
            ),
            "13900139000",
        ),
        Owned(order("SJ100007", "cancelled", say("已取消", "Cancelled"), at(20, 15, 3), lamp), "18612345678"),
        Owned(order("SJ100004", "received", received, at(26, 19, 27), chair, rule=late), "13900139000"),
    )
    return tuple(sorted(found, key=lambda one: one.order.placed_at or at(0, 0), reverse=True))
