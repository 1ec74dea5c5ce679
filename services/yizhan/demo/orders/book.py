"""The demo shop's rules: what it shows, what it registers, what it refuses; and every key has one answer."""

from datetime import date, timedelta

from yizhan.core.messages.content import RefundCard
from yizhan.core.runtime.clock import Clock
from yizhan.demo.orders import calendar
from yizhan.demo.orders.journal import Applied, Cancelled, Entry, Journal, Reserved
from yizhan.demo.orders.shop import CUSTOMERS, RETURN_DAYS, ZONE, Owned, Say, orders_on, say_in
from yizhan.dialogue.connectors.errors import NotFound, RefusedByRule
from yizhan.dialogue.connectors.model import (
    AfterSales,
    AfterSalesRequest,
    AfterSalesRule,
    Appointment,
    AppointmentRequest,
    AppointmentSlot,
    Booked,
    CancelRequest,
    Order,
    SlotsRequest,
    Taken,
)

ALTERNATIVES = 5
MONEY_BACK = frozenset({"return", "refund_only"})
TYPES = MONEY_BACK | {"exchange", "repair"}


class OrderBook:
    """Both faces stand on it. Methods never wait, so each is one step for everybody; they raise NotFound and RefusedByRule."""

    def __init__(self, clock: Clock, journal: Journal) -> None:
        self._clock = clock
        self._journal = journal
        self._entries: list[Entry] = journal.entries()
        self._by_key = {entry.key: entry for entry in self._entries}

    @property
    def effects(self) -> int:
        """How many things were registered or cancelled, ever."""
        return len(self._entries)

    def get_order(self, order_id: str, phone: str, locale: str) -> Order:
        """A ``phone`` that is given must be the order's."""
        owned = self._owned(order_id, say_in(locale))
        if owned.private or (phone and _digits(phone) != owned.phone):
            raise RefusedByRule("not_yours", say_in(locale)("需要核实身份", "somebody has to check who asks"))
        return owned.order

    def find_orders(self, phone: str, locale: str, limit: int, customer: str = "") -> tuple[Order, ...]:
        """By ``customer``, the shop's own id, everything of theirs: whoever names one has vouched for it."""
        wanted = CUSTOMERS.get(customer, "") if customer else _digits(phone)
        orders = orders_on(self._today, say_in(locale))
        theirs = (one.order for one in orders if wanted and one.phone == wanted and (customer or not one.private))
        return tuple(theirs)[: max(0, limit)]

    def create_after_sales(self, key: str, request: AfterSalesRequest) -> AfterSales:
        known = self._known(key, request)
        if isinstance(known, Applied):
            return known.result
        say = say_in(request.locale)
        order = self._owned(request.order_id, say).order
        self._allow(order, request, say)
        number = sum(isinstance(entry, Applied) for entry in self._entries) + 1
        result = AfterSales(
            f"AS{20000 + number}",
            request.order_id,
            say("已提交，等待审核", "Submitted, being looked at"),
            _refund(order, request, number, say),
        )
        self._keep(Applied(key=key, request=request, result=result))
        return result

    def list_slots(self, request: SlotsRequest) -> tuple[AppointmentSlot, ...]:
        free = self._free(request.service, request.place, request.store)
        return tuple(slot for slot in free if calendar.suits(slot, request.within))[: max(0, request.limit)]

    def book(self, key: str, request: AppointmentRequest) -> Booked | Taken:
        known = self._known(key, request)
        if isinstance(known, Reserved):
            return Booked(known.result)
        say = say_in(request.locale)
        if request.wish.begins < self._clock() - timedelta(days=1):
            raise RefusedByRule("past", say("时间已经过去了", "that time is over"))
        for one in self._reserved():
            same = (one.request.service, _digits(one.request.phone)) == (request.service, _digits(request.phone))
            if same and calendar.suits(one.result.slot, request.wish):
                raise RefusedByRule(
                    "already",
                    say("您已有相同的预约", "you already have this appointment"),
                    {"appointment_number": one.result.appointment_id},
                )
        free = self._free(request.service, request.place, request.store)
        slot = next((slot for slot in free if calendar.suits(slot, request.wish)), None)
        if slot is None:
            nearest = sorted(free, key=lambda one: abs(one.begins - request.wish.begins))[:ALTERNATIVES]
            return Taken(tuple(sorted(nearest, key=lambda one: one.begins)))
        number = sum(isinstance(entry, Reserved) for entry in self._entries) + 1
        result = Appointment(f"AP{30000 + number}", request.service, slot, say("已预约", "Booked"))
        self._keep(Reserved(key=key, request=request, result=result))
        return Booked(result)

    def cancel(self, key: str, request: CancelRequest) -> Appointment:
        known = self._known(key, request)
        if isinstance(known, Cancelled):
            return known.result
        found = next((one for one in self._reserved() if one.result.appointment_id == request.appointment_id), None)
        if found is None or _digits(found.request.phone) != _digits(request.phone):
            raise NotFound("not_found")
        appointment = found.result
        status = say_in(request.locale)("已取消", "Cancelled")
        result = Appointment(appointment.appointment_id, appointment.service, appointment.slot, status)
        self._keep(Cancelled(key=key, request=request, result=result))
        return result

    @property
    def _today(self) -> date:
        """The day of the orders' dates: it begins at noon, so that nothing that happened this morning is still to come."""
        return (self._clock().astimezone(ZONE) - timedelta(hours=12)).date()

    def _owned(self, order_id: str, say: Say) -> Owned:
        wanted = order_id.strip().upper()
        found = next((one for one in orders_on(self._today, say) if one.order.card.order_id == wanted), None)
        if found is None:
            raise NotFound("not_found")
        return found

    def _allow(self, order: Order, request: AfterSalesRequest, say: Say) -> None:
        """Raises RefusedByRule where an application is not possible, NotFound for an item that is not in the order."""
        if request.item_id and request.item_id not in {item.goods_id for item in order.card.goods}:
            raise NotFound("not_found")
        if request.type not in TYPES:
            raise RefusedByRule("unknown_type", say("不支持这种售后类型", "this kind of request is not offered"))
        for entry in self._entries:
            if isinstance(entry, Applied) and (entry.request.order_id, entry.request.item_id) == (
                request.order_id,
                request.item_id,
            ):
                raise RefusedByRule(
                    "already",
                    say("已有进行中的售后申请", "there already is a request for it"),
                    {"application_number": entry.result.application_id},
                )
        rule: AfterSalesRule = order.after_sales
        if not rule.open:
            refunds = {"application_number": order.refunds[0].refund_id} if order.refunds else {}
            raise RefusedByRule(rule.code, rule.text, {"days": str(RETURN_DAYS), **refunds})

    def _reserved(self) -> list[Reserved]:
        """The appointments that stand."""
        gone = {entry.result.appointment_id for entry in self._entries if isinstance(entry, Cancelled)}
        return [
            entry for entry in self._entries if isinstance(entry, Reserved) and entry.result.appointment_id not in gone
        ]

    def _free(self, service: str, place: str, store: str) -> list[AppointmentSlot]:
        ours = {
            one.result.slot.begins
            for one in self._reserved()
            if (one.request.service, one.request.place, one.request.store) == (service, place, store)
        }
        return [slot for slot in calendar.slots(self._clock(), service, place, store) if slot.begins not in ours]

    def _known(self, key: str, request: object) -> Entry | None:
        if not key:
            raise RefusedByRule("key_missing")
        entry = self._by_key.get(key)
        if entry is not None and entry.request != request:
            raise RefusedByRule("key_reused")
        return entry

    def _keep(self, entry: Entry) -> None:
        self._journal.write(entry)
        self._entries.append(entry)
        self._by_key[entry.key] = entry


def _digits(phone: str) -> str:
    """A mobile number without country code and separators."""
    return "".join(character for character in phone if character.isdigit())[-11:]


def _refund(order: Order, request: AfterSalesRequest, number: int, say: Say) -> RefundCard | None:
    if request.type not in MONEY_BACK:
        return None
    goods = [item for item in order.card.goods if request.item_id in {"", item.goods_id}]
    chosen = goods[:1] if request.item_id else goods
    amount = sum(item.price_minor for item in chosen)
    return RefundCard(f"RF{20000 + number}", request.order_id, say("待审核", "Being looked at"), amount)
