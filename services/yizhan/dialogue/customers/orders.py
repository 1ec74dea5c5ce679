"""A customer's orders, as the business's own system tells them now: for the card beside a conversation."""

import asyncio
from dataclasses import dataclass
from functools import partial

from yizhan.core.messages.codec import message_from_proto
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database
from yizhan.dialogue.buyers import finds_by_buyer
from yizhan.dialogue.connectors.connector import Connector
from yizhan.dialogue.connectors.jobs import ORDERS, Connectors
from yizhan.dialogue.connectors.shops import ShopOrders
from yizhan.dialogue.customers.cards import MOST_FACES, ReleaseOf
from yizhan.dialogue.customers.clues import (
    PHONE_ATTRIBUTE,
    Clue,
    ClueKind,
    Source,
    clues_asked,
    clues_known,
    spelling_of,
)
from yizhan.dialogue.customers.membership import customer_of, members_of
from yizhan.dialogue.customers.order_search import OrderSearch, OrdersFound
from yizhan.dialogue.customers.problems import UnknownConversation
from yizhan.dialogue.store import customers_noted as noted_store, customers_profile as profile_store
from yizhan.dialogue.store.conversations import conversation_by_id
from yizhan.dialogue.store.transcripts import messages_before
from yizhan.pb.v1 import message_pb2

MOST_MESSAGES = 200
"""Of the conversation, the last ones."""


@dataclass(frozen=True, slots=True)
class OrdersAsked:
    """``words``: what somebody typed, instead of what is known of the customer. ``locale`` of the business's texts."""

    workspace: str
    conversation_id: str
    words: str = ""
    locale: str = ""


class CustomerOrders:
    """Everything may raise UnknownConversation and StoreUnavailable."""

    def __init__(
        self,
        database: Database,
        connectors: Connectors,
        release_of: ReleaseOf,
        search: OrderSearch,
        clock: Clock,
        shops: ShopOrders | None = None,
    ) -> None:
        self._database = database
        self._connectors = connectors
        self._release_of = release_of
        self._search = search
        self._clock = clock
        self._shops = shops

    async def of(self, asked: OrdersAsked) -> OrdersFound | None:
        """None where neither the workspace nor the conversation's channel looks orders up."""
        own = self._connectors.get((asked.workspace, ORDERS))
        shop = await self._shop(asked, own)
        if shop is None:
            return None if own is None else await self._search.look(own, await self._clues(asked, own), asked.locale)
        connector, buyer = shop
        clues = await self._clues(asked, connector)
        found = await self._search.look(connector, clues if asked.words.strip() else (buyer, *clues), asked.locale)
        return None if found.absent and own is None else found

    async def _shop(self, asked: OrdersAsked, own: Connector | None) -> tuple[Connector, Clue] | None:
        """Where the conversation takes place at a shop's platform: how it is asked, and by whom."""
        if self._shops is None:
            return None
        async with self._database.read() as tx:
            conversation = await conversation_by_id(tx, asked.workspace, asked.conversation_id)
        if conversation is None or not finds_by_buyer(conversation.address):
            return None
        buyer = Clue(ClueKind.BUYER, conversation.address.customer, Source.PLATFORM)
        return self._shops.of(conversation.address, own), buyer

    async def _clues(self, asked: OrdersAsked, connector: Connector) -> tuple[Clue, ...]:
        if asked.words.strip():
            return await self._typed(asked)
        found = await self._known(asked)
        return tuple(one for one in found if connector.finds_by_customer or one.kind is not ClueKind.CUSTOMER)

    async def _typed(self, asked: OrdersAsked) -> tuple[Clue, ...]:
        async with self._database.read() as tx:
            if await conversation_by_id(tx, asked.workspace, asked.conversation_id) is None:
                raise UnknownConversation(asked.conversation_id)
        return clues_asked(asked.words, self._clock())

    async def _known(self, asked: OrdersAsked) -> tuple[Clue, ...]:
        customer_id = await customer_of(self._database, asked.workspace, asked.conversation_id)
        async with self._database.read() as tx:
            conversation = await conversation_by_id(tx, asked.workspace, asked.conversation_id)
            if conversation is None:
                raise UnknownConversation(asked.conversation_id)
            members = await members_of(tx, asked.workspace, customer_id)
            faces = await profile_store.faces(tx, members.ids, MOST_FACES)
            attributes = await noted_store.attributes_of(tx, members.ids)
            rows = await messages_before(tx, conversation.id, conversation.last_seq + 1, MOST_MESSAGES)
        sure = {face.identity_id for face in faces if face.verified}
        release = self._release_of(asked.workspace)
        known = partial(
            clues_known,
            vouched=[one.customer for one in members.identities if one.id in sure],
            noted=[one.value for one in attributes if one.name == PHONE_ATTRIBUTE],
            said=[message_from_proto(message_pb2.Message.FromString(row.body)) for row in rows],
            spelling=spelling_of(release.tasks if release else None),
            now=self._clock(),
        )
        return await asyncio.to_thread(known)  # it reads every message with several readers
