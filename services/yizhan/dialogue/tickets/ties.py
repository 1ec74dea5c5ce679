"""What a conversation remembers of its tickets, and its stored form. Routing keeps the tickets themselves."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter, ValidationError


@dataclass(frozen=True, slots=True)
class Survey:
    """A question how satisfied the customer is with one solution of a ticket; after ``until`` it is forgotten.

    ``asked`` or still to be asked. ``score`` 0: not answered. ``thanked_seq``: the place of the words that thanked for the
    score; what the customer says right after them may be a comment. ``commented``: it was one.
    """

    ticket_id: str
    ticket_number: str
    solving: int
    until: datetime
    asked: bool = False
    score: int = 0
    thanked_seq: int = 0
    commented: bool = False


@dataclass(frozen=True, slots=True)
class TicketTies:
    """``watched_at``: when routing asked last to be told of what the customer writes; None: no ticket follows it.

    ``surveys``: about solved tickets, the oldest first.
    """

    watched_at: datetime | None = None
    surveys: tuple[Survey, ...] = ()


NO_TIES = TicketTies()


class TiesUnreadable(Exception):
    """The stored text is none of these: another version of the program wrote it."""


_STORED = TypeAdapter(TicketTies)


def dump_ties(ties: TicketTies) -> str | None:
    """As JSON text; None where there is nothing to remember."""
    return _STORED.dump_json(ties, exclude_defaults=True).decode() if ties != NO_TIES else None


def load_ties(text: str) -> TicketTies:
    """Raises TiesUnreadable."""
    try:
        return _STORED.validate_json(text)
    except ValidationError as error:
        raise TiesUnreadable from error
