"""One transaction on a workspace's desk, and what is to be told when it is committed."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from yizhan.core.bus import envelopes
from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import address_to_proto, timestamp, window_to_proto
from yizhan.core.messages.command import Command, CommandKind
from yizhan.core.messages.ids import NewId
from yizhan.core.store.database import Transaction
from yizhan.core.store.outbox import OutboxRow
from yizhan.pb.v1 import event_pb2, live_pb2
from yizhan.routing.callbacks.callback import Contact
from yizhan.routing.desk import Agent, Case
from yizhan.routing.store.agent_history import note_agents
from yizhan.routing.tickets.ticket import Ticket


@dataclass(slots=True)
class Shift:
    """``rows`` are published (commands to conversations, events), ``hints`` announced to agents' screens.

    ``cause``: the event that it is about, where it is about one.
    """

    tx: Transaction
    workspace: str
    now: datetime
    partitions: int
    new_id: NewId
    rows: list[OutboxRow] = field(default_factory=list)
    hints: list[live_pb2.Live] = field(default_factory=list)
    cause: event_pb2.Event | None = None

    def command(self, address: Address, conversation_id: str, epoch: int, kind: CommandKind, *, id: str = "") -> None:
        """Ask something of a conversation's writer. Without an ``id`` it gets one of its own."""
        command = Command(id or self.new_id(), address, self.now, kind, conversation_id, epoch)
        self.rows.append(OutboxRow(envelopes.inbound(command, self.partitions), None))

    def offer_changed(self, case: Case, change: str) -> None:
        """Tell everyone what became of an offer, and the agent's screen what it is about."""
        event = event_pb2.Event(
            id=self.new_id(), address=address_to_proto(case.address), conversation_id=case.conversation_id
        )
        event.epoch = case.epoch
        changed = event_pb2.OfferChanged(
            offer_id=case.offer_id, agent_id=case.agent_id, change=change, at=timestamp(self.now)
        )
        event.offer_changed.CopyFrom(changed)
        self.rows.append(OutboxRow(envelopes.event(event), None))
        hint = live_pb2.Live(address=address_to_proto(case.address), conversation_id=case.conversation_id)
        offer = live_pb2.OfferHint(
            offer_id=case.offer_id,
            agent_id=case.agent_id,
            change=change,
            expires_at=timestamp(case.offer_expires_at),
            deadline=timestamp(case.deadline),
            reason=case.reason,
            customer_name=case.customer_name,
            last_text=case.last_text,
            reply_window=window_to_proto(case.reply_window),
            group_id=case.group_id,
            priority=case.priority,
            from_agent_id=case.from_agent,
            note=case.note,
        )
        hint.offer.CopyFrom(offer)
        self.hints.append(hint)

    def callback_changed(self, ticket: Ticket, contact: Contact, change: str) -> None:
        """Tell everyone what became of a promise to call."""
        event = event_pb2.Event(
            id=self.new_id(), address=address_to_proto(ticket.address), conversation_id=contact.conversation_id
        )
        changed = event_pb2.CallbackChanged(
            ticket_id=contact.ticket_id,
            change=change,
            callback_at=timestamp(contact.callback_at),
            at=timestamp(self.now),
            late=contact.late,
            tries=contact.tries,
            had=contact.taken_at is not None,
        )
        event.callback_changed.CopyFrom(changed)
        self.rows.append(OutboxRow(envelopes.event(event), None))

    async def agents_changed(self, agent_ids: Collection[str]) -> None:
        """Keep what these agents are now, so that the day can be played again."""
        await note_agents(self.tx, self.new_id, self.workspace, agent_ids, self.now)

    def presence_changed(self, agent: Agent) -> None:
        hint = live_pb2.Live()
        hint.address.workspace = agent.workspace
        hint.presence.CopyFrom(live_pb2.PresenceHint(agent_id=agent.id, state=agent.presence.value))
        self.hints.append(hint)
