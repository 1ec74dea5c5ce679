"""What a channel is: it returns facts about what customers did and sends what it is given; the host does the rest.

An adapter never publishes, counts, retries or writes a status. What it learns it hands to the host as facts; what goes
wrong while sending it raises as one of the ``SendError`` classes, each of which the host maps once.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from typing import Protocol, runtime_checkable

from aiohttp import web

from yizhan.core.messages.address import Address
from yizhan.core.messages.command import Command
from yizhan.core.messages.content import Content
from yizhan.core.messages.message import Author, Message, ReplyWindow
from yizhan.core.messages.receipt import Receipt, ReceiptState


class Trigger(StrEnum):
    """What a customer did that lets the business write to them for a while, where a platform has such rules."""

    MESSAGE = "message"
    MENU = "menu"
    SUBSCRIBE = "subscribe"
    SCAN = "scan"
    ENTER = "enter"


@dataclass(frozen=True, slots=True)
class Grant:
    """What one trigger allows: so many messages within so long."""

    messages: int
    within: timedelta


WindowRules = Mapping[Trigger, Grant]
"""What a platform allows after which trigger. A trigger that is not there allows nothing."""


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """A customer wrote. Durable before the platform is answered. ``trigger``: what this opens at the platform.

    ``pressed``: the id of a menu's option as the channel gave it to the platform, where the customer pressed one.
    """

    message: Message
    trigger: Trigger = Trigger.MESSAGE
    pressed: str = ""


@dataclass(frozen=True, slots=True)
class InboundReceipt:
    """The platform, or the customer's own screen, tells what became of messages to the customer."""

    receipt: Receipt


@dataclass(frozen=True, slots=True)
class InboundVisit:
    """The customer opened the channel. ``command.kind`` is a ``Visit``."""

    command: Command


@dataclass(frozen=True, slots=True)
class InboundTrigger:
    """The customer did something that is no message and lets the business write. ``at`` is the platform's time of it.

    ``window``, what may be sent from then on, is the host's to fill in.
    """

    address: Address
    trigger: Trigger
    at: datetime
    window: ReplyWindow | None = None


@dataclass(frozen=True, slots=True)
class InboundGone:
    """The customer left (unfollowed, blocked): nothing may be sent until they do something again."""

    address: Address
    window: ReplyWindow | None = None


@dataclass(frozen=True, slots=True)
class InboundTyping:
    """The customer is typing. A hint for agents' screens; losing it loses nothing."""

    address: Address
    author: Author


