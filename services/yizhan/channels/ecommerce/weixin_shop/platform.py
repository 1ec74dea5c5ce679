"""微信小店 as a platform: both directions, orders, and a token for the shop's own id and secret."""

from dataclasses import replace
from functools import partial

from pydantic import BaseModel, Field

from yizhan.channels.contract import (
    Abilities,
    Answer,
    Call as HttpCall,
    CallRefused,
    Fact,
    Push,
    Refusal,
    Refused,
    Sent,
)
from yizhan.channels.ecommerce.attached import fetched
from yizhan.channels.ecommerce.multipart import FilePart
from yizhan.channels.ecommerce.platform import PlatformKind, ShopOrder, Tools
from yizhan.channels.ecommerce.reading import MaybeId
from yizhan.channels.ecommerce.weixin_shop.api import SEND, UPLOAD, Api, Call, WeixinShop
from yizhan.channels.ecommerce.weixin_shop.facts import Place, address_of, facts_of, file_wanted, is_silent, key_of
from yizhan.channels.ecommerce.weixin_shop.orders import OrderDesk
from yizhan.channels.ecommerce.weixin_shop.outgoing import ABILITIES, FILE_BYTES, KINDS, body_of, request_id
from yizhan.channels.ecommerce.weixin_shop.pushes import BuyerMessage, address_answer, open_push
from yizhan.channels.ecommerce.weixin_shop.settings import WeixinShopSettings
from yizhan.channels.ecommerce.weixin_shop.setup import WeixinShopSetup
from yizhan.channels.tokens import Fetched
from yizhan.core.messages.content import Content, media_of
from yizhan.core.messages.message import Message

TAKEN = Answer(b"success")
SLOW_WITHIN = 4.5
"""Seconds. WeChat's pushes want their answer within 5 s; what is not taken comes up to ten times, over three hours and a half."""


class _SentAnswer(BaseModel):
    msg_id: MaybeId = ""


class _Uploaded(BaseModel):
    cos_url: str = Field(min_length=1)


class Weixin:
    """For all shops."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._api = Api(tools)
        self._orders = OrderDesk(self._api)

    def abilities(self, settings: WeixinShopSettings) -> Abilities:  # noqa: ARG002 - alike for every shop
        return ABILITIES

    async def receive(self, shop: WeixinShop, call: HttpCall) -> Push:
        """Raises CallRefused."""
        if call.method == "GET":
            return Push(answer=Answer(address_answer(shop.settings, call.query)))
        if call.method != "POST":
            raise CallRefused(405, "method")
        message = open_push(shop.settings, call.query, call.body).message
        if message is None or is_silent(message):
            return Push(answer=TAKEN)
        place = Place(shop.workspace, shop.id, self._tools.clock(), self._tools.new_id)
        push = Push(answer=TAKEN, key=key_of(message), lane=address_of(message, place).key(), slow_within=SLOW_WITHIN)
        if not file_wanted(message):
            return replace(push, facts=facts_of(message, place))
        return replace(push, finish=partial(self._with_file, shop, message, place))

    async def _with_file(self, shop: WeixinShop, message: BuyerMessage, place: Place) -> tuple[Fact, ...]:
        url, hosts = file_wanted(message), shop.settings.file_hosts
        return facts_of(message, place, await fetched(self._tools.files, url, message.msg_id, hosts))

    async def send(self, shop: WeixinShop, message: Message, part: int) -> Sent:
        openid, content = message.address.customer, message.content
        url = await self._uploaded(shop, openid, content) if type(content) in KINDS else ""
        body = body_of(openid, content, request_id(message.id, part), url)
        answer = await self._api.ask(shop, Call("weixin_shop send", SEND, body, sending=True), _SentAnswer)
        return Sent((answer.msg_id,) if answer.msg_id else ())

    async def _uploaded(self, shop: WeixinShop, openid: str, content: Content) -> str:
        """An address of the platform's, for this buyer. Uploading twice harms nobody."""
        media = media_of(content)
        data = await self._tools.files.read(media, FILE_BYTES) if media is not None else None
        if media is None or data is None:
            raise Refused("", "the file is gone or too large", Refusal.BAD_CONTENT)
        file = FilePart("file", media.name or media.media_id[:16], media.mime_type, data)
        fields = {"open_id": openid, "msg_type": KINDS[type(content)]}
        call = Call("weixin_shop upload", UPLOAD, file=file, fields=fields)
        return (await self._api.ask(shop, call, _Uploaded)).cos_url

    async def order(self, shop: WeixinShop, order_id: str, locale: str) -> ShopOrder | None:
        return await self._orders.order(shop, order_id, locale)

    async def token(self, shop: WeixinShop, *, force: bool) -> Fetched:
        return await self._api.token(shop.settings, force=force)


KIND = PlatformKind("weixin_shop", ("微信小店", "WeChat Store"), WeixinShopSettings, Weixin, WeixinShopSetup())
