"""Finds a customer's identities: by the customer, or by a conversation whose identity may not be made yet."""

from collections.abc import Sequence
from dataclasses import dataclass

from yizhan.core.store.database import Database, Transaction
from yizhan.dialogue.customers.identity import Identity
from yizhan.dialogue.customers.problems import UnknownConversation, UnknownCustomer
from yizhan.dialogue.store import customers as store


@dataclass(frozen=True, slots=True)
class Members:
    """A customer, who has at least one identity."""

    customer_id: str
    identities: tuple[Identity, ...]

    @property
    def ids(self) -> list[str]:
        return [one.id for one in self.identities]

    @property
    def anchor(self) -> Identity:
        """With which is kept what people note about the customer: their own identity, else the one seen first.

        So every note lies with one identity and goes where that goes, and a link that is taken back takes along what
        came with it.
        """
        own = [one for one in self.identities if one.id == self.customer_id]
        return own[0] if own else min(self.identities, key=lambda one: (one.first_seen_at, one.id))


async def members_of(tx: Transaction, workspace: str, customer_id: str) -> Members:
    """A customer all of whose identities were linked away is who has their own one now. Raises UnknownCustomer."""
    found: Sequence[Identity] = await store.identities_of(tx, workspace, [customer_id])
    if not found:
        own = await store.identity(tx, workspace, customer_id)
        if own is None:
            raise UnknownCustomer(customer_id)
        customer_id = own.customer_id
        found = await store.identities_of(tx, workspace, [customer_id])
    return Members(customer_id, tuple(found))


async def customer_of(database: Database, workspace: str, conversation_id: str) -> str:
    """Whose conversation it is; makes the identity where it was not reached yet. Raises UnknownConversation."""
    async with database.read() as tx:
        found = await store.found(tx, workspace, conversation_id)
        if found is None:
            raise UnknownConversation(conversation_id)
        made = await store.place_of(tx, conversation_id)
    if made is None:
        async with database.begin() as tx:
            await store.add(tx, [found])
    async with database.read() as tx:
        identity = await store.identity(tx, workspace, found.identity.id)
    if identity is None:  # erased in this moment
        raise UnknownConversation(conversation_id)
    return identity.customer_id
