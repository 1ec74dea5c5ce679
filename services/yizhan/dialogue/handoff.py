"""Giving a conversation to the queue: the customer is told at once, and routing is asked for a human."""

from yizhan.core.messages.message import Message
from yizhan.dialogue.guards.verdict import Urgency
from yizhan.dialogue.queueing import For, queue_up
from yizhan.dialogue.standby.settling import settle
from yizhan.dialogue.turn import Turn


def hand_off(
    turn: Turn,
    message: Message | None,
    reason: str,
    *,
    rule: str = "",
    urgency: Urgency = Urgency.NORMAL,
    topic: str = "",
    acknowledge: bool = False,
) -> None:
    """Give the conversation to the queue, tell the customer, and ask for a human.

    ``message`` is what it follows from; ``rule`` is the guard that asked for it, if one did. ``topic`` is the
    category of what it is about; empty: that of the session's last question. ``acknowledge``: it came by mail, and the customer is to be told that it is there.
    """
    preview, epoch = turn.conversation.subject, turn.conversation.epoch
    settle(turn)
    if turn.conversation.epoch != epoch:  # what stood by was a hand-off itself
        return
    queue_up(
        turn,
        message,
        reason,
        preview=preview,
        rule=rule,
        urgency=urgency,
        topic=topic,
        wanted=For(acknowledge=acknowledge),
    )
