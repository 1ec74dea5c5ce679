"""TikTok Shop: buyers' chat by webhooks, closed when the platform's own rules say so."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tests.channels.conformance import harness as hooks
from tests.channels.conformance.consents import Consenting
from tests.channels.conformance.ecommerce import EcommerceHarness, WithTokens, shown
from tests.channels.conformance.harness import Shown, Told
from tests.channels.conformance.stand import Stand
from tests.simulators.ecommerce.courier import Envelope
from tests.simulators.ecommerce.tiktok import APP_KEY, APP_SECRET, CIPHER, MAX_TEXT, SHOP_ID, Buyer, TikTokSite
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content, Location

NEW_SECRET = "7c4a8d09ca3762af61e59520943dc26494f8941b00"


class TikTokHarness(WithTokens, Consenting, EcommerceHarness[TikTokSite]):
    name = "tiktok"
    key = "tiktok"
    send_api = "send"
    text_limit = MAX_TEXT
    inapplicable: ClassVar[Mapping[type, str]] = {
        hooks.CountsMessages: "the platform publishes no number of messages; its rules end with time and are told by one code",
    }

    site: TikTokSite

    def make_site(self) -> TikTokSite:
        return TikTokSite()

    def grant_facts(self) -> Mapping[str, str]:
        return {"shop_cipher": CIPHER, "shop_id": SHOP_ID}

    def account(self) -> Mapping[str, Any]:
        return {
            "platform": "tiktok",
            "app_key": APP_KEY,
            "app_secret": APP_SECRET,
            "service_id": "7001",
            "shop_id": SHOP_ID,
            "api_url": self.site.root,
            "auth_url": self.site.root,
        }

    def own_secrets(self) -> Sequence[str]:
        return (APP_SECRET, NEW_SECRET, CIPHER)

    async def person(self) -> "TikTokPerson":
        return TikTokPerson(self, self.site.buyer())

    async def garbage(self) -> Sequence[Told]:
        deep = b'{"type":14,"data":' + b"[" * 5000 + b"]" * 5000 + b"}"
        bodies = (b"", b"\xff\xfe\x00", b"{", b"[]", b"null", b'{"type":"x"}', b'{"type":14,"data":{}}', deep)
        return [await self.pushed(self.site.seal(None, body=body)) for body in bodies]

    async def pushed(self, envelope: Envelope, within: float | None = None, url: str = "") -> Told:
        return self.heard(await self.site.courier.once(url or self.site.webhook, lambda: envelope, within=within))

    def unshowable(self) -> tuple[Content, tuple[str, ...]]:
        return Location(31.230416, 121.473701, "南京东路门店"), ("南京东路门店", "31.230416", "121.473701")

    def address_in(self, shown: Shown) -> str:
        return next(word for word in shown.text.split() if word.startswith("http"))

    def is_busy(self) -> None:
        self.site.faults.next(self.send_api, "refuse", code="36009002")

    def is_busy_for_long(self) -> None:
        self.site.faults.next(self.send_api, "refuse", code="45101004")

    def closes_window(self) -> None:
        for buyer in self.site.buyers.values():
            buyer.open = False

    def refuses(self) -> str:
        self.site.faults.next(self.send_api, "refuse", code="45101006")
        return "45101006"

    async def rotation(self, stand: Stand) -> AsyncIterator[str]:
        """As the set-up guide says: enter the new secret here, then the platform uses it, then forget the old one."""
        await stand.change_account(app_secret=NEW_SECRET, previous_app_secret=APP_SECRET)
        yield "both are known here"
        self.site.app_secret = NEW_SECRET
        yield "the platform uses the new one"
        await stand.change_account(previous_app_secret="")
        yield "the old one is forgotten"


@dataclass
class TikTokPerson:
    harness: TikTokHarness
    buyer: Buyer

    @property
    def address(self) -> Address:
        return self.harness.address(self.buyer.conversation)

    def letter(self, text: str) -> "TikTokLetter":
        return TikTokLetter(self.harness, text, self.harness.site.said(self.buyer, "TEXT", {"content": text}))

    async def says(self, text: str) -> None:
        assert (await self.letter(text).push()).taken

    async def shows(self, picture: bytes) -> None:
        site = self.harness.site
        content = {"url": site.serve_file(picture), "width": "8", "height": "8"}
        assert (await self.harness.pushed(site.seal(site.said(self.buyer, "IMAGE", content)))).taken

    async def chooses(self, label: str, number: int) -> None:
        await self.says(str(number))

    def screen(self) -> list[Shown]:
        return [shown(seen) for seen in self.harness.site.screen(self.buyer.conversation)]

    async def picture(self, number: int) -> bytes:
        return self.harness.site.screen(self.buyer.conversation)[number].picture


@dataclass
class TikTokLetter:
    harness: TikTokHarness
    text: str
    data: dict[str, Any] = field(repr=False)

    async def write(self) -> None:
        """Every try pushes the message itself; its log is not asked."""

    async def push(self, within: float = 20.0) -> Told:
        return await self.harness.pushed(self.harness.site.seal(self.data), within)

    async def forged(self) -> Told:
        return await self.harness.pushed(self.harness.site.seal(self.data, secret="somebody-elses"))

    async def misdirected(self) -> Told:
        return await self.harness.pushed(self.harness.site.seal(self.data), url=self.harness.elsewhere())


HARNESS = TikTokHarness
