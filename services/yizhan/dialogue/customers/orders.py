"""A customer's orders, as the business's own system tells them now: for the card beside a conversation."""

import asyncio
from dataclasses import dataclass
from functools import partial

from yizhan.core.messages.codec import message_from_proto
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database
from yizhan.dialogue.connectors.connector import Connector
from yizhan.dialogue.connectors.jobs import Connectors
from yizhan.dialogue.customers.cards import MOST_FACES, ReleaseOf
from yizhan.dialogue.customers.clues import (
    PHONE_ATTRIBUTE,
    Clue,
    ClueKind,
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

CONNECTOR = "orders"
"""The name under which a business's order system is declared, for tasks and for the card."""

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
        self, database: Database, connectors: Connectors, release_of: ReleaseOf, search: OrderSearch, clock: Clock
    ) -> None:
        self._database = database
        self._connectors = connectors
        self._release_of = release_of
        self._search = search
        self._clock = clock

    async def of(self, asked: OrdersAsked) -> OrdersFound | None:
        """None where the workspace has no order system."""
        connector = self._connectors.get((asked.workspace, CONNECTOR))
        if connector is None:
            return None
        return await self._search.look(connector, await self._clues(asked, connector), asked.locale)

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
