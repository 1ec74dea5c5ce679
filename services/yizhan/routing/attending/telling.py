"""What happened, in the words of the stream. Pure."""

from dataclasses import dataclass

from yizhan.core.messages.codec import timestamp, window_to_proto
from yizhan.pb.v1 import event_pb2, live_pb2, routing_pb2 as pb
from yizhan.routing.desk import Case
from yizhan.routing.looked_up import assignment
from yizhan.routing.store.attending import Held

ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Change:
    """Why a conversation is no longer an agent's; ``by`` who closed it, returned it or has it now."""

    change: str = ENDED
    by: str = ""
    reason: str = ""


def why(cause: event_pb2.Event | None) -> Change:
    """What an event means for who had the conversation until then."""
    if cause is None:
        return Change()
    match cause.WhichOneof("kind"):
        case "conversation_closed":
            return Change("closed", cause.conversation_closed.by, cause.conversation_closed.reason)
        case "conversation_returned":
            return Change("returned", cause.conversation_returned.by, cause.conversation_returned.reason)
        case "conversation_assigned":
            return Change("taken_over", cause.conversation_assigned.agent_id)
        case "handoff_requested":
            return Change("handed_on", cause.handoff_requested.from_agent_id, cause.handoff_requested.reason)
        case "command_refused":
            return Change("refused", reason=cause.command_refused.reason)
        case _:
            return Change()


def ended(held: Held, change: Change) -> pb.AttendEvent:
    told = pb.AttendEnded(
        assignment_id=held.case_id,
        conversation_id=held.conversation_id,
        agent_id=held.agent_id,
        change=change.change,
        by=change.by,
        reason=change.reason,
    )
    return pb.AttendEvent(ended=told)


def assigned(case: Case) -> pb.AttendAssigned:
    return pb.AttendAssigned(
        assignment=assignment(case),
        reason=case.reason,
        customer_name=case.customer_name,
        last_text=case.last_text,
        from_agent_id=case.from_agent,
        note=case.note,
        reply_window=window_to_proto(case.reply_window),
        requested_at=timestamp(case.requested_at),
    )


def offer(hint: live_pb2.Live, changed: event_pb2.Event) -> pb.AttendEvent:
    """An offer was made, lapsed, declined, accepted or withdrawn: what screens are told of it, and everybody else."""
    of = hint.offer
    made = pb.Offer(
        id=of.offer_id,
        conversation_id=hint.conversation_id,
        address=hint.address,
        agent_id=of.agent_id,
        epoch=changed.epoch,
        expires_at=of.expires_at if of.HasField("expires_at") else None,
        deadline=of.deadline if of.HasField("deadline") else None,
        reason=of.reason,
        customer_name=of.customer_name,
        last_text=of.last_text,
        reply_window=of.reply_window if of.HasField("reply_window") else None,
        group_id=of.group_id,
        priority=of.priority,
        from_agent_id=of.from_agent_id,
        note=of.note,
    )
    if of.change == "made":
        made.made_at.CopyFrom(changed.offer_changed.at)
    return pb.AttendEvent(offer=pb.AttendOffer(offer=made, change=of.change))


def refused(event: event_pb2.Event) -> pb.AttendEvent:
    """The conversation's writer did not do what was asked."""
    of = event.command_refused
    told = pb.AttendRefused(
        request_id=of.client_id,
        conversation_id=event.conversation_id,
        agent_id=of.agent_id,
        command=of.command_kind,
        code=of.reason,
        epoch_given=of.epoch_given,
    )
    return pb.AttendEvent(refused=told)


def hinted(live: live_pb2.Live) -> pb.AttendEvent | None:
    """A live hint about a conversation; None: nothing that a system is told by the way."""
    event = pb.AttendEvent()
    match live.WhichOneof("kind"):
        case "appended":
            said = pb.AttendMessage(
                conversation_id=live.conversation_id, message=live.appended.message, held=live.appended.held
            )
            event.message.CopyFrom(said)
        case "noted":
            event.note.CopyFrom(live.noted.note)
        case "typing":
            event.typing.CopyFrom(pb.AttendTyping(conversation_id=live.conversation_id, author=live.typing.author))
        case "receipt_seen":
            seen = live.receipt_seen
            receipt = pb.AttendReceipt(
                conversation_id=live.conversation_id,
                message_id=seen.message_id,
                seq=seen.seq,
                state=seen.state,
                reason=seen.reason,
                fallback=seen.fallback,
            )
            event.receipt.CopyFrom(receipt)
        case _:
            return None
    return event
