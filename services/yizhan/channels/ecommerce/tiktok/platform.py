"""TikTok Shop as a platform: both directions, orders and the seller's consent."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel
from yarl import URL

from yizhan.channels.contract import Abilities, Call as HttpCall, Push, Sent
from yizhan.channels.ecommerce.platform import Grant, PlatformKind, ShopOrder, Tools
from yizhan.channels.ecommerce.reading import MaybeId
from yizhan.channels.ecommerce.tiktok import paths
from yizhan.channels.ecommerce.tiktok.api import Api, Call, TikTokShop
from yizhan.channels.ecommerce.tiktok.buyers import Buyers
from yizhan.channels.ecommerce.tiktok.consent import Consent, consent_url
from yizhan.channels.ecommerce.tiktok.inbound import Inbound
from yizhan.channels.ecommerce.tiktok.missed import Missed
from yizhan.channels.ecommerce.tiktok.orders import OrderDesk
from yizhan.channels.ecommerce.tiktok.outgoing import ABILITIES, body_of
from yizhan.channels.ecommerce.tiktok.pictures import Pictures
from yizhan.channels.ecommerce.tiktok.settings import TikTokSettings
from yizhan.channels.ecommerce.tiktok.setup import TikTokSetup
from yizhan.core.messages.content import Image
from yizhan.core.messages.message import Message


class _SentAnswer(BaseModel):
    message_id: MaybeId = ""


class TikTok:
    """For all shops. What it keeps in memory (uploaded pictures, whose log was read) can be had again."""

    def __init__(self, tools: Tools) -> None:
        self._api = Api(tools)
        self._inbound = Inbound(Buyers(self._api, tools), Missed(self._api, tools), tools)
        self._pictures = Pictures(self._api, tools)
        self._orders = OrderDesk(self._api, tools)
        self._consent = Consent(self._api, tools)

    def abilities(self, settings: TikTokSettings) -> Abilities:  # noqa: ARG002 - alike for every shop
        return ABILITIES

    async def receive(self, shop: TikTokShop, call: HttpCall) -> Push:
        return await self._inbound.receive(shop, call)

    async def send(self, shop: TikTokShop, message: Message, part: int) -> Sent:  # noqa: ARG002 - parts have no ids there
        content = message.content
        picture = await self._pictures.uploaded(shop, content.media) if isinstance(content, Image) else None
        call = Call(
            "tiktok send",
            "POST",
            paths.messages(message.address.customer),
            body=body_of(content, picture),
            sending=True,
        )
        answer = await self._api.ask(shop, call, _SentAnswer)
        return Sent((answer.message_id,) if answer.message_id else ())

    # --- orders ---

    async def order(self, shop: TikTokShop, order_id: str, locale: str) -> ShopOrder | None:
        return await self._orders.order(shop, order_id, locale)

    async def orders(self, shop: TikTokShop, buyer: str, locale: str, most: int) -> Sequence[ShopOrder]:
        return await self._orders.orders(shop, buyer, locale, most)

    # --- consent ---

    def consent_url(self, shop: TikTokShop, redirect_url: str, state: str) -> URL:  # noqa: ARG002 - set in Partner Center
        return consent_url(shop.settings, state)

    async def consented(self, shop: TikTokShop, query: Mapping[str, str], redirect_url: str) -> Grant:  # noqa: ARG002
        return await self._consent.consented(shop, query)

    async def renewed(self, shop: TikTokShop, grant: Grant) -> Grant:
        return await self._consent.renewed(shop, grant)


KIND = PlatformKind("tiktok", ("TikTok Shop", "TikTok Shop"), TikTokSettings, TikTok, TikTokSetup())
