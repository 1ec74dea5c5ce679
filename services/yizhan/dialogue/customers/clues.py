"""By what a customer's orders can be found: who the business says they are, numbers put down about them, numbers they named. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from yizhan.core.messages import content as c
from yizhan.core.messages.message import AuthorKind, Message
from yizhan.dialogue.tasks.book import TaskBook
from yizhan.dialogue.tasks.definition import Form, SlotKind
from yizhan.dialogue.tasks.readers import reader_of
from yizhan.dialogue.tasks.slots import kinds, order_number, phone
from yizhan.dialogue.tasks.slots.reading import Context, Found
from yizhan.dialogue.vouched import own_id, own_phone

PHONE_ATTRIBUTE = "phone"
"""The attribute in which agents and systems put a customer's telephone number down."""

MOST_PHONES = 3
MOST_NUMBERS = 5
MOST_CHARS = 300
"""Of a message that are read for numbers."""
MOST_READ = 4_000
"""Characters of all that a customer wrote, the newest: rows of digits without end take their time to read."""
_MOST_NUMBER = 100
_LEAST_DIGITS = 4
_CUT = re.compile(r"[A-Za-z0-9 ._-]{0,60}$")
_DIGIT = re.compile(r"[\d零〇一二三四五六七八九幺]")


class ClueKind(StrEnum):
    """What orders are found by."""

    CUSTOMER = "customer"
    """The business's own id of the customer."""
    PHONE = "phone"
    NUMBER = "number"
    """The order's own."""
    BUYER = "buyer"
    """Who writes in this conversation, by the platform's own id."""


class Source(StrEnum):
    """Who says that it is this customer's, the surest first."""

    PLATFORM = "platform"
    """The shop's platform: they write there."""

    VOUCHED = "vouched"
    """The business: the customer is signed in there."""
    NOTED = "noted"
    """A colleague or a system of the business put it down."""
    SHOWN = "shown"
    """The order's card is in the transcript."""
    SAID = "said"
    """The customer wrote it, and nobody checked it."""
    ASKED = "asked"
    """Whoever looks at the card typed it."""


@dataclass(frozen=True, slots=True)
class Clue:
    """``value`` goes to the order system; ``shown`` is what a screen may show."""

    kind: ClueKind
    value: str = field(repr=False)
    source: Source

    @property
    def shown(self) -> str:
        return phone.masked(self.value) if self.kind is ClueKind.PHONE else self.value


@dataclass(frozen=True, slots=True)
class Spelling:
    """How this business's order numbers are read out of what customers write; without shapes by the words around them."""

    readers: tuple[kinds.Reader, ...] = ()


def spelling_of(tasks: TaskBook | None) -> Spelling:
    """From the tasks that ask for such a number and say what it looks like."""
    forms = [task.does for task in tasks.tasks.values() if isinstance(task.does, Form)] if tasks else []
    slots = [slot for form in forms for slot in form.slots if slot.kind is SlotKind.ORDER_NUMBER]
    return Spelling(tuple(dict.fromkeys(reader_of(slot) for slot in slots if slot.settings.get("shape"))))


def clues_asked(words: str, now: datetime) -> tuple[Clue, ...]:
    """What somebody typed: a telephone number, an order's number, or either where it may be both."""
    typed = "".join(one for one in words if one.isprintable()).strip()[:_MOST_NUMBER]
    if not typed:
        return ()
    number = Clue(ClueKind.NUMBER, typed, Source.ASKED)
    called = _phone(typed, now, asked=True)
    return (number,) if called is None else (Clue(ClueKind.PHONE, called, Source.ASKED), number)


def clues_known(
    *, vouched: Iterable[str], noted: Iterable[str], said: Sequence[Message], spelling: Spelling, now: datetime
) -> tuple[Clue, ...]:
    """The surest first, each once, the newest of what was said first.

    ``vouched``: ids at channels whose owners the business vouches for. ``noted``: values of ``PHONE_ATTRIBUTE``.
    ``said``: messages in their order.
    """
    ids = list(vouched)
    newest = [one for one in reversed(said) if one.author.kind is AuthorKind.CUSTOMER]
    texts = _with_numbers(words for one in newest if (words := _words(one.content)))
    phones = [
        *(Clue(ClueKind.PHONE, own, Source.VOUCHED) for one in ids if (own := own_phone(one))),
        *(
            Clue(ClueKind.PHONE, one, Source.NOTED)
            for value in noted
            if (one := _phone(value[:_MOST_NUMBER], now, asked=True))
        ),
        *(Clue(ClueKind.PHONE, one, Source.SAID) for words in texts if (one := _phone(words, now, asked=False))),
    ]
    numbers = [
        *(Clue(ClueKind.NUMBER, number, Source.SHOWN) for number in _on_cards(reversed(said))),
        *(Clue(ClueKind.NUMBER, one, Source.SAID) for words in texts for one in _numbers(words, spelling, now)),
    ]
    customers = [Clue(ClueKind.CUSTOMER, own_id(one), Source.VOUCHED) for one in ids]
    return (*_each_once(customers), *_each_once(phones)[:MOST_PHONES], *_each_once(numbers)[:MOST_NUMBERS])


def _with_numbers(texts: Iterable[str]) -> list[str]:
    """Those in which an order's or a telephone number may stand, until it is enough; a long one without a number cut in two."""
    found: list[str] = []
    left = MOST_READ
    for words in texts:
        text = words if len(words) <= MOST_CHARS else _CUT.sub("", words[:MOST_CHARS])
        if len(_DIGIT.findall(text)) < _LEAST_DIGITS:
            continue
        left -= len(text)
        if left < 0:
            break
        found.append(text)
    return found


def _each_once(clues: Iterable[Clue]) -> tuple[Clue, ...]:
    found: dict[str, Clue] = {}
    for clue in clues:
        found.setdefault(clue.value, clue)
    return tuple(found.values())


def _phone(words: str, now: datetime, *, asked: bool) -> str | None:
    reading = phone.read(words, phone.PhoneRules(), Context(now, asked=asked))
    return reading.value if isinstance(reading, Found) else None


def _numbers(words: str, spelling: Spelling, now: datetime) -> list[str]:
    context = Context(now)
    readings = [read(words, context) for read in spelling.readers]
    if not spelling.readers:
        readings = [order_number.read(words, order_number.OrderNumberRules(), context)]
    return [one.value for one in readings if isinstance(one, Found)]


def _on_cards(messages: Iterable[Message]) -> Iterable[str]:
    """Whoever sent them: the assistant after it was asked, or the customer from their list of orders."""
    for one in messages:
        match one.content:
            case c.OrderCard(order_id) | c.LogisticsCard(order_id) if order_id:
                yield order_id
            case c.RefundCard(order_id=order_id) if order_id:
                yield order_id


def _words(content: c.Content) -> str:
    match content:
        case c.Text(text):
            return text
        case c.Voice(media):
            return media.recognised
        case c.Choice(label=label):
            return label
        case _:
            return ""
