"""What TikTok Shop pushes: verified, read, turned into facts. It wants its answer within 3 s and comes again for 15 h."""

from dataclasses import replace

import structlog

from yizhan.channels.contract import Answer, Call, CallRefused, Fact, Push
from yizhan.channels.ecommerce.attached import fetched
from yizhan.channels.ecommerce.order_shown import ShownOrders
from yizhan.channels.ecommerce.platform import Tools
from yizhan.channels.ecommerce.tiktok.api import TikTokShop
from yizhan.channels.ecommerce.tiktok.buyers import Buyers
from yizhan.channels.ecommerce.tiktok.facts import Place, address_of, facts_of, file_wanted, is_silent, key_of
from yizhan.channels.ecommerce.tiktok.missed import Missed
from yizhan.channels.ecommerce.tiktok.pushes import BUYER, FILM, MessagePush, PushType, TikTokPush, read_push
from yizhan.channels.ecommerce.tiktok.signing import is_from_platform
from yizhan.core.messages.content import Media

log = structlog.get_logger(__name__)

SLOW_WITHIN = 2.5
"""Seconds: after them the platform is told to come again, while what it pushed is still being finished."""

TAKEN = Answer()
"""HTTP 200 with nothing in it."""


class Inbound:
    """The receiving side of every shop."""

    def __init__(self, buyers: Buyers, missed: Missed, tools: Tools) -> None:
        self._buyers = buyers
        self._missed = missed
        self._tools = tools
        self._shown = ShownOrders(tools.notes, tools.clock)

    async def receive(self, shop: TikTokShop, call: Call) -> Push:
        """Raises CallRefused."""
        push = verified(shop, call)
        if push.message is None:
            _notice(shop, push)
            return Push(answer=TAKEN)
        return self._of_message(shop, push.message)

    def _of_message(self, shop: TikTokShop, message: MessagePush) -> Push:
        place = Place(shop.workspace, shop.id, self._tools.clock(), self._tools.new_id)
        address = address_of(message, place)
        push = Push(answer=TAKEN, key=key_of(message), lane=address.key(), slow_within=SLOW_WITHIN)
        if is_silent(message):
            return push

        async def of_buyer() -> tuple[Fact, ...]:
            buyer = await self._buyers.of(shop, address)
            facts: list[Fact] = []
            for one in (*await self._missed.before(shop, message), message):
                facts += facts_of(one, place, stored=await self._file(shop, one), name=buyer.name)
            await self._shown.note(address, message.said.order_id)
            return tuple(facts)

        async def of_shop() -> tuple[Fact, ...]:
            if await self._tools.ours(address, message.message_id):
                return ()
            return facts_of(message, place, stored=await self._file(shop, message))

        return replace(push, finish=of_buyer if message.sender.role == BUYER else of_shop)

    async def _file(self, shop: TikTokShop, message: MessagePush) -> Media | None:
        url = file_wanted(message)
        if not url:
            return None
        name = message.message_id + (".mp4" if message.type == FILM else "")
        return await fetched(self._tools.files, url, name, shop.settings.file_hosts)


def verified(shop: TikTokShop, call: Call) -> TikTokPush:
    """Raises CallRefused: 401 ``bad_signature``, 400 ``undecodable``, 404 ``other_shop``, 405 ``method``."""
    if call.method != "POST":
        raise CallRefused(405, "method")
    settings = shop.settings
    given = call.headers.get("authorization", "")
    if not is_from_platform(settings.secrets, settings.app_key, call.body, given):
        raise CallRefused(401, "bad_signature")
    push = read_push(call.body)
    if settings.shop_id and push.shop_id != settings.shop_id:
        raise CallRefused(404, "other_shop")
    return push


def _notice(shop: TikTokShop, push: TikTokPush) -> None:
    """What the business has to do something about."""
    if push.type == PushType.DEAUTHORISED:
        log.warning("shop_consent_withdrawn", account=shop.id, platform="tiktok")
    elif push.type == PushType.AUTHORISATION_ENDS:
        log.warning("shop_consent_ends_soon", account=shop.id, platform="tiktok")
