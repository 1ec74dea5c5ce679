"""What agents said after a question."""

from collections.abc import Sequence

import sqlalchemy as sa

from yizhan.core.messages.message import AuthorKind
from yizhan.core.store.database import Transaction
from yizhan.dialogue.store.tables import messages


async def said_after(tx: Transaction, conversation_id: str, message_id: str, limit: int) -> Sequence[bytes]:
    """The bodies of an agent's first messages after this one, oldest first; none where this one is gone."""
    place = sa.select(messages.c.seq).where(messages.c.id == message_id, messages.c.conversation_id == conversation_id)
    query = (
        sa.select(messages.c.body)
        .where(
            messages.c.conversation_id == conversation_id,
            messages.c.seq > place.scalar_subquery(),
            messages.c.author_kind == int(AuthorKind.AGENT),
        )
        .order_by(messages.c.seq)
        .limit(limit)
    )
    return [row.body for row in await tx.execute(query)]
