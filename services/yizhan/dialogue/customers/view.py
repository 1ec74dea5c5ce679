"""A customer as people see one: the identities with how often each came, and the tags. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from yizhan.dialogue.customers.identity import Identity
from yizhan.dialogue.customers.membership import Members
from yizhan.dialogue.customers.noted import Tag
from yizhan.dialogue.store.customers_profile import Face, Use

MOST_SHOWN = 20
"""Conversations of an identity that are named."""


@dataclass(frozen=True, slots=True)
class SeenIdentity:
    """``name`` as the channel knows it; ``conversation_ids`` newest first."""

    identity: Identity
    use: Use
    name: str
    locale: str
    verified: bool
    conversation_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CustomerView:
    """``identities``: who was heard from last comes first, and gives the name and the locale, if it has any."""

    id: str
    identities: tuple[SeenIdentity, ...]
    tags: tuple[Tag, ...]

    @property
    def name(self) -> str:
        return next((one.name for one in self.identities if one.name), "")

    @property
    def locale(self) -> str:
        return next((one.locale for one in self.identities if one.locale), "")

    @property
    def verified(self) -> bool:
        return any(one.verified for one in self.identities)

    @property
    def first_seen_at(self) -> datetime:
        return min(one.use.first_seen_at for one in self.identities)

    @property
    def last_seen_at(self) -> datetime:
        return max(one.use.last_seen_at for one in self.identities)


def seen(members: Members, uses: Mapping[str, Use], faces: Sequence[Face], tags: Sequence[Tag]) -> CustomerView:
    """``faces`` newest first; those of other customers do not matter."""
    shown = [_identity(one, uses, faces) for one in members.identities]
    shown.sort(key=lambda one: (one.use.last_seen_at, one.identity.id), reverse=True)
    return CustomerView(members.customer_id, tuple(shown), tuple(tags))


def _identity(identity: Identity, uses: Mapping[str, Use], faces: Sequence[Face]) -> SeenIdentity:
    own = [face for face in faces if face.identity_id == identity.id]
    never = Use(0, 0, 0, identity.first_seen_at, identity.first_seen_at)
    return SeenIdentity(
        identity,
        uses.get(identity.id, never),
        next((face.name for face in own if face.name), ""),
        next((face.locale for face in own if face.locale), ""),
        any(face.verified for face in own),
        tuple(face.conversation_id for face in own[:MOST_SHOWN]),
    )
