"""The bridge as a platform: a connector of the business's own posts events and takes messages."""

from dataclasses import replace

import structlog
from pydantic import ValidationError

from yizhan.channels.accounts import Account
from yizhan.channels.contract import (
    Abilities,
    Answer,
    Call,
    CallRefused,
    Fact,
    MenuStyle,
    Push,
    Refusal,
    Refused,
    SendError,
    Sent,
)
from yizhan.channels.ecommerce.attached import Attachment, fetched, shown
from yizhan.channels.ecommerce.bridge import answers
from yizhan.channels.ecommerce.bridge.events import EVENT, FileContent, MessageEvent
from yizhan.channels.ecommerce.bridge.posting import posted
from yizhan.channels.ecommerce.bridge.reading import (
    AnyEvent,
    Place,
    address_of,
    attachment_of,
    content_of,
    facts_of,
    message_of,
)
from yizhan.channels.ecommerce.bridge.settings import BridgeSettings
from yizhan.channels.ecommerce.bridge.setup import BridgeSetup
from yizhan.channels.ecommerce.order_shown import ShownOrders
from yizhan.channels.ecommerce.platform import PlatformKind, Tools
from yizhan.core.messages.content import (
    Content,
    File,
    GoodsCard,
    Image,
    Link,
    Location,
    LogisticsCard,
    Media,
    Menu,
    OrderCard,
    RefundCard,
    Text,
    Video,
    Voice,
)
from yizhan.core.messages.half_characters import mended_json
from yizhan.core.messages.message import Message
from yizhan.core.security.webhook_signing import SignatureRefused, verify

log = structlog.get_logger(__name__)

KINDS: dict[str, type[Content]] = {
    "image": Image,
    "voice": Voice,
    "video": Video,
    "file": File,
    "link": Link,
    "location": Location,
    "goods": GoodsCard,
    "order": OrderCard,
    "logistics": LogisticsCard,
    "refund": RefundCard,
}

SLOW_WITHIN = 20.0
"""Seconds for a push that brings a file; a connector is told to wait at least as long."""
LONGEST_EVENT_ID = 200
TAKEN = Answer(b'{"taken":true}', "application/json")


class Bridge:
    """All shops that have a connector."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def abilities(self, settings: BridgeSettings) -> Abilities:
        kinds = {Text, *(KINDS[kind] for kind in settings.kinds), *((Menu,) if settings.menus else ())}
        return Abilities(
            kinds=frozenset(kinds),
            menu=MenuStyle.BUTTONS if settings.menus else MenuStyle.NUMBERED_TEXT,
            max_text=settings.max_text,
            window=settings.window_rules,
            idempotent=True,
        )

    async def receive(self, shop: Account[BridgeSettings], call: Call) -> Push:
        if call.method != "POST":
            raise CallRefused(405, "method")
        event_id = self._verified(shop.settings, call)
        event = _event(call.body)
        place = Place(shop.workspace, shop.id, self._tools.clock(), self._tools.new_id)
        push = Push(answer=TAKEN, key=event_id, lane=address_of(event, place).key(), slow_within=SLOW_WITHIN)
        if not isinstance(event, MessageEvent):
            return replace(push, facts=facts_of(event, place))

        if event.author == "buyer":
            await ShownOrders(self._tools.notes, self._tools.clock).note(address_of(event, place), event.order_id)

        async def finish() -> tuple[Fact, ...]:
            return await self._said(shop.settings, event, place)

        if event.author == "seller" or isinstance(event.content, FileContent):
            return replace(push, finish=finish)
        return replace(push, facts=(message_of(event, content_of(event.content), place),))

    async def send(self, shop: Account[BridgeSettings], message: Message, part: int) -> Sent:
        settings = shop.settings
        if not settings.callback_url:
            raise Refused("no_callback_url", "the account has no callback_url", Refusal.ACCOUNT)
        request = posted(settings, message, part, at=self._tools.clock(), link=self._tools.files.link)
        response = await self._tools.calls(request)
        try:
            return answers.sent(response)
        except SendError as error:
            self._tools.calls.refused("message", getattr(error, "code", ""))
            raise

    def _verified(self, settings: BridgeSettings, call: Call) -> str:
        """The event's id. Raises CallRefused."""
        try:
            event_id = verify(settings.keys, call.headers, call.body, self._tools.clock())
        except SignatureRefused as error:
            raise CallRefused(401, error.code) from None
        if len(event_id) > LONGEST_EVENT_ID:
            raise CallRefused(400, "bad_event_id")
        return event_id

    async def _said(self, settings: BridgeSettings, event: MessageEvent, place: Place) -> tuple[Fact, ...]:
        """A message that takes a while: with a file, or of the seller's side, which may be our own come back."""
        if event.author == "seller" and await self._tools.ours(address_of(event, place), event.message_id):
            return ()
        kind = attachment_of(event.content)
        if kind is None or not isinstance(event.content, FileContent):
            return (message_of(event, content_of(event.content), place),)
        content = shown(kind, await self._file(settings, event.content, kind))
        return (message_of(event, content, place),)

    async def _file(self, settings: BridgeSettings, content: FileContent, kind: Attachment) -> Media | None:
        name = content.name or kind.name.lower()
        if content.data:
            media = await self._tools.files.keep(content.data, name)
        else:
            media = await fetched(self._tools.files, content.url, name, settings.file_hosts)
        if media is None:
            return None
        return replace(media, duration_ms=content.duration_ms, recognised=content.recognised)


def _event(body: bytes) -> AnyEvent:
    """Raises CallRefused: the body is no event. What is wrong stays between the two of us: it may quote a buyer."""
    try:
        return EVENT.validate_json(mended_json(body))
    except ValidationError as error:
        fields = sorted(
            {".".join(str(part) for part in item["loc"])[:80] for item in error.errors(include_input=False)}
        )
        log.info("bridge_event_unreadable", fields=fields[:5])
        raise CallRefused(422, "bad_event") from None


KIND = PlatformKind("bridge", ("商家自接平台", "Bridge"), BridgeSettings, Bridge, BridgeSetup())
