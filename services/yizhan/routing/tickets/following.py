"""What a ticket's conversation does to it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from yizhan.core.store.database import Transaction
from yizhan.routing.store import tickets as rows
from yizhan.routing.tickets.change import Step, TicketChange, changed
from yizhan.routing.tickets.hearing import Wrote, heard, moves_to
from yizhan.routing.tickets.surveying import Mark, Surveyed, after_survey, rates_with_session
from yizhan.routing.tickets.ticket import CUSTOMER, SYSTEM, WORKED, Actor, Role, Status, Ticket
from yizhan.routing.tickets.transitions import attended
from yizhan.routing.tickets.writing import TicketWriter


class Following:
    """Merged tickets follow nothing any more: the ticket they became part of does."""

    def __init__(self, writer: TicketWriter) -> None:
        self._writer = writer

    async def closed(self, tx: Transaction, at: datetime, workspace: str, conversation_id: str) -> None:
        """The conversation is over: tickets for which an agent took it, and which wait for nobody, are solved."""
        for ticket in await rows.open_tickets_of(tx, workspace, conversation_id):
            if ticket.status in WORKED and ticket.taken_at is not None:
                await self._move(tx, at, ticket, Status.SOLVED)

    async def refused(self, tx: Transaction, at: datetime, workspace: str, ticket_id: str) -> None:
        """The conversation had moved on before it was ticketed: nothing is owed, unless somebody has begun."""
        ticket = await rows.load_ticket(tx, workspace, ticket_id, lock=True)
        if ticket is not None and ticket.status in WORKED and not ticket.agent_id:
            await self._move(tx, at, ticket, Status.CLOSED)

    async def answered(
        self, tx: Transaction, at: datetime, workspace: str, conversation_id: str, agent_id: str
    ) -> None:
        """An agent has spoken to the customer: that is the first response to what was open then, and nobody waits any more."""
        by = Actor(agent_id, "", Role.AGENT)
        for ticket in await rows.open_tickets_of(tx, workspace, conversation_id):
            if ticket.created_at > at:
                continue
            after, steps = attended(ticket, at), []
            if ticket.first_response_at is None:
                after = replace(after, first_response_at=at)
                steps = [Step("answered", "", agent_id, quiet=True)]
            await self._writer.keep(tx, at, ticket, after, by, steps)

    async def wrote(self, tx: Transaction, at: datetime, workspace: str, conversation_id: str, wrote: Wrote) -> bool:
        """The customer has written: see ``moves_to`` and ``heard``. Whether any ticket follows the conversation.

        Words are about what is unsettled; only where nothing is, they may doubt the last solution.
        """
        concerned = await rows.open_tickets_of(tx, workspace, conversation_id)
        if not concerned:
            solved = await rows.last_solved(tx, workspace, conversation_id)
            concerned = [] if solved is None else [solved]
        for ticket in concerned:
            await self._hear(tx, at, ticket, wrote)
        return bool(concerned)

    async def _hear(self, tx: Transaction, at: datetime, ticket: Ticket, wrote: Wrote) -> None:
        """The clock goes on from when the customer wrote; the history says when that was known."""
        steps: Sequence[Step] = ()
        after, to = ticket, moves_to(ticket, wrote, self._writer.periods)
        if to is not None:
            since = min(wrote.at, at)
            deadlines = await self._writer.rules.deadlines(tx, ticket.workspace, since, ticket)
            after, steps = changed(ticket, TicketChange(status=to), CUSTOMER, since, deadlines, self._writer.periods)
        after = heard(after, wrote, moved=to is not None)
        if after.customer_waiting_since is not None and ticket.customer_waiting_since is None:
            steps = [Step("wrote", "", "", quiet=True), *steps]
        await self._writer.keep(tx, at, ticket, after, CUSTOMER, steps)

    async def rated(self, tx: Transaction, at: datetime, workspace: str, conversation_id: str, score: int) -> None:
        """The customer has rated the conversation: that is about the ticket of it which was solved last, unless they are
        asked about that one by itself.
        """
        ticket = await rows.last_solved(tx, workspace, conversation_id)
        if ticket is not None and rates_with_session(ticket):
            step = Step("rated", str(ticket.rating or ""), str(score))
            await self._writer.save(tx, at, ticket, replace(ticket, rating=score, rated_at=at), CUSTOMER, [step])

    async def surveyed(self, tx: Transaction, at: datetime, workspace: str, surveyed: Surveyed) -> bool:
        """Something became of the question how satisfied the customer is; False: it changed nothing."""
        ticket = await rows.load_ticket(tx, workspace, surveyed.ticket_id, lock=True)
        if ticket is None:
            return False
        after, steps = after_survey(ticket, surveyed)
        if after == ticket:
            return False
        by = CUSTOMER if surveyed.mark in {Mark.SCORED, Mark.COMMENTED} else SYSTEM
        await self._writer.save(tx, at, ticket, after, by, steps)
        return True

    async def left(self, tx: Transaction, at: datetime, ticket: Ticket, text: str) -> Ticket:
        """The customer has left words for it, or how they want to be reached."""
        after = replace(ticket, last_text=text[:400] or ticket.last_text)
        saved = await self._writer.save(tx, at, ticket, after, CUSTOMER, [Step("left_message", "", text, quiet=True)])
        if text:
            await self._writer.index(tx, saved)
        return saved

    async def noted(
        self, tx: Transaction, at: datetime, ticket: Ticket, kind: str, before: str, after: str, by: Actor
    ) -> Ticket:
        """Something about how the customer is reached."""
        return await self._writer.save(tx, at, ticket, ticket, by, [Step(kind, before, after, quiet=True)])

    async def given_back(self, tx: Transaction, at: datetime, ticket: Ticket) -> Ticket:
        """Whoever took the customer has not had them: the end of their conversation solves nothing."""
        return await self._writer.keep(tx, at, ticket, replace(ticket, taken_at=None), SYSTEM, [])

    async def _move(self, tx: Transaction, at: datetime, ticket: Ticket, to: Status) -> None:
        deadlines = await self._writer.rules.deadlines(tx, ticket.workspace, at, ticket)
        after, steps = changed(ticket, TicketChange(status=to), SYSTEM, at, deadlines, self._writer.periods)
        await self._writer.save(tx, at, ticket, after, SYSTEM, steps)
