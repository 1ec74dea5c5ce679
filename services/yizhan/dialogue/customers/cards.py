"""Customers for screens: one with everything that is known, or a list."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database
from yizhan.dialogue.customers.following import Following
from yizhan.dialogue.customers.membership import Members, customer_of, members_of
from yizhan.dialogue.customers.noted import Noted, shown
from yizhan.dialogue.customers.profile import Profile, read_profile
from yizhan.dialogue.customers.value_rules import ValueRules
from yizhan.dialogue.customers.view import CustomerView, seen
from yizhan.dialogue.knowledge.release import Release
from yizhan.dialogue.store import customers as store, customers_noted as noted_store, customers_profile as profile_store
from yizhan.dialogue.store.customers import Listed

MOST_FACES = 1_000
MOST_NOTES_SHOWN = 50

ReleaseOf = Callable[[str], Release | None]
"""The published release of a workspace."""


@dataclass(frozen=True, slots=True)
class Card:
    """Everything that is known of a customer."""

    view: CustomerView
    noted: Noted
    profile: Profile


class Cards:
    """Reads only, but for identities that are made when somebody asks for them. Everything may raise StoreUnavailable."""

    def __init__(
        self, database: Database, following: Following, release_of: ReleaseOf, rules: ValueRules, clock: Clock
    ) -> None:
        self._database = database
        self._following = following
        self._release_of = release_of
        self._rules = rules
        self._clock = clock

    async def by_conversation(self, workspace: str, conversation_id: str) -> Card:
        """Raises UnknownConversation."""
        return await self.by_id(workspace, await customer_of(self._database, workspace, conversation_id))

    async def by_id(self, workspace: str, customer_id: str) -> Card:
        """Raises UnknownCustomer."""
        release = self._release_of(workspace)
        categories = {one.id: one.category for one in release.entries} if release else {}
        async with self._database.read() as tx:
            members = await members_of(tx, workspace, customer_id)
            ids = members.ids
            faces = await profile_store.faces(tx, ids, MOST_FACES)
            noted = shown(
                await noted_store.tags_of(tx, ids),
                await noted_store.attributes_of(tx, ids),
                await noted_store.notes_of(tx, ids, MOST_NOTES_SHOWN),
            )
            view = seen(members, await profile_store.uses(tx, ids), faces, noted.tags)
            profile = await read_profile(
                tx, workspace, view, faces, categories=categories, rules=self._rules.of(workspace), now=self._clock()
            )
        return Card(view, noted, profile)

    async def list(self, page: Listed) -> tuple[Sequence[CustomerView], str]:
        """A page, and what the next one begins before; empty where there is none."""
        await self._following.catch_up()
        async with self._database.read() as tx:
            found = await store.list_customers(tx, page)
            order = [customer_id for customer_id, _ in found[: page.size]]
            identities = await store.identities_of(tx, page.workspace, order)
            ids = [one.id for one in identities]
            uses = await profile_store.uses(tx, ids)
            faces = await profile_store.faces(tx, ids, MOST_FACES)
            tags = await noted_store.tags_of(tx, ids)
        views: list[CustomerView] = []
        for customer_id in order:
            members = Members(customer_id, tuple(one for one in identities if one.customer_id == customer_id))
            if members.identities:  # else linked away in this moment
                theirs = shown([tag for tag in tags if tag.identity_id in members.ids], (), ())
                views.append(seen(members, uses, faces, theirs.tags))
        at, last_id = (found[page.size - 1][1], found[page.size - 1][0]) if len(found) > page.size else (None, "")
        return views, f"{at.isoformat()} {last_id}" if at else ""
