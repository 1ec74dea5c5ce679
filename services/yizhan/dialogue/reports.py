"""The events that let others count: what became of each message in, and of each message out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from pydantic import BaseModel

from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import message_from_proto, timestamp
from yizhan.core.messages.ids import derived_id
from yizhan.core.messages.message import AuthorKind, Message
from yizhan.core.messages.receipt import Receipt, ReceiptState
from yizhan.dialogue.arrival import Arrival
from yizhan.dialogue.customer import Handled
from yizhan.dialogue.handled import tell
from yizhan.dialogue.receipts import Moved
from yizhan.dialogue.standby.state import Report
from yizhan.dialogue.store import Noted, Reached
from yizhan.dialogue.turn import TimerSet, Turn
from yizhan.pb.v1 import event_pb2, message_pb2, receipt_pb2


class TimerPayload(BaseModel):
    """What a timer row keeps, so that its firing finds the conversation's partition."""

    address: tuple[str, str, str, str, str]
    session: int


def timer_payload(address: Address, timer: TimerSet) -> str:
    parts = (address.workspace, address.channel, address.account, address.customer, address.thread)
    return TimerPayload(address=parts, session=timer.session).model_dump_json()


def handled(turn: Turn, arrival: Arrival, message: Message, outcome: Handled) -> None:
    """Tell what became of a message; where its answer stands by, that is told when the answer has gone out."""
    duplicate = outcome.disposition == event_pb2.DISPOSITION_DUPLICATE
    stored = next((item for item in turn.messages if item.id == message.id), None)
    seq = stored.seq if stored and not duplicate else 0
    report = Report(message.id, arrival.envelope_id, arrival.producer, message.received_at, arrival.published_at, seq)
    standby, recognition = turn.conversation.standby, turn.conversation.recognition
    if outcome.waits and recognition is not None:
        turn.conversation = replace(turn.conversation, recognition=recognition.told_later(report))
        return
    if outcome.waits and standby is not None:
        turn.conversation = replace(turn.conversation, standby=replace(standby, report=report))
        return
    reason = outcome.intent if outcome.disposition == event_pb2.DISPOSITION_REFUSED else ""
    tell(turn, report, outcome.disposition, outcome.intent, outcome.reply_id, reason=reason)


def delivered(turns: Mapping[str, Turn], reached: Sequence[Reached], moved: Sequence[Moved]) -> None:
    """One ``message.delivered`` for each message to a customer that a watermark went past."""
    spans = {item.conversation_id: item.receipt for item in moved}
    for item in reached:
        turn, receipt = turns.get(item.conversation_id), spans.get(item.conversation_id)
        if turn is None or receipt is None:
            continue
        kind = event_pb2.MessageDelivered(
            message_id=item.message_id,
            state=receipt_pb2.ReceiptState.ValueType(receipt.state),
            decided_at=timestamp(item.decided_at),
            at=timestamp(receipt.at),
            reason=receipt.reason,
            author=message_pb2.AuthorKind.ValueType(item.author),
        )
        event_id = derived_id("delivered", item.message_id, receipt.state.name)
        turn.event(partial(_set_delivered, kind), id=event_id)


def noted(turns: Mapping[str, Turn], items: Sequence[Noted]) -> None:
    """Tell of each message that a receipt marked: that it is held, or moved on.

    That a channel took a message is told where that says something: the channel has a reply window, or had held it.
    """
    for item in items:
        turn = turns.get(item.conversation_id)
        if turn is None:
            continue
        message, receipt = message_from_proto(message_pb2.Message.FromString(item.body)), item.receipt
        plain = turn.conversation.reply_window is None and not item.was_held
        if receipt.state is ReceiptState.ACCEPTED and plain:
            continue
        turn.announce_receipt(message.seq, receipt)
        if receipt.state is ReceiptState.HELD:
            _held(turn, message, receipt)
        else:
            _moved_on(turn, message, receipt, was_held=item.was_held)


def _held(turn: Turn, message: Message, receipt: Receipt) -> None:
    kind = event_pb2.MessageHeld(
        message_id=message.id,
        reason=receipt.reason,
        fallback=receipt.fallback,
        decided_at=timestamp(message.decided_at),
        at=timestamp(receipt.at),
        author=message_pb2.AuthorKind.ValueType(message.author.kind),
        customer_name=turn.conversation.customer_name,
        text=turn.preview(message),
    )
    event_id = derived_id("held", message.id, receipt.reason, receipt.fallback)
    turn.event(lambda event: event.message_held.CopyFrom(kind), id=event_id, said=message)


def _moved_on(turn: Turn, message: Message, receipt: Receipt, *, was_held: bool) -> None:
    kind = event_pb2.MessageDelivered(
        message_id=message.id,
        state=receipt_pb2.ReceiptState.ValueType(receipt.state),
        decided_at=timestamp(message.decided_at),
        at=timestamp(receipt.at),
        reason=receipt.reason,
        author=message_pb2.AuthorKind.ValueType(message.author.kind),
        answers=message.author.kind is AuthorKind.AGENT or bool(message.in_reply_to),
        was_held=was_held,
    )
    event_id = derived_id("delivered", message.id, receipt.state.name)
    turn.event(partial(_set_delivered, kind), id=event_id, said=message)


def _set_delivered(kind: event_pb2.MessageDelivered, event: event_pb2.Event) -> None:
    event.message_delivered.CopyFrom(kind)
