"""What a channel is: it returns facts about what customers did and sends what it is given; the host does the rest.

An adapter never publishes, counts, retries or writes a status. What it learns it hands to the host as facts; what goes
wrong while sending it raises as one of the ``SendError`` classes, each of which the host maps once.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Protocol, runtime_checkable

from aiohttp import web

from yizhan.core.messages.address import Address
from yizhan.core.messages.command import Command
from yizhan.core.messages.content import Content
from yizhan.core.messages.message import Author, Message
from yizhan.core.messages.receipt import Receipt, ReceiptState


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """A customer wrote. Durable before the platform is answered."""

    message: Message


@dataclass(frozen=True, slots=True)
class InboundReceipt:
    """The platform, or the customer's own screen, tells what became of messages to the customer."""

    receipt: Receipt


@dataclass(frozen=True, slots=True)
class InboundVisit:
    """The customer opened the channel. ``command.kind`` is a ``Visit``."""

    command: Command


@dataclass(frozen=True, slots=True)
class InboundTyping:
    """The customer is typing. A hint for agents' screens; losing it loses nothing."""

    address: Address
    author: Author


Fact = InboundMessage | InboundReceipt | InboundVisit | InboundTyping


class NotAccepted(Exception):
    """The facts are not durable: the platform must not be told that they are. Trying again after ``after`` seconds is right."""

    def __init__(self, after: float = 1.0) -> None:
        super().__init__(after)
        self.after = after


Accept = Callable[[Sequence[Fact]], Awaitable[None]]
"""Returns when all facts are durable, in the order given. Raises NotAccepted; the same facts may then be given again."""

Note = Callable[[Fact], None]
"""Takes receipts, visits and typing that nobody waits for: brought to the bus soon, the newest of a kind standing for all."""


class MenuStyle(Enum):
    BUTTONS = "buttons"
    NUMBERED_TEXT = "numbered text"


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a channel can show and how it may be used. The renderer degrades everything else.

    ``max_text`` counts characters. ``reply_window`` is how long after the customer's last message one may answer, and
    ``quota`` how many messages within it (None: no limit). ``confirms_delivery``: the customer's own screen reports
    what reached it, so that a mere "accepted" that is overtaken by such a report need not be told.
    """

    kinds: frozenset[type[Content]]
    menu: MenuStyle = MenuStyle.NUMBERED_TEXT
    max_text: int = 2000
    reply_window: timedelta | None = None
    quota: int | None = None
    confirms_delivery: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """A message was handed over. ``external_ids`` are the provider's, where it gives any."""

    external_ids: tuple[str, ...] = field(default=())
    state: ReceiptState = ReceiptState.ACCEPTED


class SendError(Exception):
    """A message could not be sent; the subclasses are the whole set."""


class RetryLater(SendError):
    """Certainly not sent; the same call may work after ``after`` seconds."""

    def __init__(self, after: float = 1.0) -> None:
        super().__init__(after)
        self.after = after


class TokenExpired(SendError):
    """Certainly not sent: the provider wants a new access token. The channel renews it; the host tries once more."""


class WindowClosed(SendError):
    """The platform allows no reply any more until the customer writes again."""


class QuotaSpent(SendError):
    """The platform allows no further reply in this window."""


class Refused(SendError):
    """The provider said no. ``code`` is its code as text, ``text`` its own words."""

    def __init__(self, code: str, text: str = "") -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text


class OutcomeUnknown(SendError):
    """The call may or may not have reached the customer, and the provider cannot be asked. Never guessed, never repeated."""


class Channel(Protocol):
    """One way to customers, both directions."""

    @property
    def name(self) -> str:
        """As in ``Address.channel``."""

    @property
    def abilities(self) -> Abilities: ...

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        """What the platform or the customer's client calls."""

    async def send(self, message: Message) -> Sent:
        """Hand one rendered message to the customer. Raises a SendError, nothing else."""


@runtime_checkable
class Polled(Protocol):
    """A channel whose platform must be asked."""

    async def poll(self) -> Sequence[Fact]:
        """What is new; it may wait for it. Called again once these facts are durable, so that a cursor may move only then.

        Raises RetryLater when the platform cannot be asked now.
        """


@runtime_checkable
class Renewing(Protocol):
    """A channel with access tokens."""

    async def renew(self, account: str) -> None:
        """Get a new token. Raises RetryLater when the provider cannot be reached."""
