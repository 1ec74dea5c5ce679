"""eBay as a platform of the e-commerce channel."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Final
from urllib.parse import quote

import orjson
import structlog
from pydantic import BaseModel, ConfigDict, ValidationError
from yarl import URL

from yizhan.channels.accounts import Account
from yizhan.channels.contract import (
    Abilities,
    Answer,
    Call,
    CallRefused,
    Fact,
    NotAccepted,
    Pulled,
    Push,
    Refused,
    RetryLater,
    Sent,
)
from yizhan.channels.ecommerce.attached import fetched
from yizhan.channels.ecommerce.ebay import consent, facts, inbound, orders, outgoing, pushes, signing
from yizhan.channels.ecommerce.ebay.api import Api
from yizhan.channels.ecommerce.ebay.inbound import Place
from yizhan.channels.ecommerce.ebay.keys import Keys
from yizhan.channels.ecommerce.ebay.pushes import Attached, Envelope, Unreadable, Written
from yizhan.channels.ecommerce.ebay.settings import EbaySettings
from yizhan.channels.ecommerce.ebay.watching import Watch
from yizhan.channels.ecommerce.platform import CHANNEL, Grant, PlatformKind, ShopOrder, Tools
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Media, media_of
from yizhan.core.messages.message import Message

log = structlog.get_logger(__name__)

MOST_CHALLENGE: Final = 500
TAKEN: Final = Answer()
_NOT_FOUND: Final = "http_404"
Shop = Account[EbaySettings]


class _SendAnswer(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)

    messageId: str = ""  # noqa: N815 - the platform's name


class Ebay:
    """Every seller there."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._api = Api(tools.calls, tools.clock)
        self._keys = Keys(self._api, tools.clock)
        self._watch = Watch(tools, self._api, self._facts)

    def abilities(self, settings: EbaySettings) -> Abilities:  # noqa: ARG002 - the same for every seller
        return outgoing.ABILITIES

    # --- pushes ---

    async def receive(self, shop: Shop, call: Call) -> Push:
        if call.method == "GET":
            return Push(answer=self._challenged(shop, call))
        await self._verified(shop.settings, call)
        try:
            envelope = pushes.read_envelope(call.body)
            return await self._pushed(shop, envelope)
        except Unreadable:
            raise CallRefused(400, "unreadable") from None

    def _challenged(self, shop: Shop, call: Call) -> Answer:
        code = call.query.get("challenge_code", "")
        if not code or len(code) > MOST_CHALLENGE:
            raise CallRefused(400, "no_challenge")
        settings = shop.settings
        endpoint = settings.endpoint or self._tools.pushed_to(settings.platform, shop.id)
        token = settings.verification_token.get_secret_value()
        told = {"challengeResponse": signing.challenge_answer(code, token, endpoint)}
        return Answer(orjson.dumps(told), "application/json")

    async def _verified(self, settings: EbaySettings, call: Call) -> None:
        """Raises CallRefused, and NotAccepted while the platform's key cannot be had."""
        signature = signing.read_signature(call.headers.get(facts.SIGNATURE, ""))
        if signature is None:
            raise CallRefused(facts.REFUSED, "bad_signature")
        try:
            key = await self._keys.key(settings, signature.kid)
        except RetryLater as error:
            raise NotAccepted(error.after) from error
        if key is None or not signing.signed_by(key, signature, call.body):
            raise CallRefused(facts.REFUSED, "bad_signature")

    async def _pushed(self, shop: Shop, envelope: Envelope) -> Push:
        """Raises Unreadable, CallRefused and NotAccepted."""
        topic, notification = envelope.metadata.topic, envelope.notification
        if topic == facts.ACCOUNT_DELETION:
            await self._left(shop, pushes.read_left(notification.data), notification.notification_id)
            return Push(answer=TAKEN)
        if topic not in facts.CHAT_TOPICS:
            log.info("ebay_push_of_other_topic", account=shop.id)
            return Push(answer=TAKEN)
        written = pushes.read_written(notification.data)
        if written.conversation_type not in ("", facts.FROM_MEMBERS):
            return Push(answer=TAKEN)  # the platform's own letters to the seller
        if written.recipient and not inbound.is_for(written, shop.settings):
            raise CallRefused(403, "other_seller")
        push = partial(
            Push,
            answer=TAKEN,
            key=inbound.key_of(written),
            lane=written.conversation_id,
        )
        if inbound.whole(written) and not written.media and not inbound.is_the_sellers(written, shop.settings):
            return push(facts=inbound.facts_of(written, shop.settings, self._place(shop)))
        return push(finish=partial(self._finished, shop, written))

    async def _finished(self, shop: Shop, written: Written) -> tuple[Fact, ...]:
        """Raises NotAccepted, and a SendError: the platform shall come again."""
        try:
            if not inbound.whole(written):
                written = await self._read_again(shop, written)
        except Unreadable:
            log.warning("ebay_conversation_unreadable", account=shop.id)
            raise NotAccepted(60.0) from None
        return await self._facts(shop, written)

    async def _read_again(self, shop: Shop, written: Written) -> Written:
        """The message as its conversation has it. Raises RetryLater: it is not there yet."""
        found = await self._watch.message(shop, written.conversation_id, written.message_id)
        if found is None or not found.sender:
            raise RetryLater(5.0)
        return found

    async def _facts(self, shop: Shop, written: Written) -> tuple[Fact, ...]:
        """Nothing where it is our own. Raises RetryLater."""
        settings, place = shop.settings, self._place(shop)
        if not inbound.is_for(written, settings):
            log.warning("ebay_message_of_another_seller", account=shop.id)
            return ()
        if inbound.is_the_sellers(written, settings):
            address = inbound.address_of(written, settings, place)
            if await self._tools.ours(address, written.message_id):
                return ()
        stored = [await self._file(shop, attached) for attached in written.media]
        return inbound.facts_of(written, settings, place, stored)

    async def _file(self, shop: Shop, attached: Attached) -> Media | None:
        media = await fetched(self._tools.files, attached.url, inbound.name_of(attached), shop.settings.file_hosts)
        if media is None:
            log.warning("file_not_fetched", channel=CHANNEL, platform="ebay", account=shop.id)
        return media

    async def _left(self, shop: Shop, left: pushes.Left, reference: str) -> None:
        """Somebody closed their account there, which everybody is told of, whether they know them or not."""
        names = dict.fromkeys(name for name in (left.username, left.user_id) if name)
        people = [Address(shop.workspace, CHANNEL, shop.id, name) for name in names]
        try:
            await self._tools.erasures.ask(people, reference)
        except RetryLater as error:
            raise NotAccepted(error.after) from error

    def _place(self, shop: Shop) -> Place:
        return Place(shop.workspace, shop.id, self._tools.clock(), self._tools.new_id)

    # --- what was not pushed ---

    def sources(self, shop: Shop) -> frozenset[str]:
        return self._watch.sources(shop)

    async def pull(self, shop: Shop, source: str) -> Pulled:  # noqa: ARG002 - there is one
        return await self._watch.pull(shop)

    # --- messages to buyers ---

    async def send(self, shop: Shop, message: Message, part: int) -> Sent:  # noqa: ARG002 - a part is one call
        media = media_of(message.content)
        link = self._tools.files.link(media) if media is not None else ""
        body = outgoing.body_of(message.content, message.address, link)
        token = await self._tools.tokens.get(shop.id)
        return _sent(await self._api.post(shop.settings, "send_message", facts.SEND, token, body))

    # --- consent ---

    def consent_url(self, shop: Shop, redirect_url: str, state: str) -> URL:  # noqa: ARG002 - the RuName stands for it
        return consent.consent_url(shop.settings, state)

    async def consented(self, shop: Shop, query: Mapping[str, str], redirect_url: str) -> Grant:  # noqa: ARG002
        return await consent.consented(self._api, shop.settings, query)

    async def renewed(self, shop: Shop, grant: Grant) -> Grant:
        return await consent.renewed(self._api, shop.settings, grant)

    # --- orders ---

    async def order(self, shop: Shop, order_id: str, locale: str) -> ShopOrder | None:
        if not orders.ORDER_ID.fullmatch(order_id):
            return None
        token = await self._tools.tokens.get(shop.id)
        path = f"{facts.ORDER}/{quote(order_id, safe='')}"
        try:
            told = orders.order_of(order_id, await self._api.get(shop.settings, "order", path, token), locale)
            if not told.has_parcels:
                return told.order
            body = await self._api.get(shop.settings, "parcels", f"{path}/shipping_fulfillment", token)
            return replace(told.order, parcels=orders.parcels_of(told.order.card.order_id, body))
        except Refused as error:
            if error.code in NO_SUCH_ORDER:
                return None
            raise
        except orders.Unreadable:
            raise Refused("unreadable", "the platform's answer has another form") from None


NO_SUCH_ORDER: Final = frozenset({_NOT_FOUND, "32100"})
"""Invalid order id; memory."""


def _sent(body: bytes) -> Sent:
    """It was taken, whatever else the answer says."""
    try:
        message_id = _SendAnswer.model_validate_json(body).messageId
    except ValidationError:
        return Sent()
    return Sent((message_id,)) if message_id else Sent()


KIND = PlatformKind("ebay", ("eBay", "eBay"), EbaySettings, Ebay)
