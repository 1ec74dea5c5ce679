"""What a customer who waits for a human is told: their place, an honest estimate, and when people are back."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from yizhan.core.messages import command as k, content as c
from yizhan.dialogue.conversation import WAITING, Conversation
from yizhan.dialogue.texts import Texts, promised
from yizhan.dialogue.turn import Turn

STALE = "stale_epoch"
NOT_WAITING = "not_waiting"

MINUTE = 60
MINUTES_SHOWN = 90
"""A wait of more minutes is told in hours."""


def tell_progress(turn: Turn, command: k.Command, progress: k.TellProgress) -> str:
    """Say each better place once, and the same place again when the wait has become half as long; never that they fell back."""
    conversation = turn.conversation
    if command.epoch != conversation.epoch or conversation.state not in WAITING:
        return NOT_WAITING
    if conversation.is_mail:
        return ""  # nobody waits before a mailbox; when they are answered they were told already
    if progress.position < 1 or not _is_better(conversation, progress):
        return ""
    high = progress.high_seconds if _is_estimate(progress) else 0
    turn.conversation = replace(conversation, told_position=progress.position, told_wait=high)
    turn.bot(c.Text(_place(turn.texts, progress)))
    return ""


def tell_off_hours(turn: Turn, command: k.Command, told: k.TellOffHours, zone: ZoneInfo) -> str:
    """Say when people are back, in the business's time zone, and what becomes of the customer's words until then."""
    if command.epoch != turn.conversation.epoch or turn.conversation.state not in WAITING:
        return NOT_WAITING
    if turn.conversation.is_mail:
        return ""  # the acknowledgement has said until when
    texts = turn.texts
    text = texts.off_hours_message if told.can_leave_message else texts.off_hours
    turn.bot(c.Text(text.format(reopens_at=promised(texts, told.reopens_at, zone))))
    return ""


def _is_better(conversation: Conversation, progress: k.TellProgress) -> bool:
    told = conversation.told_position
    if not told or progress.position < told:
        return True
    halved = _is_estimate(progress) and 2 * progress.high_seconds <= conversation.told_wait
    return progress.position == told and halved


def _is_estimate(progress: k.TellProgress) -> bool:
    return 0 <= progress.low_seconds <= progress.high_seconds and progress.high_seconds > 0


def _place(texts: Texts, progress: k.TellProgress) -> str:
    ahead = progress.position - 1
    if not _is_estimate(progress):
        return texts.position.format(position=progress.position) if ahead else texts.next_in_line
    wait = interval(texts, progress.low_seconds, progress.high_seconds)
    if not ahead:
        return texts.next_estimated.format(wait=wait)
    return (texts.ahead_one if ahead == 1 else texts.ahead).format(ahead=ahead, wait=wait)


def interval(texts: Texts, low: int, high: int) -> str:
    """A wait between so many seconds as people say it: whole minutes or hours, the range never narrower than given."""
    if high <= MINUTE:
        return texts.wait_moment
    hours = -(-high // MINUTE) > MINUTES_SHOWN
    unit = 60 * MINUTE if hours else MINUTE
    least, most = low // unit, -(-high // unit)
    if least == 0:
        return (texts.wait_up_to_hours if hours else texts.wait_up_to).format(most=most)
    if least == most:
        return (texts.wait_about_hours if hours else texts.wait_about).format(most=most)
    return (texts.wait_range_hours if hours else texts.wait_range).format(least=least, most=most)
