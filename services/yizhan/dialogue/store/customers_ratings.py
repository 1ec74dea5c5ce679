"""Ratings of sessions: written with the turn that takes them, never changed."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from yizhan.core.store.bulk import BulkInsert, Write
from yizhan.core.store.database import Transaction
from yizhan.dialogue.customers.rating import Rated
from yizhan.dialogue.store.customer_tables import identity_conversations, session_ratings
from yizhan.dialogue.store.tables import conversations

MOST_RATINGS = 200

# One that is there is the same one: a message that was handed in again after the inbox had forgotten it.
_insert_ratings = BulkInsert(
    session_ratings, ("id", "conversation_id", "session", "score", "agent_id", "at"), ignore_conflicts=True
)


def rated(items: Iterable[Rated]) -> Write:
    """To write along with the turn."""
    return _insert_ratings.of([(r.id, r.conversation_id, r.session, r.score, r.agent_id, r.at) for r in items])


async def ratings_of(tx: Transaction, identity_ids: Sequence[str]) -> Sequence[Rated]:
    """The last rating of every session of these identities, newest first; at most ``MOST_RATINGS``.

    A rating from before they were kept is known of a conversation's last session.
    """
    theirs = identity_conversations.c.identity_id.in_(identity_ids)
    mapped = identity_conversations.c.conversation_id
    kept = (
        sa.select(session_ratings)
        .join(identity_conversations, mapped == session_ratings.c.conversation_id)
        .where(theirs)
        .order_by(session_ratings.c.at.desc(), session_ratings.c.id.desc())
        .limit(MOST_RATINGS)
    )
    found: dict[tuple[str, int], Rated] = {}
    for row in (await tx.execute(kept)).mappings():
        found.setdefault((row["conversation_id"], row["session"]), Rated(**row))
    last = (
        sa.select(conversations)
        .join(identity_conversations, mapped == conversations.c.id)
        .where(theirs, conversations.c.rating > 0)
        .order_by(conversations.c.last_message_at.desc())
        .limit(MOST_RATINGS)
    )
    for row in (await tx.execute(last)).mappings():
        at = row["closed_at"] or row["last_message_at"]
        before = Rated("", row["id"], row["session"], row["rating"], row["served_by"], at)
        found.setdefault((row["id"], row["session"]), before)
    return sorted(found.values(), key=lambda one: (one.at, one.id), reverse=True)[:MOST_RATINGS]
