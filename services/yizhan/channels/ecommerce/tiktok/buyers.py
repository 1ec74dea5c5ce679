"""Who the buyer in a conversation is: asked once, noted for a month.

A push names neither the buyer nor their id among orders; the conversation's participants do. Without either a message is
worth as much, so that what goes wrong here is no reason to keep it back.
"""

from dataclasses import dataclass
from datetime import timedelta

import structlog
from pydantic import BaseModel

from yizhan.channels.contract import SendError
from yizhan.channels.ecommerce.platform import Tools
from yizhan.channels.ecommerce.reading import MaybeId, Words
from yizhan.channels.ecommerce.tiktok import paths
from yizhan.channels.ecommerce.tiktok.api import Api, Call, TikTokShop
from yizhan.channels.ecommerce.tiktok.pushes import BUYER
from yizhan.core.messages.address import Address

log = structlog.get_logger(__name__)

KEPT = timedelta(days=30)
NAME = "name"
BUYER_ID = "buyer"
"""Notes: what the buyer is called, and their id among orders."""

MOST = 300


@dataclass(frozen=True, slots=True)
class Buyer:
    """``id`` is that of orders. Empty where it is not known."""

    name: str = ""
    id: str = ""


class _Participant(BaseModel):
    user_id: MaybeId = ""
    role: str = ""
    nickname: Words = ""


class _Conversation(BaseModel):
    participants: tuple[_Participant, ...] = ()


class _Answer(_Conversation):
    """Whether the conversation is the answer or in it is not told."""

    conversation: _Conversation | None = None


class Buyers:
    """Looks buyers up."""

    def __init__(self, api: Api, tools: Tools) -> None:
        self._api = api
        self._tools = tools

    async def of(self, shop: TikTokShop, address: Address) -> Buyer:
        """Raises nothing of the platform's."""
        try:
            known = await self._tools.notes.known(address)
            if known.get(BUYER_ID):
                return Buyer(known.get(NAME, ""), known[BUYER_ID])
            buyer = await self._asked(shop, address)
            if buyer.id:
                facts = {NAME: buyer.name[:MOST], BUYER_ID: buyer.id[:MOST]}
                await self._tools.notes.note(address, facts, self._tools.clock() + KEPT)
        except SendError as error:
            log.info("buyer_not_known", account=shop.id, error=type(error).__name__)
            return Buyer()
        return buyer

    async def _asked(self, shop: TikTokShop, address: Address) -> Buyer:
        call = Call("tiktok conversation", "GET", paths.conversation(address.customer))
        answer = await self._api.ask(shop, call, _Answer)
        participants = (answer.conversation or answer).participants
        found = next((one for one in participants if one.role == BUYER), None)
        return Buyer(found.nickname, found.user_id) if found is not None else Buyer()
