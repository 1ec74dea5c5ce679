"""Numbers of orders as shops' platforms write them, whatever shape the business's own have. Pure."""

import re
from datetime import datetime

from yizhan.dialogue.tasks.slots import id_card, kinds, order_number
from yizhan.dialogue.tasks.slots.reading import Context, Found, Reading, Span

_ALONE = re.compile(
    r"(?:(?:订单号?|单号|order(?: number)?)[ :：是]{0,3})?#?((?=[A-Za-z_-]{0,39}[0-9])[A-Za-z0-9][A-Za-z0-9_-]{0,39})",
    re.IGNORECASE,
)
"""A number of any length and nothing else, after its name at most. It has a digit at least."""

_PLAIN = re.compile(r"[0-9]{12,20}|[0-9]{6}-[0-9]{9,18}|#[A-Za-z0-9-]{0,20}[0-9]{3,10}")
"""What is an order's number even where nobody asked: Taobao's, JD's and Douyin's, Pinduoduo's, Shopify's with its mark."""


def reader(read: kinds.Reader) -> kinds.Reader:
    """Reads what ``read`` does, and what a platform's number may be besides."""

    def read_it(text: str, context: Context) -> Reading:
        reading = read(text, context)
        if isinstance(reading, Found):
            return reading
        plain = order_number.read(text, order_number.OrderNumberRules(), context)
        if isinstance(plain, Found):
            return plain
        alone = _ALONE.fullmatch(text.strip()) if context.asked else None
        number = alone[1] if alone is not None and not _of_a_person(text, context.now) else ""
        return Found(number, number, Span(0, len(text))) if number else reading

    return read_it


def bare(words: str, now: datetime) -> str:
    """The number that a message is and nothing else; empty for any other."""
    found = _PLAIN.fullmatch(words.strip())
    return found[0] if found is not None and not _of_a_person(words, now) else ""


def _of_a_person(words: str, now: datetime) -> bool:
    """Telephone numbers have eleven digits; identity cards have as many as some orders."""
    compact = re.sub(r"[ -]", "", words)
    if re.fullmatch(r"(?:86)?1[3-9][0-9]{9}", compact):
        return True
    return isinstance(id_card.read(words, Context(now)), Found)
