"""Every exchange, queue and routing key, in one place. ``docs/bus.md`` explains them; a test compares the two."""

from dataclasses import dataclass
from enum import StrEnum

from yizhan.core.messages.address import Address, partition


class Exchange(StrEnum):
    INBOUND = "yizhan.inbound"
    OUTBOUND = "yizhan.outbound"
    EVENTS = "yizhan.events"
    LIVE = "yizhan.live"
    DEAD = "yizhan.dead"


CHANNELS = ("website", "app", "wechat", "ecommerce", "email")
"""Channels of this deployment; each has ``outbound.<channel>.<partition>`` queues."""

READING_SHOWN = frozenset({"app"})
"""Channels whose customers may have several screens that show how much is unread: what is read on one is a hint for all."""

CONSOLE_LIVE = "console"
"""The live key of agents' screens."""

ATTENDING_LIVE = "attending"
"""The live key of businesses' own agent systems; the other live keys are the channels' names."""

EVENT_QUEUES: dict[str, tuple[str, ...]] = {
    "metrics.events": ("#",),
    "routing.events": ("handoff.*", "conversation.*", "command.refused", "message.held"),
}
"""Durable event queues and the keys bound to them."""

DELIVERY_LIMIT = 20
"""How often the broker hands out one AMQP message before it parks it (a consumer that dies on it each time)."""

EVENT_KEYS: dict[str, str] = {
    "message_handled": "message.handled",
    "message_delivered": "message.delivered",
    "message_held": "message.held",
    "message_dead": "message.dead",
    "conversation_opened": "conversation.opened",
    "handoff_requested": "handoff.requested",
    "conversation_assigned": "conversation.assigned",
    "agent_replied": "conversation.agent_replied",
    "conversation_returned": "conversation.returned",
    "conversation_ticketed": "conversation.ticketed",
    "conversation_closed": "conversation.closed",
    "conversation_rated": "conversation.rated",
    "customer_wrote": "conversation.customer_wrote",
    "command_refused": "command.refused",
    "channel_accepted": "channel.accepted",
    "offer_changed": "offer.changed",
    "conversation_spoken": "conversation.spoken",
    "answer_timed": "answer.timed",
    "contact_wished": "handoff.wished",
    "message_left": "handoff.left",
    "callback_changed": "callback.changed",
    "ticket_surveyed": "conversation.ticket_surveyed",
    "ticket_rated": "ticket.rated",
}
"""The routing key of an event, by the name of its field in ``Event.kind``."""


@dataclass(frozen=True, slots=True)
class Queue:
    """A durable queue: its name, the exchange it is bound to and by which keys."""

    name: str
    exchange: Exchange
    keys: tuple[str, ...]


def inbound_queue(number: int) -> str:
    return f"inbound.{number}"


def outbound_queue(channel: str, number: int) -> str:
    return f"outbound.{channel}.{number}"


def inbound_key(address: Address, partitions: int) -> str:
    return str(partition(address, partitions))


def outbound_key(address: Address, partitions: int) -> str:
    return f"{address.channel}.{partition(address, partitions)}"


def dead_queue(queue: str) -> str:
    return f"dead.{queue}"


def queues(partitions: int) -> tuple[Queue, ...]:
    """All durable queues of a deployment, dead-letter queues excluded (each queue has one)."""
    inbound = [Queue(inbound_queue(p), Exchange.INBOUND, (str(p),)) for p in range(partitions)]
    outbound = [
        Queue(outbound_queue(channel, p), Exchange.OUTBOUND, (f"{channel}.{p}",))
        for channel in CHANNELS
        for p in range(partitions)
    ]
    events = [Queue(name, Exchange.EVENTS, keys) for name, keys in EVENT_QUEUES.items()]
    return (*inbound, *outbound, *events)
