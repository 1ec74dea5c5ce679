"""A look at the conversations every few minutes, for what was not pushed. Source: reference channels.md E.2.

How far was looked is noted beside the buyers' notes, under the shop itself. A message that a push brought as well has the
same key, and is one message; a process that dies in between looks again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote

from yizhan.channels.accounts import Account
from yizhan.channels.contract import Fact, Pulled, Refused, RetryLater
from yizhan.channels.ecommerce.ebay.api import Api
from yizhan.channels.ecommerce.ebay.facts import CONVERSATIONS, FROM_MEMBERS, PAGE
from yizhan.channels.ecommerce.ebay.pushes import Unreadable, Written, moment, read_conversations, read_messages
from yizhan.channels.ecommerce.ebay.settings import EbaySettings
from yizhan.channels.ecommerce.platform import CHANNEL, Tools
from yizhan.core.messages.address import Address

SOURCE: Final = "conversations"
OVERLAP: Final = timedelta(minutes=2)
"""Clocks differ, and a message is there a moment after its time."""
MOST_PAGES: Final = 20
MOST_CONVERSATIONS: Final = 100
"""Read at one look; where there are more, the next look begins where this one ended."""
WAIT_SECONDS: Final = 30.0
REFUSED_SECONDS: Final = 600.0
FOR_GOOD: Final = timedelta(days=3650)

Shop = Account[EbaySettings]
FactsOf = Callable[[Shop, Written], Awaitable[tuple[Fact, ...]]]


class Watch:
    """``facts_of`` reads a message as if it had been pushed."""

    def __init__(
        self,
        tools: Tools,
        api: Api,
        facts_of: FactsOf,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._tools = tools
        self._api = api
        self._facts_of = facts_of
        self._sleep = sleep

    def sources(self, shop: Shop) -> frozenset[str]:
        return frozenset({SOURCE}) if shop.settings.poll_minutes else frozenset()

    async def pull(self, shop: Shop) -> Pulled:
        """Raises TokenExpired and RetryLater."""
        now = self._tools.clock()
        known = await self._tools.notes.known(_self(shop))
        upto, looked = moment(known.get("upto", "")), moment(known.get("looked_at", ""))
        if upto is None or looked is None:
            return Pulled(commit=lambda: self._note(shop, now, now))  # from here on; what was before, nobody waits for
        left = (looked + timedelta(minutes=shop.settings.poll_minutes) - now).total_seconds()
        if left > 0:
            await self._sleep(min(left, WAIT_SECONDS))
            return Pulled()
        try:
            return await self._looked(shop, upto, now)
        except Refused as error:
            raise RetryLater(REFUSED_SECONDS) from error
        except Unreadable as error:
            raise RetryLater(REFUSED_SECONDS) from error

    async def message(self, shop: Shop, conversation_id: str, message_id: str) -> Written | None:
        """One message of a conversation; None: it is not (yet) there. Raises a SendError, and Unreadable."""
        token = await self._tools.tokens.get(shop.id)
        messages = await self._messages(shop, token, conversation_id)
        return next((written for written in messages if written.message_id == message_id), None)

    async def _looked(self, shop: Shop, upto: datetime, now: datetime) -> Pulled:
        token = await self._tools.tokens.get(shop.id)
        since = upto - OVERLAP
        stirred = await self._stirred(shop, token, since)
        read = stirred[:MOST_CONVERSATIONS]
        written = [
            message
            for _, conversation_id in read
            for message in await self._messages(shop, token, conversation_id)
            if message.sent_at is not None and message.sent_at > since
        ]
        facts = [fact for message in written for fact in await self._facts_of(shop, message)]
        upto = now if len(read) == len(stirred) else read[-1][0]
        return Pulled(tuple(facts), commit=lambda: self._note(shop, now, upto))

    async def _stirred(self, shop: Shop, token: str, since: datetime) -> list[tuple[datetime, str]]:
        """Conversations with something new, those first that have waited longest."""
        found: dict[str, datetime] = {}
        for number in range(MOST_PAGES):
            query = {"conversation_type": FROM_MEMBERS, "limit": str(PAGE), "offset": str(number * PAGE)}
            body = await self._api.get(shop.settings, "conversations", CONVERSATIONS, token, query)
            page = read_conversations(body)
            for conversation in page.conversations:
                if conversation.latest_at is not None and conversation.latest_at > since:
                    found[conversation.conversation_id] = conversation.latest_at
            if not page.conversations or (number + 1) * PAGE >= page.total:
                break
        return sorted((at, conversation_id) for conversation_id, at in found.items())

    async def _messages(self, shop: Shop, token: str, conversation_id: str) -> tuple[Written, ...]:
        path = f"{CONVERSATIONS}/{quote(conversation_id, safe='')}"
        query = {"conversation_type": FROM_MEMBERS, "limit": str(PAGE)}
        body = await self._api.get(shop.settings, "conversation", path, token, query)
        return read_messages(body, conversation_id)

    async def _note(self, shop: Shop, looked: datetime, upto: datetime) -> None:
        facts = {"looked_at": looked.isoformat(), "upto": upto.isoformat()}
        await self._tools.notes.note(_self(shop), facts, looked + FOR_GOOD)


def _self(shop: Shop) -> Address:
    """The shop, where buyers have their addresses."""
    return Address(shop.workspace, CHANNEL, shop.id, "", SOURCE)
