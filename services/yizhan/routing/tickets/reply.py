"""An agent's answer to the customer on a ticket, and what stands in its way. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from yizhan.routing.desk import UNSERVED, Case, CaseState
from yizhan.routing.tickets.errors import ConversationTaken, CustomerWaits, TicketClosed, TicketRefused, ValueTooLarge
from yizhan.routing.tickets.ticket import Status, Ticket

LONGEST_REPLY = 4000


class ReplyState(StrEnum):
    """How far it got with dialogue. What became of what is said, dialogue knows alone."""

    SENDING = "sending"
    SAID = "said"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class TicketReply:
    """``id`` is the message's. ``reason``: why it was refused."""

    id: str
    workspace: str
    ticket_id: str
    at: datetime
    author_id: str
    author_name: str
    text: str
    state: ReplyState = ReplyState.SENDING
    reason: str = ""


def check(ticket: Ticket, text: str, cases: Iterable[Case], agent_id: str) -> None:
    """Raises why an answer cannot be given now, as far as routing knows: dialogue, which has the last word, may refuse it yet.

    ``cases`` are those of the conversation that are open. A promised call holds it only once somebody has taken it.
    """
    refused = _refusal(ticket, text.strip(), cases, agent_id)
    if refused is not None:
        raise refused


def _refusal(ticket: Ticket, text: str, cases: Iterable[Case], agent_id: str) -> TicketRefused | None:
    if not 0 < len(text) <= LONGEST_REPLY:
        return ValueTooLarge(f"a reply has 1 to {LONGEST_REPLY} characters")
    if ticket.status is Status.CLOSED:
        return TicketClosed()
    for case in cases:
        if case.state is CaseState.ASSIGNED and case.agent_id != agent_id:
            return ConversationTaken()
        if case.state in UNSERVED and not case.is_callback:
            return CustomerWaits()
    return None
