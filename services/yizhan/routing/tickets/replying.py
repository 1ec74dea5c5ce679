"""Answering on a ticket: kept here, said by dialogue, and what became of it. ADR 0042."""

from datetime import datetime

from yizhan.core.messages.command import Reply
from yizhan.core.messages.content import Text
from yizhan.core.store.database import Transaction
from yizhan.routing.shift import Shift
from yizhan.routing.store import cases, tickets as rows, tickets_replies as replies
from yizhan.routing.tickets.change import Step
from yizhan.routing.tickets.reply import ReplyState, TicketReply, check
from yizhan.routing.tickets.ticket import SYSTEM, Actor, Role, Ticket
from yizhan.routing.tickets.writing import TicketWriter


class Replying:
    """The words are kept with the ticket from the moment they are written, so that none is lost when they are refused."""

    def __init__(self, writer: TicketWriter) -> None:
        self._writer = writer

    async def write(
        self, shift: Shift, ticket_id: str, reply_id: str, text: str, client_id: str, by: Actor
    ) -> TicketReply:
        """Have it said; the same id again changes nothing.

        Raises UnknownTicket, TicketMerged, TicketClosed, ConversationTaken, CustomerWaits, ValueTooLarge.
        """
        ticket = await self._writer.load_own(shift.tx, shift.workspace, ticket_id)
        known = await replies.load_reply(shift.tx, reply_id)
        if known is not None:
            return known
        held = await cases.open_cases(shift.tx, shift.workspace, ticket.conversation_id)
        check(ticket, text, held, by.id)
        reply = TicketReply(reply_id, shift.workspace, ticket.id, shift.now, by.id, by.name, text.strip())
        await replies.add_reply(shift.tx, reply)
        said = Reply(by.id, by.name, Text(reply.text), ticket.id, client_id)
        shift.command(ticket.address, ticket.conversation_id, 0, said, id=reply_id)
        return reply

    async def said(self, tx: Transaction, at: datetime, reply_id: str) -> None:
        """Dialogue has said it."""
        reply = await self._ended(tx, reply_id, ReplyState.SAID)
        if reply is not None:
            by = Actor(reply.author_id, reply.author_name, Role.AGENT)
            await self._note(tx, at, reply, by, Step("replied", "", reply.text, detail=reply.id, quiet=True))

    async def refused(self, tx: Transaction, at: datetime, reply_id: str, reason: str) -> None:
        """Dialogue did not say it: the conversation had gone to somebody else meanwhile."""
        reply = await self._ended(tx, reply_id, ReplyState.REFUSED, reason[:32])
        if reply is not None:
            await self._note(tx, at, reply, SYSTEM, Step("reply_unsaid", "", reason, detail=reply.id, quiet=True))

    async def held(self, tx: Transaction, at: datetime, message_id: str, reason: str) -> TicketReply | None:
        """A message waits at its channel; None: it is no reply. Its ticket says so, and needs no other ticket for it."""
        reply = await replies.load_reply(tx, message_id)
        if reply is not None:
            await self._note(tx, at, reply, SYSTEM, Step("reply_held", "", reason, detail=reply.id, quiet=True))
        return reply

    async def _ended(self, tx: Transaction, reply_id: str, state: ReplyState, reason: str = "") -> TicketReply | None:
        reply = await replies.load_reply(tx, reply_id)
        ended = reply is not None and await replies.end_sending(tx, reply_id, state, reason)
        return reply if ended else None

    async def _note(self, tx: Transaction, at: datetime, reply: TicketReply, by: Actor, step: Step) -> None:
        ticket: Ticket | None = await rows.load_ticket(tx, reply.workspace, reply.ticket_id, lock=True)
        if ticket is not None:
            await self._writer.save(tx, at, ticket, ticket, by, [step])
