"""The operations that tasks name, as calls of a connector; and what a connector says, as the branches of a task.

``find_orders`` · ``check_order`` · ``apply`` · ``find_slots`` · ``book`` · ``cancel``. Each gives the branches that its
function names; besides these a call fails or times out, which the job's outcome tells.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from yizhan.core.messages.content import MenuOption
from yizhan.dialogue.connectors.connector import Connector
from yizhan.dialogue.connectors.errors import NotFound, RefusedByRule
from yizhan.dialogue.connectors.model import (
    AfterSalesRequest,
    AppointmentRequest,
    AppointmentSlot,
    CancelRequest,
    Order,
    SlotsRequest,
    Taken,
)
from yizhan.dialogue.connectors.shops import NUMBER_NEEDED, ShopConnector
from yizhan.dialogue.connectors.wishes import WishUnreadable, read_wish, show_slot, write_slot
from yizhan.dialogue.tasks.calls import Call, Result

MOST_OPTIONS = 20
MOST_CARDS = 10
LABEL = 60
FACT = 500

NOT_FOUND = "not_found"
REFUSED = "refused"
FIND_ORDERS = "find_orders"
OWN_BRANCHES: Mapping[str, frozenset[str]] = {
    FIND_ORDERS: frozenset({NUMBER_NEEDED}),
    "check_order": frozenset({"too_late"}),
    "apply": frozenset({"too_late", "already"}),
    "book": frozenset({"already"}),
}
"""By operation, the refusals that tasks have words of their own for; the others are the branch ``refused``."""


class ArgumentsInvalid(Exception):
    """The task does not give what the operation needs: its definition is wrong."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A call, what it is put to, the key of its change, and the business's own zone."""

    connector: Connector
    call: Call
    key: str
    zone: ZoneInfo

    def text(self, name: str) -> str:
        """An argument; empty where the customer did not give it."""
        return self.call.arguments.get(name, "").strip()

    def needed(self, name: str) -> str:
        """Raises ArgumentsInvalid."""
        found = self.text(name)
        if not found:
            raise ArgumentsInvalid(name)
        return found


Operation = Callable[[Asked], Awaitable[Result]]


async def find_orders(asked: Asked) -> Result:
    """By ``order_number``, else by ``phone``: found, several, not_found, refused. In a conversation whose channel finds
    orders by their buyer neither is needed; where it finds none so, number_needed.
    """
    locale, number, phone = asked.call.locale, asked.text("order_number"), asked.text("phone")
    if number:
        return _found(await asked.connector.get_order(number, phone, locale))
    if not isinstance(asked.connector, ShopConnector):
        phone = asked.needed("phone")
    orders = await asked.connector.find_orders(phone, locale, MOST_OPTIONS)
    if not orders:
        return Result(NOT_FOUND)
    if len(orders) == 1:
        return _found(orders[0])
    return Result("several", options=tuple(_order_option(order) for order in orders[:MOST_OPTIONS]))


async def check_order(asked: Asked) -> Result:
    """Whether after-sales can be applied for: eligible (with the items to choose from), too_late, refused, not_found."""
    order = await asked.connector.get_order(asked.needed("order_number"), asked.text("phone"), asked.call.locale)
    rule = order.after_sales
    facts = {"order_number": order.card.order_id, "days": str(rule.days)}
    if not rule.open:
        raise RefusedByRule(rule.code, rule.text, facts)
    items = {item.goods_id: item.title for item in order.card.goods}
    options = [MenuOption(item_id, title[:LABEL]) for item_id, title in items.items()]
    return Result("eligible", facts, tuple(options[:MOST_OPTIONS]))


async def apply(asked: Asked) -> Result:
    """Register an after-sales application: applied, already, too_late, refused, not_found."""
    request = AfterSalesRequest(
        order_id=asked.needed("order_number"),
        item_id=asked.text("item"),
        type=asked.needed("type"),
        reason=asked.text("reason")[:FACT],
        picture=asked.text("picture"),
        phone=asked.text("phone"),
        locale=asked.call.locale,
    )
    application = await asked.connector.create_after_sales(asked.key, request)
    facts = {
        "application_number": application.application_id,
        "order_number": application.order_id,
        "status": application.status[:FACT],
    }
    return Result("applied", facts, refunds=() if application.refund is None else (application.refund,))


