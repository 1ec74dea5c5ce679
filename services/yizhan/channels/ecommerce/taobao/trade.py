"""A trade as TOP tells it, and what it is to us. Pure; source: reference E.6, fields by the vendor's SDKs."""

from pydantic import Field

from yizhan.channels.ecommerce.order_answers import Amount, Many, Part, Text, china_time, minor
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
from yizhan.core.messages.content import GoodsCard, LogisticsCard, LogisticsStep, OrderCard, RefundCard

FIELDS = (
    "tid,status,created,payment,buyer_nick,buyer_open_uid,receiver_mobile,orders.oid,orders.num_iid,orders.title,"
    "orders.price,orders.pic_path,orders.refund_id,orders.refund_status,orders.invoice_no,orders.logistics_company"
)

STATUSES: Statuses = {
    "TRADE_NO_CREATE_PAY": Status(UNPAID, "等待付款", "Awaiting payment"),
    "WAIT_BUYER_PAY": Status(UNPAID, "等待付款", "Awaiting payment"),
    "PAY_PENDING": Status(UNPAID, "付款确认中", "Payment being confirmed"),
    "WAIT_SELLER_SEND_GOODS": Status(PAID, "已付款，待发货", "Paid, to be shipped"),
    "SELLER_CONSIGNED_PART": Status(SHIPPED, "部分发货", "Partly shipped"),
    "WAIT_BUYER_CONFIRM_GOODS": Status(SHIPPED, "已发货", "Shipped"),
    "TRADE_BUYER_SIGNED": Status(RECEIVED, "已签收", "Received"),
    "TRADE_FINISHED": Status(RECEIVED, "交易成功", "Completed"),
    "TRADE_CLOSED": Status(CANCELLED, "交易关闭", "Closed"),
    "TRADE_CLOSED_BY_TAOBAO": Status(CANCELLED, "交易关闭", "Closed"),
}
SENT = frozenset({"SELLER_CONSIGNED_PART", "WAIT_BUYER_CONFIRM_GOODS", "TRADE_BUYER_SIGNED", "TRADE_FINISHED"})
"""States in which there is a parcel to ask about."""

REFUNDS: Statuses = {
    "WAIT_SELLER_AGREE": Status(REFUNDING, "退款申请中，等待卖家同意", "Requested, waiting for the seller"),
    "WAIT_BUYER_RETURN_GOODS": Status(REFUNDING, "卖家已同意，等待退货", "Agreed, waiting for the return"),
    "WAIT_SELLER_CONFIRM_GOODS": Status(REFUNDING, "已退货，等待卖家确认", "Returned, waiting for the seller"),
    "SELLER_REFUSE_BUYER": Status(REFUNDING, "卖家拒绝退款", "Declined by the seller"),
    "CLOSED": Status(PAID, "退款关闭", "Closed"),
    "SUCCESS": Status(CANCELLED, "退款成功", "Refunded"),
}
NO_REFUND = frozenset({"", "NO_REFUND"})


class Item(Part):
    oid: Text = ""
    num_iid: Text = ""
    title: Text = ""
    price: Amount = ""
    pic_path: Text = ""
    refund_id: Text = ""
    refund_status: Text = ""
    invoice_no: Text = ""
    logistics_company: Text = ""


class Items(Part):
    order: Many[Item] = ()


class Trade(Part):
    tid: Text
    status: Text
    created: Text = ""
    payment: Amount = ""
    buyer_nick: Text = ""
    buyer_open_uid: Text = ""
    receiver_mobile: Text = ""
    orders: Items = Field(default_factory=Items)


class Step(Part):
    status_time: Text = ""
    status_desc: Text = ""


class Steps(Part):
    transit_step_info: Many[Step] = ()


class Trace(Part):
    company_name: Text = ""
    out_sid: Text = ""
    trace_list: Steps | None = None


def shop_order(trade: Trade, trace: Trace | None, buyer_as: str, locale: str) -> ShopOrder:
    """``trace``: where the parcel is, if that could be asked."""
    items = trade.orders.order
    status = status_in(STATUSES, trade.status)
    refunds = tuple(
        RefundCard(item.refund_id, trade.tid, status_in(REFUNDS, item.refund_status).words(locale))
        for item in items
        if item.refund_id and item.refund_status not in NO_REFUND
    )
    under_way = any(status_in(REFUNDS, item.refund_status).phase == REFUNDING for item in items)
    parcels = _parcels(trade, trace)
    on_its_way = status.phase == SHIPPED and any(parcel.steps for parcel in parcels)
    return ShopOrder(
        card=OrderCard(
            trade.tid,
            status.words(locale),
            tuple(
                GoodsCard(one.num_iid or one.oid, one.title, minor(one.price, "CNY"), "CNY", one.pic_path)
                for one in items
            ),
            minor(trade.payment, "CNY"),
        ),
        phase=REFUNDING if under_way else DELIVERING if on_its_way else status.phase,
        buyer=trade.buyer_open_uid if buyer_as == "open_uid" else trade.buyer_nick,
        placed_at=china_time(trade.created),
        parcels=parcels,
        refunds=refunds,
        phone=trade.receiver_mobile,
    )


def _parcels(trade: Trade, trace: Trace | None) -> tuple[LogisticsCard, ...]:
    """What the trade itself says of them; of the one that was asked about, also the way it took."""
    steps = tuple(
        LogisticsStep(at, one.status_desc)
        for one in (trace.trace_list.transit_step_info if trace and trace.trace_list else ())
        if (at := china_time(one.status_time)) is not None and one.status_desc
    )
    named = {one.invoice_no: one.logistics_company for one in trade.orders.order if one.invoice_no}
    if trace is not None and trace.out_sid:
        named = {trace.out_sid: trace.company_name or named.get(trace.out_sid, ""), **named}
    asked = trace.out_sid if trace is not None else ""
    return tuple(
        LogisticsCard(trade.tid, carrier, number, steps if number == asked else ()) for number, carrier in named.items()
    )
