"""What people do about customers: link and unlink identities, tag, note. Each change is one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yizhan.core.messages.ids import NewId
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database, Transaction
from yizhan.dialogue.customers.identity import Editor, Identity
from yizhan.dialogue.customers.linking import Kind, LinkEvent, Why, linked, unlinked
from yizhan.dialogue.customers.membership import Members, members_of
from yizhan.dialogue.customers.noted import (
    Attribute,
    Note,
    Tag,
    checked_attributes,
    checked_note,
    checked_tags,
)
from yizhan.dialogue.customers.problems import AlreadyLinked, UnknownIdentity
from yizhan.dialogue.customers.view import SeenIdentity, seen
from yizhan.dialogue.store import (
    customers as store,
    customers_links as links,
    customers_noted as notes,
    customers_profile as profile_store,
)

MOST_EVENTS = 200
MOST_SUGGESTED = 20
MOST_FACES = 200
SAME_USER = "same_verified_user"


@dataclass(frozen=True, slots=True)
class Suggested:
    """Another customer's identity that may be the same person's. ``same_account``: linking it needs force."""

    other: SeenIdentity
    reason: str
    same_account: bool


class CustomerDesk:
    """Everything may raise StoreUnavailable; what raises a CustomerProblem has changed nothing."""

    def __init__(self, database: Database, *, clock: Clock, new_id: NewId) -> None:
        self._database = database
        self._clock = clock
        self._new_id = new_id

    async def link(self, workspace: str, customer_id: str, identity_id: str, why: Why) -> str:
        """Give one identity to a customer; gives the customer's id.

        Raises UnknownCustomer, UnknownIdentity, AlreadyLinked, SameAccount, ReasonMissing and TooMany.
        """
        async with self._database.begin() as tx:
            if await store.identity(tx, workspace, identity_id) is None:
                raise UnknownIdentity(identity_id)
            target = await self._locked(tx, workspace, customer_id, [identity_id])
            identity = await store.identity(tx, workspace, identity_id)
            await _give(tx, [identity] if identity else [], target, why)
        return target.customer_id

    async def link_all(self, workspace: str, customer_id: str, other_id: str, why: Why) -> str:
        """Give all identities of another customer to this one; gives the customer's id. Raises as ``link`` does."""
        async with self._database.begin() as tx:
            before = await members_of(tx, workspace, other_id)
            target = await self._locked(tx, workspace, customer_id, before.ids)
            moved = await members_of(tx, workspace, other_id)
            if moved.customer_id == target.customer_id:
                raise AlreadyLinked(other_id)
            await _give(tx, moved.identities, target, why)
        return target.customer_id

    async def unlink(self, workspace: str, identity_id: str, why: Why) -> str:
        """Take an identity's last link back; gives the customer whom it leaves. Raises UnknownIdentity and NotLinked."""
        async with self._database.begin() as tx:
            await store.lock(tx, workspace, [], [identity_id])
            identity = await store.identity(tx, workspace, identity_id)
            if identity is None:
                raise UnknownIdentity(identity_id)
            events = await links.events_of(tx, [identity_id])
            event = unlinked(identity, events[identity_id], why)
            await _follow(tx, event)
        return event.from_customer_id

    async def link_events(self, workspace: str, customer_id: str) -> Sequence[LinkEvent]:
        """What was linked to a customer and taken away, newest first. Raises UnknownCustomer."""
        async with self._database.read() as tx:
            members = await members_of(tx, workspace, customer_id)
            return await links.events_about(tx, workspace, members.customer_id, MOST_EVENTS)

    async def suggest(self, workspace: str, customer_id: str) -> Sequence[Suggested]:
        """Others whom the business vouches for under the same id, but for those that somebody took apart before.

        Raises UnknownCustomer.
        """
        async with self._database.read() as tx:
            members = await members_of(tx, workspace, customer_id)
            faces = await profile_store.faces(tx, members.ids, MOST_FACES)
            vouched = {face.identity_id for face in faces if face.verified}
            names = {one.customer for one in members.identities if one.id in vouched}
            if not names:
                return ()
            found = await store.namesakes(tx, workspace, names, MOST_FACES)
            others = [one for one in found if one.customer_id != members.customer_id]
            events = await links.events_of(tx, [*members.ids, *(one.id for one in others)])
            wanted = [one for one in others if not _taken_apart(members, one, events)][:MOST_SUGGESTED]
            ids = [one.id for one in wanted]
            uses, faces = await profile_store.uses(tx, ids), await profile_store.faces(tx, ids, MOST_FACES)
        places = {one.place for one in members.identities}
        return [
            Suggested(one, SAME_USER, one.identity.place in places)
            for other in wanted
            for one in seen(Members(other.customer_id, (other,)), uses, faces, ()).identities
        ]

    async def set_tags(
        self, workspace: str, customer_id: str, add: Sequence[str], remove: Sequence[str], by: Editor
    ) -> str:
        """Gives the customer's id. Raises UnknownCustomer, BadValue and TooMany."""
        async with self._database.begin() as tx:
            members = await self._locked(tx, workspace, customer_id, [])
            wished = checked_tags(await notes.tags_of(tx, members.ids), add, remove)
            await notes.remove_tags(tx, members.ids, {tag.strip() for tag in remove})
            at = self._clock()
            await notes.add_tags(tx, [Tag(members.anchor.id, tag, by, at) for tag in wished])
        return members.customer_id

    async def set_attributes(
        self, workspace: str, customer_id: str, put: Mapping[str, str], remove: Sequence[str], by: Editor
    ) -> str:
        """Gives the customer's id. Raises UnknownCustomer, BadValue and TooMany."""
        async with self._database.begin() as tx:
            members = await self._locked(tx, workspace, customer_id, [])
            wished = checked_attributes(await notes.attributes_of(tx, members.ids), put, remove)
            await notes.remove_attributes(tx, members.ids, remove)
            at = self._clock()
            written = [Attribute(members.anchor.id, name, wished[name], by, at) for name in sorted(wished)]
            await notes.put_attributes(tx, written)
        return members.customer_id

    async def add_note(self, workspace: str, customer_id: str, text: str, by: Editor) -> str:
        """Gives the customer's id. Raises UnknownCustomer, BadValue and TooMany."""
        async with self._database.begin() as tx:
            members = await self._locked(tx, workspace, customer_id, [])
            kept = checked_note(await notes.count_notes(tx, members.ids), text)
            await notes.add_note(tx, Note(self._new_id(), members.anchor.id, kept, by, self._clock()))
        return members.customer_id

    async def _locked(self, tx: Transaction, workspace: str, customer_id: str, identity_ids: Sequence[str]) -> Members:
        """A customer whom nobody else changes meanwhile, nor these identities. Raises UnknownCustomer."""
        before = await members_of(tx, workspace, customer_id)
        await store.lock(tx, workspace, [before.customer_id], identity_ids)
        return await members_of(tx, workspace, customer_id)


async def _give(tx: Transaction, moved: Sequence[Identity], target: Members, why: Why) -> None:
    events = await links.events_of(tx, [one.id for one in moved])
    others = list(target.identities)
    for one in sorted(moved, key=lambda item: (item.first_seen_at, item.id)):
        await _follow(tx, linked(one, events[one.id], target.customer_id, others, why))
        others.append(one)


async def _follow(tx: Transaction, event: LinkEvent) -> None:
    """Add what was done, and write down what it comes to."""
    await links.append(tx, event)
    await store.give(tx, event.identity_id, event.to_customer_id)


def _taken_apart(members: Members, other: Identity, events: Mapping[str, Sequence[LinkEvent]]) -> bool:
    """Whether the last thing that was done about either was to take it away from the other's customer."""

    def left(identity: Identity, customer_id: str) -> bool:
        last = events[identity.id][-1:]
        return bool(last) and last[0].kind is Kind.UNLINK and last[0].from_customer_id == customer_id

    return left(other, members.customer_id) or any(left(one, other.customer_id) for one in members.identities)