async def find_slots(asked: Asked) -> Result:
    """Free times inside ``time``: found (to choose from), not_found."""
    request = SlotsRequest(
        asked.needed("service"), asked.text("place"), asked.text("store"), _wish(asked), MOST_OPTIONS
    )
    slots = await asked.connector.list_slots(request)
    return Result("found", options=_slot_options(asked, slots)) if slots else Result(NOT_FOUND)


async def book(asked: Asked) -> Result:
    """Book a time inside ``time``: booked, taken (with others to choose from), already, refused."""
    request = AppointmentRequest(
        service=asked.needed("service"),
        place=asked.text("place"),
        store=asked.text("store"),
        address=asked.text("address")[:FACT],
        wish=_wish(asked),
        name=asked.text("name")[:LABEL],
        phone=asked.text("phone"),
        locale=asked.call.locale,
    )
    outcome = await asked.connector.book(asked.key, request)
    if isinstance(outcome, Taken):
        return Result("taken", options=_slot_options(asked, outcome.alternatives))
    appointment = outcome.appointment
    facts = {
        "appointment_number": appointment.appointment_id,
        "appointment_time": show_slot(appointment.slot, asked.zone, asked.call.locale),
        "status": appointment.status[:FACT],
    }
    return Result("booked", facts)


async def cancel(asked: Asked) -> Result:
    """Give an appointment up: cancelled, refused, not_found."""
    request = CancelRequest(asked.needed("appointment_number"), asked.text("phone"), asked.call.locale)
    appointment = await asked.connector.cancel(asked.key, request)
    return Result("cancelled", {"appointment_number": appointment.appointment_id, "status": appointment.status[:FACT]})


OPERATIONS: Mapping[str, Operation] = {
    FIND_ORDERS: find_orders,
    "check_order": check_order,
    "apply": apply,
    "find_slots": find_slots,
    "book": book,
    "cancel": cancel,
}


async def carry_out(asked: Asked) -> Result:
    """Raises ArgumentsInvalid (also for an operation that there is not), Unavailable and BadAnswer."""
    operation = OPERATIONS.get(asked.call.operation)
    if operation is None:
        raise ArgumentsInvalid(asked.call.operation)
    try:
        return await operation(asked)
    except NotFound:
        return Result(NOT_FOUND)
    except RefusedByRule as refusal:
        return _refused(asked.call.operation, refusal)


def _found(order: Order) -> Result:
    facts = {"order_number": order.card.order_id, "status": order.card.status[:FACT]}
    return Result(
        "found",
        facts,
        orders=(order.card,),
        logistics=order.parcels[:MOST_CARDS],
        refunds=order.refunds[:MOST_CARDS],
    )


def _refused(operation: str, refusal: RefusedByRule) -> Result:
    branch = refusal.reason if refusal.reason in OWN_BRANCHES.get(operation, ()) else REFUSED
    facts = {name: value[:FACT] for name, value in refusal.facts.items()}
    return Result(branch, facts | {"reason": refusal.text[:FACT] or refusal.reason})


def _order_option(order: Order) -> MenuOption:
    goods = order.card.goods[0].title if order.card.goods else ""
    label = " · ".join(part for part in (order.card.order_id, goods, order.card.status) if part)
    return MenuOption(order.card.order_id, label[:LABEL])


def _slot_options(asked: Asked, slots: tuple[AppointmentSlot, ...]) -> tuple[MenuOption, ...]:
    locale = asked.call.locale
    return tuple(
        MenuOption(write_slot(slot, asked.zone), show_slot(slot, asked.zone, locale)) for slot in slots[:MOST_OPTIONS]
    )


def _wish(asked: Asked) -> AppointmentSlot:
    try:
        return read_wish(asked.needed("time"), asked.zone)
    except WishUnreadable as error:
        raise ArgumentsInvalid("time") from error
