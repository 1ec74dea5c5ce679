"""What a conversation remembers of its tickets, and its stored form. Routing keeps the tickets themselves."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter, ValidationError


@dataclass(frozen=True, slots=True)
class TicketTies:
    """``watched_at``: when routing asked last to be told of what the customer writes; None: no ticket follows it."""

    watched_at: datetime | None = None


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
