"""Lets a chat model word an entry's answer. What it says is sent only when it says what the entry says (``grounding``)."""

from pydantic import BaseModel, ConfigDict, ValidationError

from yizhan.dialogue.models.documents import RephraseAnswer
from yizhan.dialogue.models.errors import ModelNonsense
from yizhan.dialogue.models.masking import Mask
from yizhan.dialogue.models.prompts import REPHRASE, messages
from yizhan.dialogue.models.wire import Said


class _Wording(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    text: str


def asked(request: RephraseAnswer, mask: Mask) -> tuple[Said, Said]:
    """The customer's words and the approved answer, both masked."""
    return messages(REPHRASE, {"words": mask.hide(request.words), "answer": mask.hide(request.entry.answer)})


def read(said: str, mask: Mask) -> str:
    """The wording, with what was masked back in its place; not checked yet. Raises ModelNonsense."""
    try:
        return mask.show(_Wording.model_validate_json(said).text).strip()
    except ValidationError:
        raise ModelNonsense("not_the_json") from None
