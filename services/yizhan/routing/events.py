"""What routing does when something happens to a conversation. ``Listener.handle`` is the bus handler."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import structlog

from yizhan.core.bus.interface import Delivery, RetryLater
from yizhan.core.messages.codec import address_from_proto, moment, window_from_proto
from yizhan.core.messages.command import Watch
from yizhan.core.messages.ids import NewId
from yizhan.core.store.errors import StoreUnavailable
from yizhan.core.store.inbox import Claim, Inbox
from yizhan.pb.v1.event_pb2 import CustomerWrote, Event
from yizhan.routing import store
from yizhan.routing.callbacks.choosing import Choosing
from yizhan.routing.desk import Case, CaseState
from yizhan.routing.groups import Request, asked_for
from yizhan.routing.shift import Shift
from yizhan.routing.switchboard import Switchboard, is_open, is_unserved
from yizhan.routing.tickets.hearing import Sense, Wrote
from yizhan.routing.tickets.surveying import surveyed_from

log = structlog.get_logger(__name__)

CONCERNS = frozenset(
    {
        "handoff_requested",
        "conversation_assigned",
        "conversation_returned",
        "conversation_closed",
        "conversation_rated",
        "ticket_surveyed",
        "customer_wrote",
        "conversation_spoken",
        "agent_replied",
        "command_refused",
        "message_held",
        "contact_wished",
        "message_left",
    }
)

SENSES: Mapping[int, Sense] = {
    CustomerWrote.SENSE_COURTESY: Sense.COURTESY,
    CustomerWrote.SENSE_RATING: Sense.RATING,
}
"""Everything else says something."""

TICKET_FALLBACK = "ticket"
"""What a held message says when its channel wants people to reach the customer another way."""


class Listener:
    """Keeps cases in step with their conversations."""

    def __init__(self, switchboard: Switchboard, inbox: Inbox, new_id: NewId) -> None:
        self._switchboard = switchboard
        self._inbox = inbox
        self._new_id = new_id
        self._choosing = Choosing(switchboard)

    async def handle(self, deliveries: Sequence[Delivery]) -> None:
        """Each event in its own transaction, once. Raises RetryLater while the database is away."""
        for delivery in deliveries:
            event = delivery.envelope.event
            if event.WhichOneof("kind") not in CONCERNS:
                continue
            try:
                if event.WhichOneof("kind") == "conversation_spoken" or (
                    event.WhichOneof("kind") == "agent_replied"
                    and not event.agent_replied.ticket_id
                    and not await self._switchboard.owes_answer(event)
                ):
                    await self._said(event, delivery.envelope.id)  # nearly all that is said: not worth the desk's lock
                    continue
                await self._handle(event, delivery.envelope.id)
            except StoreUnavailable as error:
                raise RetryLater(0.5) from error

    async def _said(self, event: Event, envelope_id: str) -> None:
        async with self._switchboard.aside(event.address.workspace) as shift:
            claims = await self._inbox.claim(shift.tx, [(event.id, envelope_id)])
            if claims[event.id] is Claim.NEW:
                await self._switchboard.answers.heard(shift, event)

    async def _handle(self, event: Event, envelope_id: str) -> None:
        async with self._switchboard.shift(event.address.workspace) as shift:
            claims = await self._inbox.claim(shift.tx, [(event.id, envelope_id)])
            if claims[event.id] is not Claim.NEW:
                return
            shift.cause = event
            cases = await store.open_cases(shift.tx, shift.workspace, event.conversation_id)
            match event.WhichOneof("kind"):
                case "handoff_requested":
                    await self._requested(shift, event, cases)
                case "conversation_assigned":
                    await self._assigned(shift, event, cases)
                case "conversation_returned" | "conversation_closed":
                    await self._over(shift, event, cases)
                    await self._settle(shift, event)
                case "agent_replied" | "conversation_rated" | "ticket_surveyed":
                    await self._talked(shift, event)
                case "customer_wrote":
                    await self._wrote(shift, event)
                case "command_refused":
                    await self._refused(shift, event)
                case "message_held":
                    await self._held(shift, event)
                case "contact_wished" | "message_left":
                    await self._choosing.heard(shift, event)

    async def _assigned(self, shift: Shift, event: Event, cases: Sequence[Case]) -> None:
        """The conversation is whose the assignment says: what it was taken from is over.

        Older news may have ended the case meanwhile, as its epoch was not known; then it goes on.
        """
        assigned = await store.load_case(shift.tx, event.conversation_assigned.assignment_id)
        if assigned is not None and assigned.epoch < event.epoch:
            assigned = replace(assigned, state=CaseState.ASSIGNED, epoch=event.epoch, ended_at=None)
            await store.save_case(shift.tx, assigned)
        if assigned is not None and assigned.epoch == event.epoch and assigned.state is CaseState.ASSIGNED:
            await self._switchboard.answers.assigned(shift, assigned, moment(event.conversation_assigned.at))
        if assigned is not None and assigned.ticket_id:
            await self._switchboard.callbacks.taken(shift, assigned.ticket_id, assigned)
        await self._over(shift, event, [case for case in cases if assigned is None or case.id != assigned.id])

    async def _requested(self, shift: Shift, event: Event, cases: Sequence[Case]) -> None:
        if any(case.epoch >= event.epoch for case in cases):
            return
        await self._over(shift, event, cases)
        new = await self._case_of(shift, event)
        if event.handoff_requested.acknowledge:
            await self._switchboard.acknowledge(shift, new)
        await self._switchboard.enqueue(shift, new)

    async def _case_of(self, shift: Shift, event: Event) -> Case:
        """What is asked for: by whoever handed the conversation on, else by the workspace's routes."""
        request = event.handoff_requested
        address = address_from_proto(event.address)
        routes = await store.load_routes(shift.tx, shift.workspace)
        route = asked_for(
            Request(
                channel=address.channel,
                reason=request.reason,
                rule=request.rule,
                topic=request.topic,
                language=request.language,
                urgency=request.urgency,
            ),
            routes.rules,
        )
        # The conversation's epoch grew by one when it went back to the queue.
        handed = await store.take_transfer(shift.tx, event.conversation_id, event.epoch - 1)
        last = await store.last_agent(shift.tx, shift.workspace, event.conversation_id)
        window = window_from_proto(request.reply_window) if request.HasField("reply_window") else None
        return Case(
            id=self._new_id(),
            workspace=shift.workspace,
            conversation_id=event.conversation_id,
            address=address,
            epoch=event.epoch,
            state=CaseState.WAITING,
            reason=request.reason[:32],
            customer_name=request.customer_name[:200],
            last_text=request.last_text[:400],
            requested_at=moment(request.at),
            deadline=moment(request.at),
            reply_until=window.until if window else None,
            reply_left=window.left if window else None,
            priority=route.priority,
            language=request.language[:16],
            skills=route.skills,
            group_id=(handed.to_group if handed else "") or request.group_id or route.group_id,
            weight=route.weight,
            only_agent=handed.to_agent if handed else "",
            last_agent="" if handed else last,
            from_agent=(handed.from_agent if handed else "") or request.from_agent_id,
            note=(handed.note if handed else "")[:1000],
            can_choose=request.can_choose,
            passed=(handed.from_agent,) if handed else (),
        )

    async def _over(self, shift: Shift, event: Event, cases: Sequence[Case]) -> None:
        """The conversation left the queue or its agent, unless this is news from before a case began.

        A promised call is over only when a person has the customer: it does not hold the conversation.
        """
        for case in cases:
            kind = event.WhichOneof("kind")
            if case.is_callback and is_unserved(case):
                if kind == "conversation_assigned":
                    await self._switchboard.callbacks.look(shift, case.ticket_id)
                continue
            if event.epoch > case.epoch:
                await self._switchboard.finish(shift, case)
                if case.state is CaseState.ASSIGNED and case.ticket_id:
                    await self._switchboard.callbacks.let_go(shift, case, closed=kind == "conversation_closed")

    async def _talked(self, shift: Shift, event: Event) -> None:
        """An agent has answered the customer, or the customer has said how it was: open or solved tickets are to know."""
        following, replied, rated = self._switchboard.tickets.following, event.agent_replied, event.conversation_rated
        if event.WhichOneof("kind") == "agent_replied":
            at = moment(replied.at)
            await self._switchboard.answers.heard(shift, event)
            await following.answered(shift.tx, at, shift.workspace, event.conversation_id, replied.agent_id)
            if replied.ticket_id:
                await self._switchboard.tickets.replying.said(shift.tx, shift.now, replied.message_id)
        elif event.WhichOneof("kind") == "ticket_surveyed":
            await self._surveyed(shift, event)
        else:
            await following.rated(shift.tx, shift.now, shift.workspace, event.conversation_id, rated.score)

    async def _wrote(self, shift: Shift, event: Event) -> None:
        """A ticket may follow the conversation; where none does any more, dialogue need tell no further."""
        told = event.customer_wrote
        wrote = Wrote(moment(told.at), SENSES.get(told.sense, Sense.WORDS), told.text)
        following = self._switchboard.tickets.following
        if not await following.wrote(shift.tx, shift.now, shift.workspace, event.conversation_id, wrote):
            shift.command(address_from_proto(event.address), event.conversation_id, 0, Watch(end=True))

    async def _surveyed(self, shift: Shift, event: Event) -> None:
        told = event.ticket_surveyed
        surveyed = surveyed_from(told, moment(told.at))
        following = self._switchboard.tickets.following
        if surveyed is None or not await following.surveyed(shift.tx, shift.now, shift.workspace, surveyed):
            log.info("ticket_survey_ignored", ticket_id=told.ticket_id, solving=told.solving, mark=told.mark)

    async def _settle(self, shift: Shift, event: Event) -> None:
        """Tickets that an agent took are settled when their conversation is closed."""
        if not event.HasField("conversation_closed"):
            return
        following = self._switchboard.tickets.following
        await following.closed(shift.tx, shift.now, shift.workspace, event.conversation_id)

    async def _held(self, shift: Shift, event: Event) -> None:
        """Words that cannot reach the customer now: the ticket on which they were written says so. Where the channel falls
        back on a ticket, people are given one for all others.
        """
        held = event.message_held
        if await self._switchboard.tickets.replying.held(shift.tx, shift.now, held.message_id, held.reason) is not None:
            return
        if held.fallback == TICKET_FALLBACK:
            ticket = await self._switchboard.ticket_unsent(shift, event)
            if ticket is not None:
                log.info("unsent_ticketed", ticket_id=ticket.id, message_id=held.message_id)

    async def _refused(self, shift: Shift, event: Event) -> None:
        """Dialogue did not carry out what routing decided: the conversation had moved on meanwhile."""
        refused = event.command_refused
        if refused.command_kind == "Assign":
            case = await store.load_case(shift.tx, refused.command_id)
            if case is not None and is_open(case):
                log.info("assignment_refused", case_id=case.id, reason=refused.reason)
                await self._switchboard.finish(shift, case)
                if case.is_callback:  # it is refused only where an agent has the customer already
                    await self._switchboard.callbacks.look(shift, case.ticket_id)
        if refused.command_kind == "Reply":
            replying = self._switchboard.tickets.replying
            await replying.refused(shift.tx, shift.now, refused.command_id, refused.reason)
        if refused.command_kind == "MarkTicketed":
            following = self._switchboard.tickets.following
            await following.refused(shift.tx, shift.now, shift.workspace, refused.command_id)
