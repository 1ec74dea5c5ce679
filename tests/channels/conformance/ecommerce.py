"""What the harnesses of shops' platforms have in common. A platform's own is ``<key>.py`` beside this, with ``HARNESS``."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any, ClassVar, Generic, TypeVar, cast

from tests.channels.conformance.harness import ACCOUNT, Harness, Process, Shown, Told
from tests.channels.conformance.stand import SECRET
from tests.simulators.dialogue import FakeDialogue
from tests.simulators.ecommerce import Attempt, Seen, Site
from yizhan.channels.ecommerce import service
from yizhan.channels.ecommerce.platforms import PLATFORMS
from yizhan.core.messages.address import Address
from yizhan.core.runtime.core import Core
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.parts import Parts
from yizhan.core.runtime.settings import CommonSettings, EcommerceSettings

SiteT = TypeVar("SiteT", bound=Site)
PUBLIC_URL = "https://service.example.com"


def platform_harnesses() -> Iterator[type[Harness]]:
    """Of every platform in the registry whose buyers can be talked to. Raises ImportError: one has none."""
    for kind in (kind for kind in PLATFORMS if kind.chats):
        module = import_module(f"tests.channels.conformance.{kind.key}")
        yield cast(type[Harness], module.HARNESS)


class EcommerceHarness(ABC, Generic[SiteT]):
    """One shop on one platform. ``key`` is the platform's, ``send_api`` what its simulator calls the call that sends."""

    name: ClassVar[str]
    key: ClassVar[str]
    channel: ClassVar[str] = "ecommerce"
    send_api: ClassVar[str]
    inapplicable: ClassVar[Mapping[type, str]]
    idempotent: ClassVar[bool] = False
    text_limit: ClassVar[int]
    """Characters of one message."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.site = self.make_site()
        self._people = 0

    @abstractmethod
    def make_site(self) -> SiteT:
        """The simulator, not yet open."""

    @abstractmethod
    def account(self) -> Mapping[str, Any]:
        """The settings of ACCOUNT; the simulator is open."""

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        async with self.site.opened():
            yield

    def settings(self, process: Process) -> CommonSettings:
        return EcommerceSettings(
            home=process.home, secret=process.secret, partitions=process.partitions, public_url=PUBLIC_URL
        )

    async def start(self, life: Lifespan, settings: CommonSettings, core: Core, dialogue: FakeDialogue) -> Parts:
        assert isinstance(settings, EcommerceSettings)
        return await service.start(life, settings, core)

    def reached_at(self, url: str) -> None:
        self.site.webhook = f"{url}/ecommerce/{self.key}/{ACCOUNT}"

    def elsewhere(self, account: str = "nobody") -> str:
        """The address of another account."""
        return self.site.webhook.removesuffix(ACCOUNT) + account

    def secrets(self) -> Sequence[str]:
        return (SECRET, *self.own_secrets(), *self.site.tokens.given)

    @abstractmethod
    def own_secrets(self) -> Sequence[str]:
        """The account's."""

    def is_turned_away(self, told: Told) -> bool:
        return told.refused

    def fits(self, shown: Shown) -> bool:
        return len(shown.text) <= self.text_limit

    def breaches(self) -> Sequence[str]:
        return self.site.breaches

    def heard(self, attempt: Attempt) -> Told:
        """What we answered to a push; another notion of "taken" overrides this."""
        told = Told(attempt.status, attempt.body, attempt.taken)
        self.told.append(told)
        return told

    def acknowledges(self, told: Told) -> bool:
        return told.taken

    def loses_answer(self, *, taken: bool) -> None:
        self.site.faults.next(self.send_api, "commit_then_http" if taken else "http")

    def goes_silent(self) -> None:
        self.site.faults.next(self.send_api, "commit_then_hang")

    def new_buyer(self) -> str:
        self._people += 1
        return f"buyer-{self._people}"

    def address(self, buyer: str, thread: str = "") -> Address:
        return Address("default", self.channel, ACCOUNT, buyer, thread)


class WithTokens:
    """For harnesses of platforms whose calls need a token that ends: the hook ``ExpiresTokens``."""

    site: Site

    def expires_tokens(self) -> None:
        self.site.tokens.expire()

    def replaces_tokens(self) -> None:
        self.site.tokens.replace()


def shown(seen: Seen) -> Shown:
    return Shown(seen.text, tuple(label for _, label in seen.options), picture=bool(seen.picture))
