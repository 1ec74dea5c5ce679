"""Whether a machine may write to somebody: two programs that answer each other would never end. Pure."""

from dataclasses import dataclass

from yizhan.channels.contract import Refusal, Refused
from yizhan.channels.store.mail import ThreadRow

AUTOMATIC = "automatic_mail"
TOO_MANY = "too_many_answers"
BAD_ADDRESS = "address_bounces"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the recipient."""

    thread: ThreadRow
    bad: bool


def too_many(per_hour: int) -> Refused:
    """As many mails of machines went there within an hour as may."""
    return Refused(TOO_MANY, f"{per_hour} automatic mails went there within an hour", Refusal.NOT_PERMITTED)


def check(known: Known) -> None:
    """Raises Refused when no machine may write now; people always may."""
    if known.thread.automatic:
        raise Refused(
            AUTOMATIC, "the last mail was written by a program, which no program answers", Refusal.NOT_PERMITTED
        )
    if known.bad:
        raise Refused(BAD_ADDRESS, "mail to this address came back", Refusal.UNKNOWN_CUSTOMER)
