"""What this sample does with customers: replace it with what your agents do. Pure.

Every request has an id that follows from what it answers. An event or a message that is seen twice leads to the same
request twice, and the gateway carries it out once.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from yizhan.pb.v1 import message_pb2, routing_pb2 as pb

GOODBYES = frozenset({"再见", "谢谢，再见", "bye", "goodbye"})


def on_offer(offer: pb.Offer, now: datetime) -> Sequence[pb.AttendRequest]:
    """Take it, if there is still time."""
    if offer.expires_at.ToDatetime(tzinfo=UTC) <= now:
        return ()
    accept = pb.AcceptOfferRequest(agent_id=offer.agent_id, offer_id=offer.id)
    return [pb.AttendRequest(id=f"accept:{offer.id}", accept=accept)]


def on_assigned(told: pb.AttendAssigned) -> Sequence[pb.AttendRequest]:
    """Greet the customer and leave a note for colleagues."""
    given = told.assignment
    note = pb.AddNoteRequest(
        agent_id=given.agent_id, conversation_id=given.conversation_id, text=f"taken, asked for because: {told.reason}"
    )
    return [
        _say(f"hello:{given.id}", given, "您好，我是人工客服。"),
        pb.AttendRequest(id=f"note:{given.id}", note=note),
    ]


def on_message(given: pb.Assignment, message: message_pb2.Message) -> Sequence[pb.AttendRequest]:
    """Answer what the customer says while the conversation is ours; close it when they say goodbye."""
    if message.author.kind != message_pb2.AUTHOR_KIND_CUSTOMER or message.epoch != given.epoch:
        return ()
    words = message.content.text.text.strip()
    if words.casefold() in GOODBYES:
        close = pb.CloseConversationRequest(
            agent_id=given.agent_id, conversation_id=given.conversation_id, epoch=given.epoch, reason="goodbye"
        )
        return [pb.AttendRequest(id=f"close:{message.id}", close=close)]
    return [_say(f"answer:{message.id}", given, f"收到：{words}")]


def _say(request_id: str, given: pb.Assignment, text: str) -> pb.AttendRequest:
    say = pb.SayRequest(agent_id=given.agent_id, conversation_id=given.conversation_id, epoch=given.epoch)
    say.content.text.text = text
    return pb.AttendRequest(id=request_id, say=say)
