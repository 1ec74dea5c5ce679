"""Shopee as a platform: both directions, what was missed, orders and the seller's consent."""

from collections.abc import Mapping

from pydantic import BaseModel
from yarl import URL

from yizhan.channels.contract import Abilities, Call as HttpCall, Pulled, Push, Refusal, Refused, Sent
from yizhan.channels.ecommerce.platform import Grant, PlatformKind, ShopOrder, Tools
from yizhan.channels.ecommerce.reading import MaybeId
from yizhan.channels.ecommerce.shopee import paths
from yizhan.channels.ecommerce.shopee.api import Api, Call, ShopeeShop
from yizhan.channels.ecommerce.shopee.consent import Consent
from yizhan.channels.ecommerce.shopee.inbound import Inbound
from yizhan.channels.ecommerce.shopee.log import ConversationLog
from yizhan.channels.ecommerce.shopee.lost import SOURCE, LostPushes
from yizhan.channels.ecommerce.shopee.orders import OrderDesk
from yizhan.channels.ecommerce.shopee.outgoing import ABILITIES, body_of
from yizhan.channels.ecommerce.shopee.pictures import Pictures
from yizhan.channels.ecommerce.shopee.settings import CANNOT_SEND, ShopeeSettings
from yizhan.channels.ecommerce.shopee.setup import ShopeeSetup
from yizhan.core.messages.content import Image
from yizhan.core.messages.message import Message


class _SentAnswer(BaseModel):
    message_id: MaybeId = ""


class Shopee:
    """For all shops. What it keeps in memory (uploaded pictures) can be had again."""

    def __init__(self, tools: Tools) -> None:
        api = Api(tools)
        self._api = api
        self._inbound = Inbound(ConversationLog(api), tools)
        self._lost = LostPushes(api, self._inbound)
        self._pictures = Pictures(api, tools)
        self._orders = OrderDesk(api)
        self._consent = Consent(api, tools)

    def abilities(self, settings: ShopeeSettings) -> Abilities:  # noqa: ARG002 - alike for every shop
        return ABILITIES

    async def receive(self, shop: ShopeeShop, call: HttpCall) -> Push:
        return await self._inbound.receive(shop, call)

    async def send(self, shop: ShopeeShop, message: Message, part: int) -> Sent:  # noqa: ARG002 - parts have no ids there
        if shop.settings.region in CANNOT_SEND:
            raise Refused("region", "shops of this market cannot send by the API", Refusal.NOT_PERMITTED)
        content = message.content
        picture = await self._pictures.uploaded(shop, content.media) if isinstance(content, Image) else ""
        body = body_of(message.address.customer, content, picture)
        call = Call("shopee send", "POST", paths.SEND, body=body, sending=True)
        answer = await self._api.ask(shop, call, _SentAnswer)
        return Sent((answer.message_id,) if answer.message_id else ())

    # --- what was missed ---

    def sources(self, shop: ShopeeShop) -> frozenset[str]:
        return frozenset({SOURCE}) if shop.settings.lost_pushes else frozenset()

    async def pull(self, shop: ShopeeShop, source: str) -> Pulled:  # noqa: ARG002 - there is one
        return await self._lost.pull(shop)

    # --- orders ---

    async def order(self, shop: ShopeeShop, order_id: str, locale: str) -> ShopOrder | None:
        return await self._orders.order(shop, order_id, locale)

    # --- consent ---

    def consent_url(self, shop: ShopeeShop, redirect_url: str, state: str) -> URL:
        return self._consent.url(shop, redirect_url, state)

    async def consented(self, shop: ShopeeShop, query: Mapping[str, str], redirect_url: str) -> Grant:  # noqa: ARG002
        return await self._consent.consented(shop, query)

    async def renewed(self, shop: ShopeeShop, grant: Grant) -> Grant:
        return await self._consent.renewed(shop, grant)


KIND = PlatformKind("shopee", ("Shopee 虾皮", "Shopee"), ShopeeSettings, Shopee, ShopeeSetup())
