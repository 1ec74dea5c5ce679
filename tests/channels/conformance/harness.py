"""What the conformance kit needs to know of a channel: how its simulator is driven, and what its platform cannot do.

A ``Harness`` is what every channel has. What only some platforms know (tokens, windows, menus without buttons) is a hook: a
protocol of its own, which a harness has or names in ``inapplicable`` with the reason. ``test_table`` holds the two together.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

from tests.simulators.dialogue import FakeDialogue
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content
from yizhan.core.runtime.core import Core
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.parts import Parts
from yizhan.core.runtime.settings import CommonSettings

ACCOUNT = "shop"
"""What the channel's account is called in every case."""


@dataclass(frozen=True, slots=True)
class Told:
    """What our side answered to one push. ``status`` 0: nothing in time. ``taken``: the platform has no reason to come again."""

    status: int
    body: str
    taken: bool

    @property
    def refused(self) -> bool:
        """Turned away for good, and by a decision: neither an accident (5xx) nor something to be tried again."""
        return 400 <= self.status < 500 and not self.taken


@dataclass(frozen=True, slots=True)
class Shown:
    """One message on the customer's screen: its words, the labels of its buttons, whether it is a picture."""

    text: str
    options: tuple[str, ...] = ()
    picture: bool = False


@dataclass(frozen=True, slots=True)
class Process:
    """What a life of the channel's service is started with, besides the core."""

    home: Path
    secret: str
    partitions: int


class Letter(Protocol):
    """One message of a customer, of which the platform can make any number of pushes."""

    text: str

    async def write(self) -> None:
        """The customer has written it; nobody was told. Where the platform keeps no log of its own this is nothing."""

    async def push(self, within: float = 20.0) -> Told:
        """One push of it, given up after ``within`` seconds. It is the same message however often it is pushed."""

    async def forged(self) -> Told:
        """A push of it by somebody who does not know the secret, where there is one."""

    async def misdirected(self) -> Told:
        """A push of it, rightly signed, to an account that does not exist."""


class Person(Protocol):
    """A customer with the platform's app in hand."""

    @property
    def address(self) -> Address: ...

    def letter(self, text: str) -> Letter: ...

    async def says(self, text: str) -> None:
        """Returns when the platform was told that it arrived."""

    async def shows(self, picture: bytes) -> None:
        """Send a PNG."""

    async def chooses(self, label: str, number: int) -> None:
        """Answer the menu that is on the screen in the way it asks for: by its button or by the number."""

    def screen(self) -> list[Shown]:
        """What the business sent, oldest first."""

    async def picture(self, number: int) -> bytes:
        """The picture that is the message of this number, from 0, on the screen."""


class Harness(Protocol):
    """A channel with its simulator. Made anew for each case."""

    name: ClassVar[str]
    channel: ClassVar[str]
    """As in ``Address.channel``."""
    inapplicable: ClassVar[Mapping[type, str]]
    """Hooks that this channel has not, with the reason."""

    told: list[Told]
    """Every answer of ours to a push."""

    def opened(self) -> AbstractAsyncContextManager[None]:
        """The simulator, running."""

    def account(self) -> Mapping[str, Any]:
        """The settings of ACCOUNT."""

    def settings(self, process: Process) -> CommonSettings: ...

    async def start(self, life: Lifespan, settings: CommonSettings, core: Core, dialogue: FakeDialogue) -> Parts:
        """The channel's own service."""

    def reached_at(self, url: str) -> None:
        """The service listens there, in this life and in every later one."""

    async def person(self) -> Person:
        """Another customer."""

    async def garbage(self) -> Sequence[Told]:
        """Pushes that cannot be read, signed as well as such a thing can be where anything is."""

    def secrets(self) -> Sequence[str]:
        """What must not be seen anywhere but on the way to the platform."""

    def fits(self, shown: Shown) -> bool:
        """Whether the platform takes a text of this length in one piece."""

    @property
    def idempotent(self) -> bool:
        """Whether the platform (or the screen) knows our messages by their ids, so that a second call shows nothing twice."""

    def breaches(self) -> Sequence[str]:
        """What we did that the platform does not allow, in words."""


@runtime_checkable
class Equipped(Protocol):
    """A harness whose platform is one of the run's servers."""

    def equip(self, server: Callable[[str], Any]) -> None:
        """``server`` gives one by the name of its fixture."""


# --- hooks ----------------------------------------------------------------------------------------------------------


@runtime_checkable
class Proves(Protocol):
    """The platform proves who it is, so that what anybody else says is turned away."""

    def is_turned_away(self, told: Told) -> bool:
        """Whether a push was: for good, and by a decision."""


@runtime_checkable
class Acknowledges(Protocol):
    """The answer to a push says that the message need not come again."""

    def acknowledges(self, told: Told) -> bool: ...


@runtime_checkable
class Rotates(Protocol):
    """Pushes are proved by a key that can be changed."""

    def rotation(self, stand: Any) -> AsyncIterator[str]:
        """Changes the key step by step; after each step, which is named, messages must get through."""


@runtime_checkable
class Degrades(Protocol):
    """There is content that the platform cannot show."""

    def unshowable(self) -> tuple[Content, tuple[str, ...]]:
        """Such a content, and the words of it that must not be lost."""


@runtime_checkable
class LinksFiles(Protocol):
    """The platform takes no files of any kind, so that the customer gets an address instead."""

    def address_in(self, shown: Shown) -> str:
        """The address on the screen."""


@runtime_checkable
class AsksToRetry(Protocol):
    """The platform may ask to come again with a message."""

    def is_busy(self) -> None:
        """The next call is answered so, the one after that is taken."""

    def is_busy_for_long(self) -> None:
        """The next call is answered so, with a pause longer than anybody waits in a queue."""


@runtime_checkable
class ExpiresTokens(Protocol):
    """Calls need a token that ends."""

    def expires_tokens(self) -> None:
        """It is over with every token given out so far."""

    def replaces_tokens(self) -> None:
        """Somebody else fetched a token, which makes ours worthless."""


@runtime_checkable
class ClosesWindow(Protocol):
    """The business may write for a while only."""

    def closes_window(self) -> None:
        """For every customer, and we are not told."""


@runtime_checkable
class CountsMessages(Protocol):
    """The business may write so many messages only."""

    def quota(self) -> int:
        """How many after one message of the customer."""

    def spends_quota(self) -> None:
        """The next call hears that the platform has counted more than we have."""


@runtime_checkable
class Refuses(Protocol):
    """The platform may say no."""

    def refuses(self) -> str:
        """To the next message; the code it says it with."""


@runtime_checkable
class LosesAnswers(Protocol):
    """A call may have an effect although its answer is lost."""

    def loses_answer(self, *, taken: bool) -> None:
        """The answer to the next call is lost on its way; ``taken``: the message was not."""

    def goes_silent(self) -> None:
        """The next message is taken, and its answer never comes."""
