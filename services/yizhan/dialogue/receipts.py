"""What a receipt changes: watermarks for "up to here", a mark on the message for everything that is not plain delivery."""

from dataclasses import dataclass, replace

from yizhan.core.messages.receipt import Receipt, ReceiptState
from yizhan.dialogue.turn import Turn


@dataclass(frozen=True, slots=True)
class Moved:
    """Messages to the customer with ``after`` < seq <= ``up_to`` reached this state."""

    conversation_id: str
    after: int
    up_to: int
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Marked:
    """One message reached a state that a watermark cannot say: held, accepted, failed, unknown."""

    message_id: str
    receipt: Receipt


def note(turn: Turn, receipt: Receipt) -> Moved | Marked | None:
    """Move the conversation's watermarks; None where the receipt says nothing new. Later knowledge never goes back."""
    turn.allow(receipt.reply_window, receipt.at)
    if not receipt.up_to_seq:
        return Marked(receipt.message_id, receipt)
    conversation = turn.conversation
    up_to = min(receipt.up_to_seq, turn.stored_seq)
    delivered = max(conversation.delivered_seq, up_to)
    read = max(conversation.read_seq, up_to) if receipt.state is ReceiptState.READ else conversation.read_seq
    if receipt.state not in (ReceiptState.DELIVERED, ReceiptState.READ):
        return None
    if (delivered, read) == (conversation.delivered_seq, conversation.read_seq):
        return None
    moved = Moved(conversation.id, conversation.delivered_seq, delivered, receipt)
    turn.conversation = replace(conversation, delivered_seq=delivered, read_seq=read)
    turn.announce_receipt(up_to, receipt)
    return moved
