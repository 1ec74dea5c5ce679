"""What a customer's message does to a ticket of its conversation. Pure; ``following`` carries it out."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from yizhan.routing.tickets.ticket import UNSETTLED, Status, Ticket
from yizhan.routing.tickets.transitions import Periods


class Sense(StrEnum):
    """What a message is: it says something, is only a courtesy (hello, thanks, 好的), or a rating."""

    WORDS = "words"
    COURTESY = "courtesy"
    RATING = "rating"


@dataclass(frozen=True, slots=True)
class Wrote:
    """A customer's message: when its channel received it, and its first words."""

    at: datetime
    sense: Sense
    text: str = ""


def moves_to(ticket: Ticket, wrote: Wrote, periods: Periods) -> Status | None:
    """The status that the message gives the ticket; None: it stays.

    What was written before the ticket got the status that it has was known to whoever gave it.
    """
    if wrote.sense is Sense.RATING or wrote.at <= ticket.since:
        return None
    if ticket.status is Status.PENDING:
        return Status.OPEN
    solved = ticket.status is Status.SOLVED and ticket.solved_at is not None
    if solved and wrote.sense is Sense.WORDS and wrote.at <= ticket.since + periods.doubt:
        return Status.REOPENED
    return None


def heard(ticket: Ticket, wrote: Wrote, *, moved: bool) -> Ticket:
    """The ticket with the message kept in mind: since when the customer waits, and what they said last.

    A courtesy waits for nothing, unless the ticket ``moved`` because of it; what is older than the last answer neither.
    """
    if wrote.sense is Sense.RATING or (wrote.sense is Sense.COURTESY and not moved):
        return ticket
    if ticket.status not in UNSETTLED or (ticket.attended_at is not None and wrote.at <= ticket.attended_at):
        return ticket
    since = min(wrote.at, ticket.customer_waiting_since or wrote.at)
    return replace(ticket, customer_waiting_since=since, last_text=wrote.text[:400] or ticket.last_text)
