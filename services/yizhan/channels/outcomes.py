"""What became of a message to a customer, and what each error of a channel means to people."""

from dataclasses import dataclass
from datetime import datetime

from yizhan.channels.contract import (
    OutcomeUnknown,
    QuotaSpent,
    Refused,
    SendError,
    Sent,
    TokenExpired,
    WindowClosed,
)
from yizhan.channels.store.sends import SendState
from yizhan.core.messages.receipt import ReceiptState

WINDOW_CLOSED = "window_closed"
QUOTA_SPENT = "quota_spent"
NEXT_MESSAGE = "next_message"
IN_ORDER = "in_order"
PROVIDER_BUSY = "provider_busy"
RETRIES_SPENT = "retries_spent"
INTERRUPTED = "interrupted"
EXPIRED = "expired"
OUTCOME_UNKNOWN = "outcome_unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """``reason`` is a code, empty when all is well; ``detail`` the provider's own words.

    With ``HELD``, ``due_at`` says when to try again; None: when the customer does something.
    """

    state: ReceiptState
    reason: str = ""
    detail: str = ""
    external_id: str = ""
    due_at: datetime | None = None

    @property
    def send_state(self) -> SendState:
        """As the ledger says it."""
        match self.state:
            case ReceiptState.FAILED:
                return SendState.FAILED
            case ReceiptState.UNKNOWN:
                return SendState.UNKNOWN
            case ReceiptState.HELD:
                return SendState.NOT_SENT
            case _:
                return SendState.SENT


def success(sent: Sent) -> Outcome:
    return Outcome(sent.state, external_id=",".join(sent.external_ids))


def held(reason: str, due_at: datetime | None = None, detail: str = "") -> Outcome:
    return Outcome(ReceiptState.HELD, reason, detail, due_at=due_at)


def failure(error: SendError, *, can_wait: bool) -> Outcome:
    """What each error means: the one place that says so. ``can_wait``: a closed window holds a message instead of losing it."""
    match error:
        case WindowClosed(code=code, text=text):
            return _closed(WINDOW_CLOSED, code, text, can_wait)
        case QuotaSpent(code=code, text=text):
            return _closed(QUOTA_SPENT, code, text, can_wait)
        case TokenExpired():
            return Outcome(ReceiptState.FAILED, "token_expired")
        case Refused(code=code, text=text, reason=reason):
            return Outcome(ReceiptState.FAILED, str(reason), f"{code} {text}".strip())
        case OutcomeUnknown():
            return Outcome(ReceiptState.UNKNOWN, OUTCOME_UNKNOWN)
        case _:
            raise TypeError(f"{type(error).__name__} is not in the closed set of send errors")


def _closed(reason: str, code: str, text: str, can_wait: bool) -> Outcome:
    state = ReceiptState.HELD if can_wait else ReceiptState.FAILED
    return Outcome(state, reason, f"{code} {text}".strip())
