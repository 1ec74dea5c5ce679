"""Lazada as a platform of the e-commerce channel.

A push has half a second. What is in it is published, and nothing is fetched before the answer but what the message is
not complete without: a picture. One that takes longer leaves its push without a good answer: the work goes on, and the
platform's own repetition (twelve, half an hour apart) is what brings it again should we not live to finish it (ADR 0047).
"""

from collections.abc import Mapping
from functools import partial
from typing import Final

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
    Push,
    Refusal,
    Refused,
    RetryLater,
    Sent,
)
from yizhan.channels.ecommerce.attached import fetched
from yizhan.channels.ecommerce.lazada import consent, inbound, outgoing
from yizhan.channels.ecommerce.lazada.api import Api
from yizhan.channels.ecommerce.lazada.facts import CURRENCIES, ORDER, ORDER_ITEMS, SEND, Pushed
from yizhan.channels.ecommerce.lazada.inbound import Place
from yizhan.channels.ecommerce.lazada.orders import Unreadable as OrderUnreadable, order_of
from yizhan.channels.ecommerce.lazada.pushes import ChatMessage, Envelope, Unreadable, read_push, token_ends
from yizhan.channels.ecommerce.lazada.settings import LazadaSettings
from yizhan.channels.ecommerce.lazada.signing import is_the_platforms
from yizhan.channels.ecommerce.platform import CHANNEL, Grant, PlatformKind, ShopOrder, Tools
from yizhan.core.messages.content import Image, Media
from yizhan.core.messages.message import Message

log = structlog.get_logger(__name__)

TAKEN: Final = Answer()
Shop = Account[LazadaSettings]


class _Sent(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)

    message_id: str = ""


class _SendAnswer(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    data: _Sent | None = None


class Lazada:
    """Every shop there."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._api = Api(tools.calls, tools.clock)

    def abilities(self, settings: LazadaSettings) -> Abilities:
        return outgoing.abilities_of(settings)

    # --- pushes ---

    async def receive(self, shop: Shop, call: Call) -> Push:
        settings = shop.settings
        if call.method != "POST":
            raise CallRefused(405, "method")
        if not is_the_platforms(call.headers.get("authorization", ""), settings.secrets, settings.app_key, call.body):
            raise CallRefused(401, "bad_signature")
        try:
            read = read_push(call.body, Pushed.MESSAGE)
        except Unreadable:
            raise CallRefused(400, "unreadable") from None
        if settings.seller_id and read.envelope.seller_id != settings.seller_id:
            raise CallRefused(403, "other_seller")
        if read.message is None:
            _noticed(shop, read.envelope)
            return Push(answer=TAKEN)
        return self._push(shop, read.message)

    def _push(self, shop: Shop, message: ChatMessage) -> Push:
        place = Place(shop.workspace, shop.id, self._tools.clock(), self._tools.new_id)
        push = partial(
            Push,
            answer=TAKEN,
            key=inbound.key_of(message),
            lane=message.session_id,
            slow_within=shop.settings.answer_seconds,
        )
        if inbound.wanted(message) is None and not inbound.may_be_ours(message):
            return push(facts=inbound.facts_of(message, place))
        return push(finish=partial(self._finished, shop, message, place))

    async def _finished(self, shop: Shop, message: ChatMessage, place: Place) -> tuple[Fact, ...]:
        """Raises NotAccepted: the platform shall come again."""
        ours = ""
        if inbound.may_be_ours(message):
            try:
                ours = await self._tools.ours(inbound.address_of(message, place), message.message_id)
            except RetryLater as error:
                raise NotAccepted(error.after) from error
        stored = None if ours else await self._picture(shop, message)
        return inbound.facts_of(message, place, stored, ours)

    async def _picture(self, shop: Shop, message: ChatMessage) -> Media | None:
        wanted = inbound.wanted(message)
        if wanted is None:
            return None
        media = await fetched(self._tools.files, wanted.url, wanted.name, shop.settings.file_hosts)
        if media is None:
            log.warning("file_not_fetched", channel=CHANNEL, platform="lazada", account=shop.id)
        return media

    # --- messages to buyers ---

    async def send(self, shop: Shop, message: Message, part: int) -> Sent:  # noqa: ARG002 - a part is one call
        settings, session = shop.settings, message.address.thread
        if not session:
            raise Refused("", "no session is known for this buyer", Refusal.UNKNOWN_CUSTOMER)
        link = self._tools.files.link(message.content.media) if isinstance(message.content, Image) else ""
        parameters = outgoing.parameters_of(message.content, session, link)
        token = await self._tools.tokens.get(shop.id)
        body = await self._api.ask(settings, "POST", settings.api, SEND, parameters, token=token, sending=True)
        return _sent(body)

    # --- consent ---

    def consent_url(self, shop: Shop, redirect_url: str, state: str) -> URL:
        return consent.consent_url(shop.settings, redirect_url, state)

    async def consented(self, shop: Shop, query: Mapping[str, str], redirect_url: str) -> Grant:  # noqa: ARG002 - it is not asked again
        return await consent.consented(self._api, shop.settings, query)

    async def renewed(self, shop: Shop, grant: Grant) -> Grant:
        return await consent.renewed(self._api, shop.settings, grant)

    # --- orders ---

    async def order(self, shop: Shop, order_id: str, locale: str) -> ShopOrder | None:
        if not (order_id.isascii() and order_id.isdigit()):
            return None
        settings, asked = shop.settings, {"order_id": order_id}
        token = await self._tools.tokens.get(shop.id)
        try:
            order = await self._api.ask(settings, "GET", settings.api, ORDER, asked, token=token)
            items = await self._api.ask(settings, "GET", settings.api, ORDER_ITEMS, asked, token=token)
            return order_of(order_id, order, items, locale, CURRENCIES[settings.country])
        except Refused as error:
            if error.code in NO_SUCH_ORDER:
                return None
            raise
        except OrderUnreadable:
            raise Refused("unreadable", "the platform's answer has another form") from None


NO_SUCH_ORDER: Final = frozenset({"16", "ORDER_NOT_FOUND"})
"""E016 "Invalid Order ID"; memory."""


_KNOWN: Final = frozenset(int(kind) for kind in Pushed)


def _sent(body: bytes) -> Sent:
    """It was taken, whatever else the answer says."""
    try:
        data = _SendAnswer.model_validate_json(body).data
    except ValidationError:
        return Sent()
    return Sent((data.message_id,)) if data is not None and data.message_id else Sent()


def _noticed(shop: Shop, envelope: Envelope) -> None:
    """What is no message: orders and parcels are asked for when somebody wants to know, sessions say nothing new."""
    if envelope.message_type == Pushed.TOKEN_ENDS:
        until = token_ends(envelope)
        log.warning("lazada_consent_ends", account=shop.id, until=until.isoformat() if until else "")
    elif envelope.message_type not in _KNOWN:
        log.info("lazada_push_of_unknown_type", account=shop.id, message_type=envelope.message_type)


KIND = PlatformKind("lazada", ("Lazada", "Lazada"), LazadaSettings, Lazada)