Fact = InboundMessage | InboundReceipt | InboundVisit | InboundTrigger | InboundGone | InboundTyping


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

    ``max_text`` counts characters, ``max_text_bytes`` bytes of UTF-8 (0: no such limit), ``menu_options`` the most options of
    a menu with buttons (0: any number). ``window`` is what the platform allows to send after which trigger (None: always,
    as much as one likes). ``repeatable``: sending a message twice shows it once, so that no ledger of calls is needed.
    ``idempotent``: the provider knows our messages by their ids, so that a call of unknown outcome may be made again.
    ``confirms_delivery``: the customer's own screen reports what reached it, so that a mere "accepted" that is overtaken by
    such a report need not be told. ``replies_only``: the account may not write by itself; everything waits for the
    customer's next message and goes out in the answer to it. ``takes`` says of a content of a kind that is shown whether
    this very one can be (a voice message in the platform's format); None: every one.
    """

    kinds: frozenset[type[Content]]
    menu: MenuStyle = MenuStyle.NUMBERED_TEXT
    max_text: int = 2000
    max_text_bytes: int = 0
    menu_options: int = 0
    window: WindowRules | None = None
    repeatable: bool = False
    idempotent: bool = False
    confirms_delivery: bool = False
    replies_only: bool = False
    takes: Callable[[Content], bool] | None = None


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
    """Certainly not sent: the provider wants a new access token than ``token``. The channel renews it; the host tries once more."""

    def __init__(self, token: str = "") -> None:
        super().__init__()
        self.token = token


class WindowClosed(SendError):
    """The platform allows no reply any more until the customer writes again. ``code`` and ``text`` are its own words."""

    def __init__(self, code: str = "", text: str = "") -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text


class QuotaSpent(SendError):
    """The platform allows no further reply in this window. ``code`` and ``text`` are its own words."""

    def __init__(self, code: str = "", text: str = "") -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text


class Refusal(StrEnum):
    """Why a provider says no, as far as people have to do something different about it."""

    OTHER = "refused"
    NOT_PERMITTED = "not_permitted"
    BLOCKED = "blocked_by_customer"
    UNKNOWN_CUSTOMER = "unknown_customer"
    BAD_CONTENT = "bad_content"
    TOO_LONG = "too_long"
    RISKY_CONTENT = "risky_content"
    ACCOUNT = "account_refused"
    ELSEWHERE = "served_elsewhere"


class Refused(SendError):
    """The provider said no. ``code`` is its code as text, ``text`` its own words."""

    def __init__(self, code: str, text: str = "", reason: Refusal = Refusal.OTHER) -> None:
        super().__init__(code, text, reason)
        self.code = code
        self.text = text
        self.reason = reason


class OutcomeUnknown(SendError):
    """The call may or may not have reached the customer, and the provider cannot be asked. Never guessed, never repeated."""


class Channel(Protocol):
    """One way to customers, both directions."""

    @property
    def name(self) -> str:
        """As in ``Address.channel``."""

    def abilities(self, account: str) -> Abilities:
        """What one account can show and may do; of an account that is unknown, the least."""

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        """What the customer's client calls. Platforms that push call ``Webhooked`` addresses, which the host serves."""

    async def send(self, message: Message, part: int) -> Sent:
        """Hand one rendered part of a message to the customer; parts have the message's id and count from 0.

        Raises a SendError, nothing else.
        """


@runtime_checkable
class FallingBack(Protocol):
    """A channel that can let a customer know otherwise when the platform lets nothing through."""

    async def fall_back(self, message: Message, reason: str) -> str:
        """A message begins to wait for the customer. What was done about it: "template", "ticket", or empty. Raises nothing."""


@runtime_checkable
class Renewing(Protocol):
    """A channel with access tokens."""

    async def renew(self, account: str, token: str) -> None:
        """See that there is another token than ``token``, which failed. Raises Refused, and RetryLater when nobody can be asked."""


# --- platforms that push --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a platform, as it came. ``attempt`` of the platform is not known here; ``body`` is raw.

    ``headers`` have names in small letters, of several with one name the last; ``path`` is the request's own, and
    ``platform`` what stands in it for ``{platform}``, where the channel has several.
    """

    account: str
    method: str
    query: Mapping[str, str]
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    path: str = ""
    platform: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a platform gets to read."""

    body: bytes = b""
    content_type: str = "text/plain"
    status: int = 200


@dataclass(frozen=True, slots=True)
class ReplySlot:
    """The platform takes one message to the customer in its answer, when that comes ``within`` so many seconds of the call.

    ``key`` is the same for every repetition of the push. ``only``: the account has no other way to write, so that whatever
    waits for the customer goes this way.
    """

    key: str
    address: Address
    within: float
    only: bool = False


@dataclass(frozen=True, slots=True)
class Push:
    """What a call of the platform meant. ``answer`` is what it gets, once the facts are durable, when no reply goes with it.

    ``key`` is the same for every repetition of the push (empty: the slot's key; where there is no slot either, no call is
    taken for a repetition): a repetition joins the one that is being handled, and its own facts are dropped for the first
    one's. ``lane`` names the customer: what one lane has is made durable in the order in which ``receive`` returned it.

    ``finish`` brings further facts that take a while (a picture to fetch), after ``facts``. It is awaited in the
    customer's turn, shared by all repetitions; where the picture cannot be had at all it returns the fact that says so,
    because what it raises makes the platform push again. After ``slow_within`` seconds from the call's arrival the
    platform is told to come again, and its repetition joins what is still under way.
    """

    facts: tuple[Fact, ...] = ()
    answer: Answer = Answer()
    slot: ReplySlot | None = None
    key: str = ""
    lane: str = ""
    finish: Callable[[], Awaitable[tuple[Fact, ...]]] | None = None
    slow_within: float = 4.5


class CallRefused(Exception):
    """The call is not the platform's, or cannot be read. ``status`` is the HTTP status, ``code`` a static name for metrics and logs."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(status, code)
        self.status = status
        self.code = code


@runtime_checkable
class Webhooked(Protocol):
    """A channel whose platforms push."""

    def webhooks(self) -> Sequence[tuple[str, str]]:
        """Method and path of each; a path has ``{account}`` in it."""

    async def receive(self, call: Call) -> Push:
        """Verify and parse, at once: what takes longer (fetching a picture) belongs into the push's ``finish``.

        Raises CallRefused, or NotAccepted when the platform should come again.
        """


@runtime_checkable
class Answering(Protocol):
    """A channel that can put a message to the customer into the answer to a push."""

    def carries(self, message: Message) -> bool:
        """Whether this rendered message can go into an answer."""

    def merged(self, messages: Sequence[Message]) -> int:
        """How many of these (at least 1 where the first is carried), from the first on, fit into one answer together."""

    async def answer(self, call: Call, slot: ReplySlot, messages: Sequence[Message]) -> Answer:
        """The answer that carries these. Raises a SendError when it cannot be made (a picture that will not upload)."""


# --- platforms that must be asked -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a source had: facts, and what moves its cursor once they are durable. ``more``: ask again at once."""

    facts: tuple[Fact, ...] = ()
    commit: Callable[[], Awaitable[None]] | None = None
    more: bool = False


@runtime_checkable
class Polled(Protocol):
    """A channel whose platforms must be asked."""

    def sources(self) -> frozenset[str]:
        """Names of what is to be asked now, an account or a mailbox each; asked side by side, each by itself in order."""

    async def pull(self, source: str) -> Pulled:
        """What is new; it may wait for it (at most a minute). Called again once these facts are durable and committed.

        Raises RetryLater when the platform cannot be asked now.
        """
