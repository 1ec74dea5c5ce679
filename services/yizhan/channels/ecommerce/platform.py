"""What a shop's platform is to the e-commerce channel, and what it is given to work with.

A platform is one folder: it says what buyers did, as facts, makes one call for one part of a message, and looks orders up.
Which accounts there are, tokens, files, the ledger of sends, windows and retries are the channel's and the host's.
What only some platforms have (consent of the seller, orders, conversations that must be asked for) is a protocol of its
own, which the channel finds out by itself.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel, ConfigDict
from yarl import URL

from yizhan.channels.account_setup import AccountSetup
from yizhan.channels.accounts import Account
from yizhan.channels.contract import Abilities, Call, Pulled, Push, Sent
from yizhan.channels.tokens import Fetched
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import LogisticsCard, Media, OrderCard, RefundCard
from yizhan.core.messages.ids import NewId
from yizhan.core.messages.message import Message
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.http.outbound import Reach, nearness

CHANNEL = "ecommerce"
"""As in ``Address.channel``; every platform's accounts are its."""


class ShopSettings(BaseModel):
    """What a business sets for one of its shops. A platform's own model has ``platform: Literal["<key>"]`` and its fields."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    platform: str

    def inside(self) -> frozenset[URL]:
        """Origins on this very machine among the settings whose names end in ``url``: a simulator, never a platform."""
        given = (str(value) for name, value in self if name.endswith("url") and value)
        return frozenset(origin for url in given if (origin := loopback_origin(url)) is not None)


def loopback_origin(value: str) -> URL | None:
    """The origin of an address on this machine; None: it is elsewhere, or no address."""
    try:
        origin = URL(value).origin()
    except ValueError:
        return None
    host = origin.host or ""
    return origin if host == "localhost" or nearness(host) is Reach.LOOPBACK else None


SettingsT = TypeVar("SettingsT", bound=ShopSettings)


# --- what a platform is given ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Request:
    """One call of a platform's API, signed already. ``what`` is a static name for logs and figures.

    ``sending``: it has an effect that must not happen twice. ``secrets`` are kept out of every error. ``busy_is_503``: this
    platform says with a 503 that has a Retry-After that it took nothing; otherwise nobody knows.
    """

    what: str
    method: str
    url: URL = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    sending: bool = False
    busy_is_503: bool = False
    secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Response:
    """What the platform answered, whatever the status below 500 but 429. ``headers`` have names in small letters."""

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class Calls(Protocol):
    """Calls made, with limits of time and length; redirects are not followed."""

    async def __call__(self, request: Request) -> Response:
        """Raises RetryLater where it was certainly not taken (no connection, 429) or may simply be made again.

        Raises OutcomeUnknown where a ``sending`` call may have been taken: no answer, 5xx.
        """

    def refused(self, what: str, code: str) -> None:
        """Count an answer that says no. ``code`` is one of the platform's table, or ``other``: it becomes a label."""


class Tokens(Protocol):
    """Access tokens of accounts, kept for all replicas and renewed early."""

    async def get(self, account: str) -> str:
        """Raises Refused with the reason ACCOUNT, and RetryLater."""

    async def facts(self, account: str) -> Mapping[str, str]:
        """The ``facts`` of the grant that the token belongs to; empty where there are none. Raises as ``get``."""


class Files(Protocol):
    """Files that buyers sent, and those that go to them."""

    async def fetch(self, url: str, name: str, hosts: Collection[str], headers: Mapping[str, str]) -> Media | None:
        """The file, stored. ``hosts``: only there (each with its subdomains) is it fetched, never inside the own network.

        None: it is gone, elsewhere, too large or of a kind that is not kept. Raises RetryLater.
        """

    async def keep(self, data: bytes, name: str) -> Media | None:
        """A file that came inside a push, stored. None: it is too large or of a kind that is not kept. Raises RetryLater."""

    async def read(self, media: Media, most: int) -> bytes | None:
        """The bytes of a stored file; None: there are more than ``most``, or none. Raises RetryLater."""

    def link(self, media: Media) -> str:
        """An address under which the buyer can get it for a while."""


class Notes(Protocol):
    """Short facts about buyers, kept for all replicas: the conversation they write in, their id among orders."""

    async def known(self, address: Address) -> Mapping[str, str]:
        """Raises RetryLater."""

    async def note(self, address: Address, facts: Mapping[str, str], until: datetime) -> None:
        """Names have at most 32 characters, values at most 300. Raises RetryLater."""


class Ours(Protocol):
    """Tells our own messages, which platforms push back, from those that were written in the platform's own console."""

    async def __call__(self, address: Address, external_id: str) -> str:
        """The id of our message that got this id of the platform's; empty: none did.

        Waits a moment for sends to this buyer that have no answer yet. Raises RetryLater.
        """


class Erasures(Protocol):
    """People of whom the platform says that what is kept about them has to go. Noted until whoever runs this did it."""

    async def ask(self, people: Collection[Address], reference: str) -> None:
        """``people`` may be known here or not; addresses have no thread. ``reference`` is the platform's. Raises RetryLater."""


