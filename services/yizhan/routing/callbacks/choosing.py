"""What customers may choose instead of waiting, and what becomes of their choice."""

from collections.abc import Sequence

import structlog

from yizhan.core.messages.codec import address_from_proto, moment
from yizhan.core.messages.command import MarkTicketed, SuggestTimes, TellCallback
from yizhan.core.messages.ids import derived_id
from yizhan.pb.v1 import event_pb2
from yizhan.routing import store
from yizhan.routing.callbacks.callback import CALLBACK, CANCEL_CALLBACK, Left
from yizhan.routing.callbacks.offering import offer, reach_of
from yizhan.routing.callbacks.times import Nearest, checked
from yizhan.routing.desk import UNSERVED, Case, CaseState
from yizhan.routing.shift import Shift
from yizhan.routing.switchboard import Switchboard
from yizhan.routing.tickets.ticket import UNSETTLED, NewTicket, Source, Ticket

log = structlog.get_logger(__name__)


class Choosing:
    """Answers what dialogue tells of a customer's choice. An agent who has the customer comes before all of it."""

    def __init__(self, switchboard: Switchboard) -> None:
        self._switchboard = switchboard

    async def heard(self, shift: Shift, event: event_pb2.Event) -> None:
        """The customer wishes for something, or has left it."""
        await (self._left(shift, event) if event.HasField("message_left") else self._wished(shift, event))

    async def _wished(self, shift: Shift, event: event_pb2.Event) -> None:
        """The customer asks for something by themselves: say what is possible, or take a promise back."""
        address, wish = address_from_proto(event.address), event.contact_wished.wish
        if wish == CANCEL_CALLBACK:
            found = await self._switchboard.callbacks.cancel(shift, event.conversation_id)
            told = TellCallback("cancelled", found[0].number, found[1].callback_at) if found else TellCallback("none")
            shift.command(address, event.conversation_id, 0, told)
            await self._switchboard.dispatch(shift)
            return
        terms = await self._switchboard.terms.current(shift.tx, shift.workspace, shift.now)
        shift.command(address, event.conversation_id, event.epoch, offer(terms, shift.now, wish))

    async def _left(self, shift: Shift, event: event_pb2.Event) -> None:
        """The customer has left something: it is a ticket, or part of the one that they have."""
        cases = await store.open_cases(shift.tx, shift.workspace, event.conversation_id)
        if any(case.state is CaseState.ASSIGNED for case in cases):
            log.info("left_to_the_agent", conversation_id=event.conversation_id)
            return
        said = event.message_left
        callback_at = None
        if said.how == CALLBACK:
            terms = await self._switchboard.terms.current(shift.tx, shift.workspace, shift.now)
            wanted = moment(said.callback_at) if said.HasField("callback_at") else None
            found = checked(wanted, shift.now, reach_of(terms))
            if isinstance(found, Nearest):
                suggested = SuggestTimes(found.reason, found.times)
                shift.command(address_from_proto(event.address), event.conversation_id, event.epoch, suggested)
                return
            callback_at = found.at
        await self._ticket(shift, event, cases, Left(said.how, said.text, callback_at))

    async def _ticket(self, shift: Shift, event: event_pb2.Event, cases: Sequence[Case], left: Left) -> None:
        waiting = [case for case in cases if case.state in UNSERVED and case.epoch == event.epoch]
        if waiting:
            ticket = await self._switchboard.give_ticket(shift, waiting[0], source_of(left), left)
        else:
            ticket = await self._add(shift, event, left)
        phone, language = event.message_left.phone, event.message_left.language
        if left.callback_at is not None:
            await self._switchboard.callbacks.promise(shift, ticket, phone[:40], left.callback_at, language[:16])
        else:
            await self._switchboard.callbacks.reach_by(shift, ticket, phone)
        await self._switchboard.dispatch(shift)

    async def _add(self, shift: Shift, event: event_pb2.Event, left: Left) -> Ticket:
        """To the ticket that the customer has been given; to a new one where there is none, or it is settled."""
        known = await self._known(shift, event)
        address = address_from_proto(event.address)
        if known is not None:
            ticket = await self._switchboard.tickets.following.left(shift.tx, shift.now, known, left.text)
            command_id = derived_id("left", event.id)
        else:
            said = event.message_left
            new = NewTicket(
                id=derived_id("left", event.id),
                workspace=shift.workspace,
                conversation_id=event.conversation_id,
                address=address,
                source=source_of(left),
                reason=left.how,
                customer_name=said.customer_name,
                last_text=left.text,
            )
            ticket = await self._switchboard.open_ticket(shift, new)
            command_id = ticket.id
        command = MarkTicketed(ticket.id, ticket.number, ticket.promised_by, left.how, left.callback_at)
        shift.command(address, event.conversation_id, event.epoch, command, id=command_id)
        return ticket

    async def _known(self, shift: Shift, event: event_pb2.Event) -> Ticket | None:
        """The ticket that was made while the customer was still writing, or whose number they have been told."""
        case = await store.ticketed_case(shift.tx, shift.workspace, event.conversation_id, event.epoch)
        number = event.message_left.ticket_number
        for ticket in await store.open_tickets_of(shift.tx, shift.workspace, event.conversation_id):
            mine = ticket.number == number or (case is not None and ticket.id == case.ticket_id)
            if mine and ticket.status in UNSETTLED and not ticket.merged_into:
                return ticket
        return None


def source_of(left: Left) -> Source:
    return Source.CALLBACK if left.how == CALLBACK else Source.LEFT_MESSAGE
