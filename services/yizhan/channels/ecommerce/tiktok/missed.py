"""Messages whose pushes did not get through, read where it costs next to nothing: at a conversation's first push in a process's life.

The platform comes again with a push for 15 hours and then no more, and what comes meanwhile overtakes it. Who was away reads
what was said before the first push that reaches them; what is known already is told from it by its id.
"""

from collections import OrderedDict
from datetime import timedelta
from typing import Any

import structlog
from pydantic import BaseModel, ValidationError

from yizhan.channels.contract import SendError
from yizhan.channels.ecommerce.platform import Tools
from yizhan.channels.ecommerce.tiktok import paths
from yizhan.channels.ecommerce.tiktok.api import Api, Call, TikTokShop
from yizhan.channels.ecommerce.tiktok.pushes import BUYER, MessagePush

log = structlog.get_logger(__name__)

LOOK_BACK = timedelta(days=3)
PAGE = 20
"""Messages of both sides; of a longer absence the oldest are not had."""

MOST_KNOWN = 20_000


class _Log(BaseModel):
    messages: tuple[dict[str, Any], ...] = ()


class Missed:
    """For every shop."""

    def __init__(self, api: Api, tools: Tools) -> None:
        self._api = api
        self._tools = tools
        self._read: OrderedDict[tuple[str, str], None] = OrderedDict()

    async def before(self, shop: TikTokShop, message: MessagePush) -> list[MessagePush]:
        """What the buyer wrote before this message and may not be known, oldest first. Raises nothing of the platform's."""
        key = (shop.id, message.conversation_id)
        if key in self._read:
            return []
        try:
            found = await self._asked(shop, message)
        except SendError as error:
            log.info("missed_messages_not_read", account=shop.id, error=type(error).__name__)
            return []
        self._read[key] = None
        if len(self._read) > MOST_KNOWN:
            self._read.popitem(last=False)
        return found

    async def _asked(self, shop: TikTokShop, message: MessagePush) -> list[MessagePush]:
        query = {"page_size": str(PAGE), "sort_order": "DESC"}
        call = Call("tiktok messages", "GET", paths.messages(message.conversation_id), query)
        answer = await self._api.ask(shop, call, _Log)
        since = int((self._tools.clock() - LOOK_BACK).timestamp())
        entries = list(answer.messages)
        # Newest first: what stands after this message was written before it.
        ids = [str(fields.get("id", "")) for fields in entries]
        older = entries[ids.index(message.message_id) + 1 :] if message.message_id in ids else []
        found = [one for fields in older if (one := _read(fields, message.conversation_id)) is not None]
        return [one for one in reversed(found) if one.sender.role == BUYER and one.create_time >= since]


def _read(fields: dict[str, Any], conversation_id: str) -> MessagePush | None:
    """A message as the log has it: its id is called ``id`` there. None: it cannot be read."""
    try:
        return MessagePush.model_validate(
            {**fields, "message_id": fields.get("id"), "conversation_id": conversation_id}
        )
    except ValidationError:
        log.warning("message_in_log_unreadable", platform="tiktok")
        return None
