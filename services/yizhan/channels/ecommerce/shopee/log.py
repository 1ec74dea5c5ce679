"""The log of a conversation on Shopee, read where a push leaves out what was said."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any

import structlog
from pydantic import BaseModel, ValidationError

from yizhan.channels.ecommerce.reading import MaybeId
from yizhan.channels.ecommerce.shopee import paths
from yizhan.channels.ecommerce.shopee.api import Api, Call, ShopeeShop
from yizhan.channels.ecommerce.shopee.pushes import ChatMessage

log = structlog.get_logger(__name__)

PAGE = 25
MOST_PAGES = 4
LOOK_BACK = timedelta(minutes=10)
"""How old what a notice is about may be; what was known before is told by its id."""


class _PageResult(BaseModel):
    next_offset: MaybeId = ""


class _Page(BaseModel):
    messages: tuple[dict[str, Any], ...] = ()
    page_result: _PageResult | None = None


class ConversationLog:
    """For every shop."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def named(self, shop: ShopeeShop, conversation_id: str, ids: Collection[str]) -> list[ChatMessage]:
        """The messages of these ids, oldest first, as far as they are near the end. Raises a SendError."""
        wanted = set(ids)
        found: dict[str, ChatMessage] = {}
        offset = ""
        for _ in range(MOST_PAGES):
            page = await self._page(shop, conversation_id, offset)
            for message in _readable(page):
                if message.message_id in wanted:
                    found.setdefault(message.message_id, message)
            offset = page.page_result.next_offset if page.page_result else ""
            if len(found) == len(wanted) or not offset or not page.messages:
                break
        return _in_order(found.values())

    async def since(self, shop: ShopeeShop, conversation_id: str, seconds: int) -> list[ChatMessage]:
        """What was written from this point in time on (unix), oldest first, at most a page. Raises a SendError."""
        page = await self._page(shop, conversation_id, "")
        return _in_order(message for message in _readable(page) if message.created_timestamp >= seconds)

    async def _page(self, shop: ShopeeShop, conversation_id: str, offset: str) -> _Page:
        query = {"conversation_id": conversation_id, "page_size": str(PAGE), **({"offset": offset} if offset else {})}
        return await self._api.ask(shop, Call("shopee messages", "GET", paths.MESSAGES, query), _Page)


def _readable(page: _Page) -> list[ChatMessage]:
    """One message that cannot be read must not keep the others from being read."""
    found = []
    for fields in page.messages:
        try:
            found.append(ChatMessage.model_validate(fields))
        except ValidationError:
            log.warning("message_in_log_unreadable", platform="shopee")
    return found


def _in_order(messages: Iterable[ChatMessage]) -> list[ChatMessage]:
    return sorted(
        messages, key=lambda message: (message.created_timestamp, len(message.message_id), message.message_id)
    )
