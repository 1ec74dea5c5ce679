"""微信小店: encrypted pushes, five messages within 48 hours of the buyer's."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tests.channels.conformance import harness as hooks
from tests.channels.conformance.ecommerce import EcommerceHarness, WithTokens, shown
from tests.channels.conformance.harness import Shown, Told
from tests.channels.conformance.stand import Stand
from tests.simulators.ecommerce.courier import Envelope
from tests.simulators.ecommerce.weixin_shop import (
    AES_KEY,
    APP_ID,
    APP_SECRET,
    MAX_BYTES,
    QUOTA,
    TOKEN,
    WINDOW_SECONDS,
    Buyer,
    WeixinShopSite,
)
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content, Location

NEW_AES_KEY = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"


class WeixinShopHarness(WithTokens, EcommerceHarness[WeixinShopSite]):
    name = "weixin_shop"
    key = "weixin_shop"
    send_api = "send"
    idempotent = True
    text_limit = MAX_BYTES
    inapplicable: ClassVar[Mapping[type, str]] = {
        hooks.LinksFiles: "the platform takes files of every kind as they are, up to 30 MB",
    }

    site: WeixinShopSite

    def make_site(self) -> WeixinShopSite:
        return WeixinShopSite()

    def account(self) -> Mapping[str, Any]:
        return {
            "platform": "weixin_shop",
            "app_id": APP_ID,
            "secret": APP_SECRET,
            "token": TOKEN,
            "aes_key": AES_KEY,
            "api_url": self.site.root,
        }

    def own_secrets(self) -> Sequence[str]:
        return (APP_SECRET, TOKEN, AES_KEY, NEW_AES_KEY)

    def fits(self, shown: Shown) -> bool:
        return len(shown.text.encode()) <= MAX_BYTES

    async def person(self) -> "WeixinShopPerson":
        return WeixinShopPerson(self, self.site.buyer())

    async def garbage(self) -> Sequence[Told]:
        bare = [self.site.wrap(body, "") for body in (b"", b"\xff\xfe\x00", b"{", b"[]", b"{}")]
        sealed = [self.site.wrap(b'{"Encrypt":"%s"}' % one.encode(), one) for one in ("AAAA", "not base64", "A" * 64)]
        event = '{"Event":"commkf_send_msg_to_kf"}'
        deep = '{"Event":' + "[" * 5000 + "]" * 5000 + "}"
        clear = [self.site.seal(None, clear=one) for one in ("", "[]", "no json", event, deep)]
        return [await self.pushed(envelope) for envelope in (*bare, *sealed, *clear)]

    async def pushed(self, envelope: Envelope, within: float | None = None, url: str = "") -> Told:
        return self.heard(await self.site.courier.once(url or self.site.webhook, lambda: envelope, within=within))

    def unshowable(self) -> tuple[Content, tuple[str, ...]]:
        return Location(31.230416, 121.473701, "南京东路门店"), ("南京东路门店", "31.230416", "121.473701")

    def is_busy(self) -> None:
        self.site.faults.next(self.send_api, "refuse", code="-1")

    def is_busy_for_long(self) -> None:
        self.site.faults.next(self.send_api, "refuse", code="45011")

    def closes_window(self) -> None:
        self.site.clock.advance(WINDOW_SECONDS + 3600.0, False)

    def quota(self) -> int:
        return QUOTA

    def spends_quota(self) -> None:
        self.site.faults.next(self.send_api, "refuse", code="45047")

    def refuses(self) -> str:
        self.site.faults.next(self.send_api, "refuse", code="87014")
        return "87014"

    async def rotation(self, stand: Stand) -> AsyncIterator[str]:
        """As the set-up guide says: enter the new key here, then at the platform, then forget the old one."""
        await stand.change_account(aes_key=NEW_AES_KEY, previous_aes_key=AES_KEY)
        yield "both are known here"
        self.site.aes_key = NEW_AES_KEY
        yield "the platform uses the new one"
        await stand.change_account(previous_aes_key="")
        yield "the old one is forgotten"


@dataclass
class WeixinShopPerson:
    harness: WeixinShopHarness
    buyer: Buyer

    @property
    def address(self) -> Address:
        return self.harness.address(self.buyer.openid)

    def letter(self, text: str) -> "WeixinShopLetter":
        return WeixinShopLetter(self.harness, text, self.harness.site.said(self.buyer, "text", {"content": text}))

    async def says(self, text: str) -> None:
        assert (await self.letter(text).push()).taken

    async def shows(self, picture: bytes) -> None:
        site = self.harness.site
        push = site.said(self.buyer, "image", {"cos_url": site.serve_file(picture)})
        assert (await self.harness.pushed(site.seal(push))).taken

    async def chooses(self, label: str, number: int) -> None:
        await self.says(str(number))

    def screen(self) -> list[Shown]:
        return [shown(seen) for seen in self.harness.site.screen(self.buyer.openid)]

    async def picture(self, number: int) -> bytes:
        return self.harness.site.screen(self.buyer.openid)[number].picture


@dataclass
class WeixinShopLetter:
    harness: WeixinShopHarness
    text: str
    content: dict[str, Any] = field(repr=False)

    async def write(self) -> None:
        """The platform keeps no log that could be asked: there is the push alone."""

    async def push(self, within: float = 20.0) -> Told:
        return await self.harness.pushed(self.harness.site.seal(self.content), within)

    async def forged(self) -> Told:
        return await self.harness.pushed(self.harness.site.seal(self.content, token="somebodyElses"))

    async def misdirected(self) -> Told:
        return await self.harness.pushed(self.harness.site.seal(self.content), url=self.harness.elsewhere())


HARNESS = WeixinShopHarness
