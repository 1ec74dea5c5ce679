"""What became of a message that was sent to a customer."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from yizhan.core.messages.address import Address
from yizhan.core.messages.message import ReplyWindow


class ReceiptState(IntEnum):
    """The numbers are those of ``yizhan.v1.ReceiptState``. A state only moves up the ladder of ``rank``."""

    ACCEPTED = 1
    DELIVERED = 2
    READ = 3
    FAILED = 4
    UNKNOWN = 5
    HELD = 6

    @property
    def rank(self) -> int:
        """Later knowledge wins over earlier: held < unknown < accepted < failed < delivered < read."""
        return _RANK[self]


_RANK = {
    ReceiptState.HELD: -1,
    ReceiptState.UNKNOWN: 0,
    ReceiptState.ACCEPTED: 1,
    ReceiptState.FAILED: 2,
    ReceiptState.DELIVERED: 3,
    ReceiptState.READ: 4,
}


@dataclass(frozen=True, slots=True)
class Receipt:
    """``message_id`` names one message; where it is empty, ``up_to_seq`` covers all to the customer up to that seq.

    ``fallback``: with ``HELD``, what else was done so that the customer hears of it ("template", "ticket").
    """

    id: str
    address: Address
    state: ReceiptState
    at: datetime
    message_id: str = ""
    up_to_seq: int = 0
    external_id: str = ""
    reason: str = ""
    detail: str = ""
    reply_window: ReplyWindow | None = None
    fallback: str = ""
