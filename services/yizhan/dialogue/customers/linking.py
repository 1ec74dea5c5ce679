"""Whose identity is whose, as what people did about it: links, and links taken back. Pure.

Each identity has a list of its own, which is only added to. What it comes to is a stack: a link lays a customer on top, an
unlink takes the top off. So whatever is done to other identities, in whatever order, taking a link back leaves the identity
exactly where it was before; and since a conversation's address is no part of any of this, nothing here can change where
a reply goes.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from yizhan.dialogue.customers.identity import Editor, Identity
from yizhan.dialogue.customers.problems import AlreadyLinked, NotLinked, ReasonMissing, SameAccount, TooMany

MOST_IDENTITIES = 50
"""Of one customer: a person has a handful, and every screen reads them all."""


class Kind(IntEnum):
    """The numbers are those of ``yizhan.v1.LinkKind``."""

    LINK = 1
    UNLINK = 2


@dataclass(frozen=True, slots=True)
class Why:
    """Who links or unlinks, when, and for which reason. ``force``: whatever speaks against it."""

    by: Editor
    at: datetime
    reason: str = ""
    force: bool = False


@dataclass(frozen=True, slots=True)
class LinkEvent:
    """One step of an identity. ``number`` counts its steps from 1; ``forced``: something spoke against it."""

    identity_id: str
    number: int
    workspace: str
    kind: Kind
    from_customer_id: str
    to_customer_id: str
    forced: bool
    reason: str
    by: Editor
    at: datetime


def owner(identity_id: str, events: Sequence[LinkEvent]) -> str:
    """The customer that an identity belongs to after its own events, in their order."""
    return (_stack(events) or [identity_id])[-1]


def linked(
    identity: Identity,
    events: Sequence[LinkEvent],
    customer_id: str,
    others: Collection[Identity],
    why: Why,
) -> LinkEvent:
    """The event that gives an identity to a customer who has these ``others``.

    Raises AlreadyLinked, TooMany, SameAccount unless forced, and ReasonMissing when forced without a reason.
    """
    if identity.customer_id == customer_id:
        raise AlreadyLinked(identity.id)
    if len(others) >= MOST_IDENTITIES:
        raise TooMany("identities")
    clash = any(other.place == identity.place for other in others)
    if clash and not why.force:
        raise SameAccount(identity.id)
    if why.force and not why.reason:
        raise ReasonMissing(identity.id)
    return LinkEvent(
        identity_id=identity.id,
        number=len(events) + 1,
        workspace=identity.workspace,
        kind=Kind.LINK,
        from_customer_id=identity.customer_id,
        to_customer_id=customer_id,
        forced=clash,
        reason=why.reason,
        by=why.by,
        at=why.at,
    )


def unlinked(identity: Identity, events: Sequence[LinkEvent], why: Why) -> LinkEvent:
    """The event that takes the last link back that is still in force. Raises NotLinked."""
    stack = _stack(events)
    if not stack:
        raise NotLinked(identity.id)
    return LinkEvent(
        identity_id=identity.id,
        number=len(events) + 1,
        workspace=identity.workspace,
        kind=Kind.UNLINK,
        from_customer_id=stack[-1],
        to_customer_id=([identity.id, *stack])[-2],
        forced=False,
        reason=why.reason,
        by=why.by,
        at=why.at,
    )


def _stack(events: Sequence[LinkEvent]) -> list[str]:
    """The customers that links in force lead to, one after the other."""
    stack: list[str] = []
    for event in events:
        if event.kind is Kind.LINK:
            stack.append(event.to_customer_id)
        elif stack:
            stack.pop()
    return stack
