"""An agent gives a conversation away: to the queue again, for another colleague or group."""

from yizhan.core.messages import command as k
from yizhan.dialogue.conversation import WAITING, State
from yizhan.dialogue.handoff_reasons import TRANSFER
from yizhan.dialogue.queueing import For, queue_up
from yizhan.dialogue.standby import settling
from yizhan.dialogue.turn import Turn
from yizhan.dialogue.writing_notes import MOST_CHARS

CLOSED = "closed"
STALE = "stale_epoch"
WAITS_ALREADY = "waits_already"


def requeue(turn: Turn, command: k.Command, back: k.Requeue) -> str:
    """Why it was refused; empty when it was not. The note is written before the queue hears of it, so no offer is without it."""
    conversation = turn.conversation
    if conversation.state is State.CLOSED:
        return CLOSED
    if command.epoch != conversation.epoch:
        return STALE
    if conversation.state in WAITING:
        return WAITS_ALREADY
    preview, had = conversation.subject, conversation.agent_id
    settling.settle(turn)
    _leave_word(turn, back, conversation.agent_name)
    if turn.conversation.epoch != conversation.epoch:  # what stood by was a hand-off itself
        return ""
    wanted = For(group_id=back.group_id, group_name=back.group_name, from_agent_id=had, detail=back.reason)
    queue_up(turn, None, TRANSFER, preview=preview, wanted=wanted)
    return ""


def _leave_word(turn: Turn, back: k.Requeue, agent_name: str) -> None:
    text = back.note.strip()[:MOST_CHARS]
    if text:
        name = back.by_name or agent_name
        turn.write_note(id=turn.new_id(), author_id=back.by, author_name=name, text=text)
