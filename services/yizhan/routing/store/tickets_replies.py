"""What agents have answered on tickets."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.routing.store.tickets_tables import ticket_replies
from yizhan.routing.tickets.reply import ReplyState, TicketReply


async def add_reply(tx: AsyncConnection, reply: TicketReply) -> None:
    row = {name: getattr(reply, name) for name in _REPLY}
    await tx.execute(ticket_replies.insert(), [row | {"state": reply.state.value}])


async def load_reply(tx: AsyncConnection, reply_id: str) -> TicketReply | None:
    query = sa.select(ticket_replies).where(ticket_replies.c.id == reply_id)
    row = (await tx.execute(query)).mappings().first()
    return _reply(row) if row else None


async def load_replies(tx: AsyncConnection, ticket_id: str, limit: int) -> Sequence[TicketReply]:
    """The latest, oldest first."""
    c = ticket_replies.c
    query = sa.select(ticket_replies).where(c.ticket_id == ticket_id).order_by(c.at.desc(), c.id.desc()).limit(limit)
    return [_reply(row) for row in (await tx.execute(query)).mappings()][::-1]


async def end_sending(tx: AsyncConnection, reply_id: str, state: ReplyState, reason: str = "") -> bool:
    """What became of a reply; False: that is known already."""
    c = ticket_replies.c
    sending = (c.id == reply_id, c.state == ReplyState.SENDING.value)
    done = await tx.execute(ticket_replies.update().where(*sending).values(state=state.value, reason=reason))
    return done.rowcount > 0


_REPLY = tuple(column.name for column in ticket_replies.columns)


def _reply(row: sa.RowMapping) -> TicketReply:
    return TicketReply(**{name: row[name] for name in _REPLY} | {"state": ReplyState(row["state"])})
