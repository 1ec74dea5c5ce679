"""What dialogue keeps of a conversation because it is held by mail. Kept as JSON text at the edge."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter, ValidationError


@dataclass(frozen=True, slots=True)
class MailCase:
    """``asked_session``: the session whose rating was asked for last (0: none), ``asked_agent`` who is rated by it, ``asked_at``
    when. A mail is answered days later, when another session may have begun. ``no_programs``: the customer's last mail asked
    programs not to answer.
    """

    asked_session: int = 0
    asked_agent: str = ""
    asked_at: datetime | None = None
    no_programs: bool = False


NO_MAIL = MailCase()


class MailCaseUnreadable(Exception):
    """The text is not one that this version of the program writes."""


_STORED = TypeAdapter(MailCase)


def dump_mail_case(state: MailCase) -> str | None:
    """As JSON, without what is as it is by default; None where all is."""
    return None if state == NO_MAIL else _STORED.dump_json(state, exclude_defaults=True).decode()


def load_mail_case(text: str) -> MailCase:
    """Raises MailCaseUnreadable."""
    try:
        return _STORED.validate_json(text)
    except ValidationError as error:
        raise MailCaseUnreadable from error
