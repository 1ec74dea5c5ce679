"""eBay: members' messages by pushes, without a window."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tests.channels.conformance import harness as hooks
from tests.channels.conformance.consents import Consenting
from tests.channels.conformance.ecommerce import EcommerceHarness, WithTokens, shown
from tests.channels.conformance.harness import Shown, Told
from tests.channels.conformance.stand import Stand
from tests.simulators.ecommerce.courier import Seal
from tests.simulators.ecommerce.ebay import CLIENT_ID, RU_NAME, SELLER, SimEbay
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content, Location

NO_WINDOW = "the platform publishes neither a time nor a number of messages after which nothing may be written"


class EbayHarness(WithTokens, Consenting, EcommerceHarness[SimEbay]):
    name = "ebay"
    key = "ebay"
    send_api = "send"
    text_limit = 2000
    inapplicable: ClassVar[Mapping[type, str]] = {
        hooks.ClosesWindow: NO_WINDOW,
        hooks.CountsMessages: NO_WINDOW,
    }

    site: SimEbay

    def make_site(self) -> SimEbay:
        return SimEbay()

    def account(self) -> Mapping[str, Any]:
        return {
            "platform": "ebay",
            "client_id": CLIENT_ID,
            "client_secret": self.site.client_secret,
            "ru_name": RU_NAME,
            "verification_token": self.site.verification_token,
            "seller": SELLER,
            "api_url": self.site.root,
            "auth_url": self.site.root,
        }

    def own_secrets(self) -> Sequence[str]:
        return (self.site.client_secret, self.site.verification_token, *self.site.app_tokens)

    async def person(self) -> "EbayPerson":
        return EbayPerson(self, self.new_buyer())

    async def garbage(self) -> Sequence[Told]:
        deep = b'{"metadata":' + b"[" * 5000 + b"]" * 5000 + b"}"
        bodies = (b"", b"\xff\xfe\x00", b"{", b"[]", b"null", b'{"metadata":{"topic":"NEW_MESSAGE"}}', deep)
        return [await self.pushed(lambda body=body: self.site.signed(body)) for body in bodies]  # type: ignore[misc]

    async def pushed(self, seal: Seal, within: float = 20.0, url: str = "") -> Told:
        return self.heard(await self.site.courier.once(url or self.site.webhook, seal, within=within))

    def unshowable(self) -> tuple[Content, tuple[str, ...]]:
        return Location(31.230416, 121.473701, "南京东路门店"), ("南京东路门店", "31.230416", "121.473701")

    def address_in(self, shown: Shown) -> str:
        """The platform takes a PDF by its address."""
        return next(word for word in shown.text.split() if word.startswith("http"))

    def is_busy(self) -> None:
        self.site.faults.next(self.send_api, "http", status=429, headers={"Retry-After": "1"})

    def is_busy_for_long(self) -> None:
        self.site.faults.next(self.send_api, "http", status=429, headers={"Retry-After": "600"})

    def refuses(self) -> str:
        self.site.faults.next(self.send_api, "refuse", code="355001")
        return "355001"

    async def rotation(self, stand: Stand) -> AsyncIterator[str]:
        """The platform's key is named by every push, and fetched."""
        self.site.rotate_key()
        yield "another key"
        self.site.rotate_key()
        yield "yet another key"


@dataclass
class EbayPerson:
    harness: EbayHarness
    buyer: str

    @property
    def address(self) -> Address:
        return self.harness.address(self.buyer, self.harness.site.conversation(self.buyer).conversation_id)

    def letter(self, text: str) -> "EbayLetter":
        return EbayLetter(self, text)

    async def says(self, text: str) -> None:
        assert self.harness.heard(await self.harness.site.says(self.buyer, text)).taken

    async def shows(self, picture: bytes) -> None:
        assert self.harness.heard(await self.harness.site.shows(self.buyer, picture)).taken

    async def chooses(self, label: str, number: int) -> None:
        await self.says(str(number))

    def screen(self) -> list[Shown]:
        return [shown(seen) for seen in self.harness.site.screen(self.buyer)]

    async def picture(self, number: int) -> bytes:
        return self.harness.site.screen(self.buyer)[number].picture


@dataclass
class EbayLetter:
    """One message; what is pushed of it has the same ids each time."""

    person: EbayPerson
    text: str
    data: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.data = self.person.harness.site.written(self.person.buyer, self.text)

    async def write(self) -> None:
        """The platform's log has it from the start; it is looked at every few minutes only."""

    async def push(self, within: float = 20.0) -> Told:
        harness = self.person.harness
        return await harness.pushed(harness.site.seal(self.data), within)

    async def forged(self) -> Told:
        harness = self.person.harness
        return await harness.pushed(harness.site.seal(self.data, forged=True))

    async def misdirected(self) -> Told:
        harness = self.person.harness
        return await harness.pushed(harness.site.seal(self.data), url=harness.elsewhere())


HARNESS = EbayHarness
"""Found by the platform's key."""
