"""What Shopee pushes: verified, read, turned into facts. It wants its answer within 2 s, and an empty one; then it comes again
after 1, 2 and 3 s, and what still was not taken must be asked for.
"""

from dataclasses import replace
from functools import partial

import structlog

from yizhan.channels.contract import (
    Answer,
    Call,
    CallRefused,
    Fact,
    Push,
    RetryLater,
    SendError,
    TokenExpired,
)
from yizhan.channels.ecommerce.attached import fetched
from yizhan.channels.ecommerce.platform import Tools
from yizhan.channels.ecommerce.shopee.api import ShopeeShop
from yizhan.channels.ecommerce.shopee.facts import Place, address_of, facts_of, file_wanted, is_silent, key_of
from yizhan.channels.ecommerce.shopee.log import LOOK_BACK, ConversationLog
from yizhan.channels.ecommerce.shopee.pushes import (
    BUNDLE,
    FILM,
    QUIET_NOTICES,
    ChatMessage,
    Notice,
    PushCode,
    ShopeePush,
    read_push,
)
from yizhan.channels.ecommerce.shopee.signing import is_from_platform
from yizhan.core.messages.content import Media

log = structlog.get_logger(__name__)

KEY = "shopee"
SLOW_WITHIN = 1.6
"""Seconds: after them the platform is told to come again, while what it pushed is still being finished."""

TAKEN = Answer()
"""HTTP 200 with nothing in it: a body would count as a failure."""


class Inbound:
    """The receiving side of every shop."""

    def __init__(self, log_of: ConversationLog, tools: Tools) -> None:
        self._log = log_of
        self._tools = tools

    async def receive(self, shop: ShopeeShop, call: Call) -> Push:
        """Raises CallRefused."""
        push = self._verified(shop, call)
        match push.chat:
            case ChatMessage() as message:
                return self._of_message(shop, message)
            case Notice() as notice if notice.type not in QUIET_NOTICES:
                return self._of_notice(shop, notice, push.at)
            case _:
                _tell(shop, push)
                return Push(answer=TAKEN)

    async def facts(self, shop: ShopeeShop, push: ShopeePush) -> tuple[Fact, ...]:
        """Of a push that did not get through at its time. Raises a SendError."""
        match push.chat:
            case ChatMessage() as message:
                return await self._said(shop, message)
            case Notice() as notice if notice.type not in QUIET_NOTICES:
                return await self._noticed(shop, notice, push.at)
            case _:
                return ()

    def _verified(self, shop: ShopeeShop, call: Call) -> ShopeePush:
        """Raises CallRefused: 401 ``bad_signature``, 400 ``undecodable``, 404 ``other_shop``, 405 ``method``."""
        if call.method != "POST":
            raise CallRefused(405, "method")
        settings = shop.settings
        address = settings.push_address or self._tools.pushed_to(KEY, shop.id)
        if not is_from_platform(settings.keys, address, call.body, call.headers.get("authorization", "")):
            raise CallRefused(401, "bad_signature")
        push = read_push(call.body)
        # What is said about the app as a whole, the console's own trial included, names no shop or 0.
        if push.shop_id not in {settings.shop_id, "", "0"} or (push.chat and push.shop_id != settings.shop_id):
            raise CallRefused(404, "other_shop")
        return push

    def _of_message(self, shop: ShopeeShop, message: ChatMessage) -> Push:
        push = Push(
            answer=TAKEN,
            key=key_of(message),
            lane=f"c:{message.conversation_id}",
            slow_within=SLOW_WITHIN,
        )
        if is_silent(message, self._place(shop)):
            return push

        return replace(push, finish=partial(self._said, shop, message))

    def _of_notice(self, shop: ShopeeShop, notice: Notice, at: int) -> Push:
        # A notice has nothing that its repetition alone would have; reading twice does no harm.
        finish = partial(self._noticed, shop, notice, at)
        return Push(answer=TAKEN, lane=f"c:{notice.conversation_id}", finish=finish, slow_within=SLOW_WITHIN)

    async def _said(self, shop: ShopeeShop, message: ChatMessage) -> tuple[Fact, ...]:
        """Raises RetryLater and TokenExpired."""
        ids = message.said.messages
        if message.message_type != BUNDLE or not ids:
            return await self._one(shop, message)
        try:
            found = await self._log.named(shop, message.conversation_id, ids)
        except (RetryLater, TokenExpired):
            raise
        except SendError as error:
            log.warning("bundle_not_read", account=shop.id, error=type(error).__name__)
            found = []
        # Somebody wrote something: that it was there is not lost.
        return await self._all(shop, found) if found else await self._one(shop, message)

    async def _noticed(self, shop: ShopeeShop, notice: Notice, at: int) -> tuple[Fact, ...]:
        """Raises RetryLater and TokenExpired."""
        since = (at or int(self._tools.clock().timestamp())) - int(LOOK_BACK.total_seconds())
        try:
            return await self._all(shop, await self._log.since(shop, notice.conversation_id, since))
        except (RetryLater, TokenExpired):
            raise
        except SendError as error:
            log.warning("conversation_not_read", account=shop.id, error=type(error).__name__)
            return ()

    async def _all(self, shop: ShopeeShop, messages: list[ChatMessage]) -> tuple[Fact, ...]:
        facts: list[Fact] = []
        for message in messages:
            facts += await self._one(shop, message)
        return tuple(facts)

    async def _one(self, shop: ShopeeShop, message: ChatMessage) -> tuple[Fact, ...]:
        place = self._place(shop)
        if is_silent(message, place):
            return ()
        if message.is_by(place.shop_id) and await self._tools.ours(address_of(message, place), message.message_id):
            return ()
        return facts_of(message, place, await self._file(shop, message, place))

    async def _file(self, shop: ShopeeShop, message: ChatMessage, place: Place) -> Media | None:
        url = file_wanted(message, place)
        if not url:
            return None
        name = message.message_id + (".mp4" if message.message_type == FILM else "")
        return await fetched(self._tools.files, url, name, shop.settings.file_hosts)

    def _place(self, shop: ShopeeShop) -> Place:
        own = shop.settings
        return Place(shop.workspace, shop.id, own.shop_id, own.region, self._tools.clock(), self._tools.new_id)


def _tell(shop: ShopeeShop, push: ShopeePush) -> None:
    """What the business has to do something about."""
    if push.code == PushCode.DEAUTHORISED:
        log.warning("shop_consent_withdrawn", account=shop.id, platform=KEY)
    elif push.code == PushCode.AUTHORISATION_ENDS:
        log.warning("shop_consent_ends_soon", account=shop.id, platform=KEY)
