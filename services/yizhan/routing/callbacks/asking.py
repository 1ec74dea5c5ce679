"""The case by which agents are offered a promised call: by the same groups, skills and languages as the hand-off it came of."""

from dataclasses import replace

from yizhan.routing import store
from yizhan.routing.callbacks.callback import Contact, masked_phone
from yizhan.routing.desk import CALLBACK, Case, CaseState
from yizhan.routing.groups import Request, asked_for
from yizhan.routing.shift import Shift
from yizhan.routing.terms import TermsBook
from yizhan.routing.tickets.ticket import Ticket


async def case_for(shift: Shift, terms_book: TermsBook, contact: Contact, ticket: Ticket) -> Case:
    """Not stored yet. ``ticket`` is the whole one; the customer is reached where their own ticket came from."""
    terms = await terms_book.current(shift.tx, shift.workspace, shift.now)
    await terms_book.keep(shift.tx, terms, terms.hours)
    own = await store.load_ticket(shift.tx, shift.workspace, contact.ticket_id) or ticket
    case = Case(
        id=shift.new_id(),
        workspace=shift.workspace,
        conversation_id=contact.conversation_id,
        address=own.address,
        epoch=0,
        state=CaseState.WAITING,
        reason=CALLBACK,
        customer_name=own.customer_name,
        last_text=own.last_text,
        requested_at=shift.now,
        deadline=contact.callback_at or shift.now,
        priority=int(ticket.priority),
        group_id=ticket.group_id,
        language=contact.language,
        last_agent=await store.last_agent(shift.tx, shift.workspace, contact.conversation_id),
        note=" ".join(filter(None, (ticket.number, masked_phone(contact.phone)))),
        contract=terms.version,
        calendar=terms.hours.version,
        ticket_id=contact.ticket_id,
    )
    before = await store.case_of_ticket(shift.tx, shift.workspace, contact.conversation_id, contact.ticket_id)
    if before is not None:
        asked = replace(case, language=before.language, skills=before.skills, weight=before.weight)
        return replace(asked, group_id=ticket.group_id or before.group_id)
    routes = await store.load_routes(shift.tx, shift.workspace)
    request = Request(channel=own.address.channel, reason=CALLBACK, language=contact.language)
    route = asked_for(request, routes.rules)
    return replace(case, skills=route.skills, weight=route.weight, group_id=ticket.group_id or route.group_id)
