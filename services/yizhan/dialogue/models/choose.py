"""Lets a chat model choose among entries that may be meant. It can name one that was offered, or none; nothing else."""

from pydantic import BaseModel, ConfigDict, ValidationError

from yizhan.dialogue.models.documents import ChooseEntry, Chosen
from yizhan.dialogue.models.errors import ModelNonsense
from yizhan.dialogue.models.masking import Mask
from yizhan.dialogue.models.prompts import CHOOSE, messages
from yizhan.dialogue.models.wire import Said

LONGEST_ANSWER = 300
"""Characters of each entry's answer that the model is shown."""


class _Choice(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    entry: str | None


def asked(request: ChooseEntry, mask: Mask) -> tuple[Said, Said]:
    """The entries go under numbers: what their ids say is nobody's business."""
    entries = [
        {
            "id": str(number),
            "question": mask.hide(candidate.question),
            "answer": mask.hide(candidate.answer)[:LONGEST_ANSWER],
        }
        for number, candidate in enumerate(request.candidates, 1)
    ]
    return messages(CHOOSE, {"words": mask.hide(request.words), "entries": entries})


def read(said: str, request: ChooseEntry) -> Chosen:
    """Raises ModelNonsense for what is not the JSON that was asked for, and for an entry that was not offered."""
    try:
        number = _Choice.model_validate_json(said).entry
    except ValidationError:
        raise ModelNonsense("not_the_json") from None
    offered = {str(place): candidate.entry_id for place, candidate in enumerate(request.candidates, 1)}
    if number is None:
        return Chosen(entry_id="")
    if number not in offered:
        raise ModelNonsense("not_offered")
    return Chosen(entry_id=offered[number])
