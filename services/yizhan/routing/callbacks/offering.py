"""Tells customers what they may do instead of waiting: once, as the contract has it. It stops no clock."""

from datetime import datetime

from yizhan.core.messages.command import OfferInstead
from yizhan.routing import store
from yizhan.routing.callbacks.times import Reach, soonest
from yizhan.routing.desk import Case
from yizhan.routing.shift import Shift
from yizhan.routing.terms import Terms


def reach_of(terms: Terms) -> Reach:
    """When the contract lets callbacks be promised."""
    waiting = terms.contract.waiting
    return Reach(terms.hours, waiting.callback_lead, waiting.callback_latest)


def offer(terms: Terms, now: datetime, wished: str = "") -> OfferInstead:
    """What the contract lets a customer choose now."""
    waiting = terms.contract.waiting
    next_open = soonest(reach_of(terms), now) if waiting.callback else None
    return OfferInstead(waiting.leave_message, next_open is not None, next_open, wished)


LETTERS = frozenset({"email"})
"""Channels whose customers do not wait at a screen: what they wrote is a message that they left already."""

LEAST_REPLIES = 3
"""A channel that lets only so few replies be sent keeps them for the answer."""


async def tell_choice(shift: Shift, case: Case, terms: Terms, epoch: int) -> None:
    """Offer it to the customer of this case, who was not offered it before; ``epoch`` is the conversation's by then."""
    if case.choice_at is not None or case.is_callback or not case.can_choose or case.address.channel in LETTERS:
        return
    if case.reply_left is not None and case.reply_left < LEAST_REPLIES:
        return
    offered = offer(terms, shift.now)
    if not offered.leave_message and not offered.callback:
        return
    await store.note_choice(shift.tx, case.id, shift.now)
    shift.command(case.address, case.conversation_id, epoch, offered)
