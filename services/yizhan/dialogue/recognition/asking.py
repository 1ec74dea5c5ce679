"""Gives a customer's recording or picture to the recogniser: a job, and a conversation that waits for it."""

from dataclasses import replace
from datetime import timedelta
from typing import Literal

from yizhan.core.messages import content as c
from yizhan.core.messages.message import Message
from yizhan.dialogue.recognition.documents import RECOGNISE, Request, encode_request
from yizhan.dialogue.recognition.pending import Pending, packed
from yizhan.dialogue.turn import TimerSet, Turn

ASKED = "recognising"
"""The intent of a message whose words are not known yet."""

UNHEARD = "unheard"
"""The purpose of the timer after which nobody waits any more, whatever became of the job and its result."""

GRACE = timedelta(seconds=2)
"""For the way back of a job that ended at its deadline."""


def ask(turn: Turn, message: Message) -> str | None:
    """Begin; the intent. None where this deployment has no recogniser for such a message."""
    rules, media = turn.recognising, c.media_of(message.content)
    if rules is None or media is None or not rules.takes(message.content):
        return None
    kind: Literal["voice", "image"] = "voice" if isinstance(message.content, c.Voice) else "image"
    locale = turn.conversation.locale or message.locale
    request = Request(kind, media.media_id, media.mime_type, locale, rules.most_bytes)
    within = timedelta(seconds=rules.seconds)
    job_id = turn.start_job(RECOGNISE, encode_request(request), within)
    pending = Pending(job_id, turn.now + within + GRACE, packed(message))
    turn.conversation = replace(turn.conversation, recognition=pending)
    turn.timers.append(TimerSet(UNHEARD, pending.until, turn.conversation.session))
    return ASKED
