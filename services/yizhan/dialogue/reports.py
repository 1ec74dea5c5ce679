"""The events that let others count: what became of each message in, and of each message out."""

from collections.abc import Mapping, Sequence
from functools import partial

from pydantic import BaseModel

from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import timestamp
from yizhan.core.messages.ids import derived_id, handled_id
from yizhan.core.messages.message import Message
from yizhan.core.messages.receipt import ReceiptState
from yizhan.dialogue.arrival import Arrival
from yizhan.dialogue.customer import Handled
from yizhan.dialogue.receipts import Marked, Moved
from yizhan.dialogue.store import Reached
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
    """Exactly one ``message.handled`` per accepted envelope; its id follows from the envelope, so repeats are harmless."""
    duplicate = outcome.disposition == event_pb2.DISPOSITION_DUPLICATE
    stored = next((item for item in turn.messages if item.id == message.id), None)
    kind = event_pb2.MessageHandled(
        message_id=message.id,
        disposition=outcome.disposition,
        reason=outcome.intent if outcome.disposition == event_pb2.DISPOSITION_REFUSED else "",
        received_at=timestamp(message.received_at),
        published_at=timestamp(arrival.published_at),
        decided_at=timestamp(turn.now),
        seq=stored.seq if stored and not duplicate else 0,
        reply_id=outcome.reply_id,
        producer=arrival.producer,
        intent=outcome.intent,
    )
    turn.event(lambda event: event.message_handled.CopyFrom(kind), id=handled_id(arrival.envelope_id))


def delivered(
    turns: Mapping[str, Turn], reached: Sequence[Reached], moved: Sequence[Moved], marked: Sequence[Marked]
) -> None:
    """One ``message.delivered`` for each message to a customer that arrived, was read, failed or is in doubt."""
    marks = {item.message_id: item.receipt for item in marked}
    spans = {item.conversation_id: item.receipt for item in moved}
    for item in reached:
        turn = turns.get(item.conversation_id)
        receipt = marks.get(item.message_id) or spans.get(item.conversation_id)
        if turn is None or receipt is None:
            continue
        if receipt.state is ReceiptState.ACCEPTED:
            continue
        if item.message_id in marks:
            turn.announce_receipt(item.seq, receipt.state, receipt.reason)
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


def _set_delivered(kind: event_pb2.MessageDelivered, event: event_pb2.Event) -> None:
    event.message_delivered.CopyFrom(kind)
