"""Whose an order is: it is told to the buyer who placed it, and to nobody else. Pure."""

import re
from collections.abc import Collection

from yizhan.channels.ecommerce.platform import ShopOrder

LEAST_DIGITS = 7
"""Of a telephone number, to be compared at all."""
LEAST_SHOWN = 4
"""Digits that a platform must leave readable of a number, for it to prove anything."""

_NO_DIGIT = re.compile(r"[^0-9*]")


def told_to(order: ShopOrder, buyers: Collection[str], phone: str, *, own_ids: bool) -> bool:
    """Whether the order may be told. ``buyers``: ids of who asks, in the conversation's channel.

    ``own_ids`` False: the conversation has ids of another system (a bridge's), so that the number with which the order was
    placed is proof as well.
    """
    if order.buyer and order.buyer in buyers:
        return True
    return not own_ids and fits(phone, order.phone)


def fits(phone: str, told: str) -> bool:
    """Whether a number that somebody named is the one that a platform tells with ``*`` for what it hides: 138****8000.

    Compared from the end, so that a country's code may be there or not. Who does not know all of it has not proved anything.
    """
    named, shown = _NO_DIGIT.sub("", phone), _NO_DIGIT.sub("", told)
    length = min(len(named), len(shown))
    if "*" in named or ("*" in shown and len(named) < len(shown)):
        return False
    if length < LEAST_DIGITS or sum(one != "*" for one in shown[-length:]) < LEAST_SHOWN:
        return False
    return all(hidden in {"*", digit} for digit, hidden in zip(named[-length:], shown[-length:], strict=True))