@dataclass(frozen=True, slots=True)
class Tools:
    """Everything that a platform is opened with. ``public_url`` is this deployment's own address, empty where unknown."""

    calls: Calls
    tokens: Tokens
    files: Files
    notes: Notes
    ours: Ours
    clock: Clock
    new_id: NewId
    public_url: str
    erasures: Erasures

    def pushed_to(self, platform: str, account: str) -> str:
        """The address that the platform was told to push to; some sign it."""
        return f"{self.public_url.rstrip('/')}/ecommerce/{platform}/{account}"


# --- what a platform is ---------------------------------------------------------------------------------------------


class Platform(Protocol[SettingsT]):
    """One platform, for all shops on it; it keeps nothing between calls but its tools."""

    def abilities(self, settings: SettingsT) -> Abilities:
        """What buyers can be shown there, and when."""

    async def receive(self, shop: Account[SettingsT], call: Call) -> Push:
        """Verify, then read. As ``Webhooked.receive``: raises CallRefused and NotAccepted."""

    async def send(self, shop: Account[SettingsT], message: Message, part: int) -> Sent:
        """As ``Channel.send``: one call, and a SendError, nothing else."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a seller's consent, or the renewal of it, gave. ``refresh`` empty: it cannot be renewed.

    ``refresh_expires_in`` None: not said. ``facts`` are the platform's own (a shop's cipher), kept with it.
    """

    access: str = field(repr=False)
    expires_in: float
    refresh: str = field(default="", repr=False)
    refresh_expires_in: float | None = None
    facts: Mapping[str, str] = field(default_factory=dict, repr=False)


@runtime_checkable
class Consented(Protocol[SettingsT]):
    """A platform whose tokens come from the seller's consent on its own pages (OAuth). The channel keeps the grants."""

    def consent_url(self, shop: Account[SettingsT], redirect_url: str, state: str) -> URL:
        """Where the seller says yes. They come back to ``redirect_url`` with ``state`` and a code."""

    async def consented(self, shop: Account[SettingsT], query: Mapping[str, str], redirect_url: str) -> Grant:
        """What came back, exchanged. Raises TokenRefused and RetryLater."""

    async def renewed(self, shop: Account[SettingsT], grant: Grant) -> Grant:
        """A new access token. Raises TokenRefused when the seller must consent again, and RetryLater."""


@runtime_checkable
class Keyed(Protocol[SettingsT]):
    """A platform whose tokens are had for the shop's own id and secret."""

    async def token(self, shop: Account[SettingsT], *, force: bool) -> Fetched:
        """Raises TokenRefused, Refused and RetryLater."""


@runtime_checkable
class Asked(Protocol[SettingsT]):
    """A platform that must be asked for what its pushes left out."""

    def sources(self, shop: Account[SettingsT]) -> frozenset[str]:
        """As ``Polled.sources``, for one shop."""

    async def pull(self, shop: Account[SettingsT], source: str) -> Pulled:
        """As ``Polled.pull``. Raises a SendError: with TokenExpired it is asked once more, with a new token."""


@dataclass(frozen=True, slots=True)
class ShopOrder:
    """An order as the platform tells it. ``phase`` is one of those of ``Order`` in orders.proto; ``card.status`` is for people.

    ``buyer`` is who ordered, in the ids that conversations have; an order is told to nobody else. ``phone`` is the number
    that it was placed with, as the platform tells it (with ``*`` for digits that it keeps to itself): by it a buyer can prove
    that an order is theirs where the conversation has other ids than the platform's.
    """

    card: OrderCard
    phase: str
    buyer: str
    placed_at: datetime | None = None
    parcels: tuple[LogisticsCard, ...] = ()
    refunds: tuple[RefundCard, ...] = ()
    phone: str = field(default="", repr=False)


@runtime_checkable
class HasOrders(Protocol[SettingsT]):
    """A platform whose orders can be looked up."""

    async def order(self, shop: Account[SettingsT], order_id: str, locale: str) -> ShopOrder | None:
        """None: there is no such order. Raises RetryLater, Refused and TokenExpired."""


@runtime_checkable
class ListsOrders(HasOrders[SettingsT], Protocol[SettingsT]):
    """A platform that also finds the orders of a buyer."""

    async def orders(self, shop: Account[SettingsT], buyer: str, locale: str, most: int) -> Sequence[ShopOrder]:
        """Newest first. Raises as ``order``."""


@dataclass(frozen=True, slots=True)
class PlatformKind:
    """The one line of a platform in ``platforms``: ``key`` is in its accounts' settings and in its addresses.

    ``name`` is what people call it, in Chinese and in English. ``setup`` is for platforms that can be asked whether an
    account works, or where something is to be entered there. ``chats`` False: nobody can talk to its buyers from outside,
    it has orders only.
    """

    key: str
    name: tuple[str, str]
    settings: type[ShopSettings]
    open: Callable[[Tools], Platform[Any]]
    setup: AccountSetup | None = None
    chats: bool = True
