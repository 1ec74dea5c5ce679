"""Shopee: buyers' chat by pushes, without a window."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tests.channels.conformance import harness as hooks
from tests.channels.conformance.consents import Consenting
from tests.channels.conformance.ecommerce import PUBLIC_URL, EcommerceHarness, WithTokens, shown
from tests.channels.conformance.harness import ACCOUNT, Shown, Told
from tests.channels.conformance.stand import Stand
from tests.simulators.ecommerce.courier import Envelope
from tests.simulators.ecommerce.shopee import MAX_TEXT, PARTNER_ID, PARTNER_KEY, SHOP_ID, Buyer, ShopeeSite
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content, Location

NEW_KEY = "shpk00112233445566778899aabbccddeeff0011"


class ShopeeHarness(WithTokens, Consenting, EcommerceHarness[ShopeeSite]):
    name = "shopee"
    key = "shopee"
    send_api = "send"
    text_limit = MAX_TEXT
    inapplicable: ClassVar[Mapping[type, str]] = {
        hooks.ClosesWindow: "the platform publishes no time within which a buyer must be answered, and no code for it",
        hooks.CountsMessages: "the platform publishes no number of messages that may be sent",
    }

    site: ShopeeSite

    def make_site(self) -> ShopeeSite:
        return ShopeeSite()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        self.site.registered = f"{PUBLIC_URL}/ecommerce/shopee/{ACCOUNT}"
        async with self.site.opened():
            yield

    def account(self) -> Mapping[str, Any]:
        return {
            "platform": "shopee",
            "partner_id": str(PARTNER_ID),
            "partner_key": PARTNER_KEY,
            "shop_id": str(SHOP_ID),
            "region": "ID",
            "api_url": self.site.root,
        }

    def own_secrets(self) -> Sequence[str]:
        return (PARTNER_KEY, NEW_KEY)

    async def person(self) -> "ShopeePerson":
        return ShopeePerson(self, self.site.buyer())

    async def garbage(self) -> Sequence[Told]:
        deep = b'{"code":10,"data":' + b"[" * 5000 + b"]" * 5000 + b"}"
        message = b'{"code":10,"shop_id":947042923,"data":{"type":"message","content":{}}}'
        bodies = (b"", b"\xff\xfe\x00", b"{", b"[]", b"null", b'{"code":"x"}', message, deep)
        return [await self.pushed(self.site.seal(None, body=body)) for body in bodies]

    async def pushed(self, envelope: Envelope, within: float | None = None, url: str = "") -> Told:
        return self.heard(await self.site.courier.once(url or self.site.webhook, lambda: envelope, within=within))

    def unshowable(self) -> tuple[Content, tuple[str, ...]]:
        return Location(31.230416, 121.473701, "南京东路门店"), ("南京东路门店", "31.230416", "121.473701")

    def address_in(self, shown: Shown) -> str:
        return next(word for word in shown.text.split() if word.startswith("http"))

    def is_busy(self) -> None:
        self.site.faults.next(self.send_api, "refuse", code="system_busy")

    def is_busy_for_long(self) -> None:
        self.site.faults.next(self.send_api, "refuse", code="error_limit")

    def refuses(self) -> str:
        self.site.faults.next(self.send_api, "refuse", code="error_param")
        return "error_param"

    async def rotation(self, stand: Stand) -> AsyncIterator[str]:
        """As the set-up guide says: enter the new key here, then the platform uses it, then forget the old one."""
        await stand.change_account(partner_key=NEW_KEY, previous_partner_key=PARTNER_KEY)
        yield "both are known here"
        self.site.partner_key = NEW_KEY
        yield "the platform uses the new one"
        await stand.change_account(previous_partner_key="")
        yield "the old one is forgotten"


@dataclass
class ShopeePerson:
    harness: ShopeeHarness
    buyer: Buyer

    @property
    def address(self) -> Address:
        return self.harness.address(str(self.buyer.id))

    def letter(self, text: str) -> "ShopeeLetter":
        return ShopeeLetter(self.harness, text, self.harness.site.said(self.buyer, "text", {"text": text}))

    async def says(self, text: str) -> None:
        assert (await self.letter(text).push()).taken

    async def shows(self, picture: bytes) -> None:
        site = self.harness.site
        message = site.said(self.buyer, "image", {"url": site.serve_file(picture), "thumb_url": "b9591_tn"})
        assert (await self.harness.pushed(site.seal(site.whole(message)))).taken

    async def chooses(self, label: str, number: int) -> None:
        await self.says(str(number))

    def screen(self) -> list[Shown]:
        return [shown(seen) for seen in self.harness.site.screen(str(self.buyer.id))]

    async def picture(self, number: int) -> bytes:
        return self.harness.site.screen(str(self.buyer.id))[number].picture


@dataclass
class ShopeeLetter:
    harness: ShopeeHarness
    text: str
    message: dict[str, Any] = field(repr=False)

    async def write(self) -> None:
        """Every try pushes the message itself; its log is not asked."""

    async def push(self, within: float = 20.0) -> Told:
        return await self.harness.pushed(self._sealed(), within)

    async def forged(self) -> Told:
        site = self.harness.site
        return await self.harness.pushed(site.seal(site.whole(self.message), key="somebody-elses"))

    async def misdirected(self) -> Told:
        return await self.harness.pushed(self._sealed(), url=self.harness.elsewhere())

    def _sealed(self) -> Envelope:
        site = self.harness.site
        return site.seal(site.whole(self.message))


HARNESS = ShopeeHarness
