"""A value that was said in part: what is still missing of it, so that only that is asked for."""

from yizhan.dialogue.tasks.definition import Slot
from yizhan.dialogue.tasks.readers import context_of, options_for, reader_of
from yizhan.dialogue.tasks.reasons import why
from yizhan.dialogue.tasks.slots.reading import Unclear
from yizhan.dialogue.tasks.state import TaskState
from yizhan.dialogue.tasks.step import Moment


def still_missing(slot: Slot, state: TaskState) -> str:
    """One sentence that asks for the rest of the open slot's value; empty where nothing of it was said."""
    if not state.part or slot.name != state.open:
        return ""
    then = Moment(state.asked_at)
    reading = reader_of(slot)(
        state.part, context_of(then, state.language, asked=True, options=options_for(slot, state))
    )
    return why(reading, state.language) if isinstance(reading, Unclear) else ""
