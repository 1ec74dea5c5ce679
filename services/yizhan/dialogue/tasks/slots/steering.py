"""What a short message does to a task besides filling it in: yes, no, skip, carry on, stop, wait, something is wrong.

Only a message that consists of such words does: 取消订单 asks for something, 取消 stops the task.
"""

from enum import StrEnum

from yizhan.dialogue.knowledge.normalise import fold
from yizhan.dialogue.tasks.slots import yes_no
from yizhan.dialogue.tasks.slots.cancel import Leave, TaskWords, leaving
from yizhan.dialogue.tasks.slots.correction import something_wrong
from yizhan.dialogue.tasks.slots.going_on import carries_on, knows_not, skips


class Cue(StrEnum):
    """``CHANGE``: something is to be changed, and what is not said. ``UNSURE``: yes and no at once. ``UNKNOWN``: the customer
    cannot tell.
    """

    YES = "yes"
    NO = "no"
    SKIP = "skip"
    CARRY_ON = "carry_on"
    STOP = "stop"
    PAUSE = "pause"
    CHANGE = "change"
    UNSURE = "unsure"
    UNKNOWN = "unknown"


_LEAVES = {Leave.CANCEL: Cue.STOP, Leave.PAUSE: Cue.PAUSE}
_ANSWERS = {yes_no.YES: Cue.YES, yes_no.NO: Cue.NO, yes_no.MIXED: Cue.UNSURE}
_LONGEST = 80
_LONGEST_FOLDED = 40
_ALSO_NO = "no"
"""The one word that says both that there is nothing, and that something is not so."""


def cues(text: str, makes: tuple[str, ...] = ()) -> frozenset[Cue]:
    """Every cue that the whole message can be read as: a bare "no" is NO and SKIP, and the open question decides.

    ``makes``: what the task brings about; to cancel that in the middle of it is to stop.
    """
    folded = fold(text) if len(text) <= _LONGEST else ""
    if len(text) > _LONGEST or len(folded) > _LONGEST_FOLDED:
        return frozenset()
    found = set(_said(text, folded, makes))
    if Cue.NO in found:
        found.discard(Cue.CHANGE)
    if Cue.STOP in found or (Cue.SKIP in found and folded != _ALSO_NO):
        found -= {Cue.NO, Cue.UNSURE}  # 算了 denies nothing, and 没有 only says that there is nothing
    return frozenset(found)


def _said(text: str, folded: str, makes: tuple[str, ...]) -> list[Cue]:
    leave, answer = leaving(text, TaskWords(makes)), yes_no.whole(text)
    found = [_LEAVES[leave]] if leave else []
    found += [_ANSWERS[answer]] if answer else []
    found += [Cue.SKIP] if skips(folded) else []
    found += [Cue.UNKNOWN] if knows_not(folded) else []
    found += [Cue.CARRY_ON] if carries_on(folded) else []
    return found + ([Cue.CHANGE] if something_wrong(text) else [])
