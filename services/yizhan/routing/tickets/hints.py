"""What screens are told of a ticket that was changed: that it was, and whom it concerns."""

from yizhan.core.messages.codec import address_to_proto
from yizhan.pb.v1 import live_pb2
from yizhan.routing.tickets.writing import TicketNews


def hint_of(news: TicketNews) -> live_pb2.Live:
    ticket = news.after
    hint = live_pb2.Live(address=address_to_proto(ticket.address), conversation_id=ticket.conversation_id)
    hint.address.workspace = ticket.workspace
    changed = live_pb2.TicketHint(
        ticket_id=ticket.id,
        number=ticket.number,
        agent_id=ticket.agent_id,
        before_agent_id=news.before.agent_id if news.before else "",
        by_id=news.by.id,
    )
    hint.ticket.CopyFrom(changed)
    return hint
