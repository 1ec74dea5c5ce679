"""What a job asks of a model and what comes of it: the bodies of jobs of the kind ``model``, as JSON.

A request is written by one version and may be carried out by the next, so what is not known is ignored. Vectors are
little-endian float16 in base64, of unit length.
"""

import base64
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

KIND = "model"
"""The kind of the jobs."""

MAX_WORDS = 2_000
"""Characters of a customer's words that a model is given; what is longer is asked without it."""


class _Document(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Candidate(_Document):
    """An entry that may be meant. ``answer`` is what would be sent, its variables filled."""

    entry_id: str
    question: str
    answer: str


class EmbedQuestion(_Document):
    """Place a customer's words among the release's vectors of ``dimension`` numbers."""

    task: Literal["embed"] = "embed"
    words: str = Field(max_length=MAX_WORDS, repr=False)
    dimension: int = Field(ge=1)


class ChooseEntry(_Document):
    """Say which of these the customer's words ask for, if any."""

    task: Literal["choose"] = "choose"
    words: str = Field(max_length=MAX_WORDS, repr=False)
    candidates: tuple[Candidate, ...] = Field(min_length=1, max_length=10)


class RephraseAnswer(_Document):
    """Word an entry's answer as an answer to the customer's words."""

    task: Literal["rephrase"] = "rephrase"
    words: str = Field(max_length=MAX_WORDS, repr=False)
    entry: Candidate


class QuestionVector(_Document):
    """A unit vector."""

    result: Literal["vector"] = "vector"
    vector: str

    def array(self) -> NDArray[np.float16]:
        """Shape (dimension,)."""
        return np.frombuffer(base64.b64decode(self.vector), "<f2").astype(np.float16)


class Chosen(_Document):
    """One of the entries that were offered; empty when none of them is meant."""

    result: Literal["chosen"] = "chosen"
    entry_id: str


class Reworded(_Document):
    """A wording that says what the entry says: it was checked, and may be sent with the entry as its grounds."""

    result: Literal["reworded"] = "reworded"
    entry_id: str
    text: str = Field(repr=False)


class NotDone(_Document):
    """Nothing came of it, for a reason with a static name: what is sent is what would be sent without a model."""

    result: Literal["not_done"] = "not_done"
    reason: str


ModelRequest = Annotated[EmbedQuestion | ChooseEntry | RephraseAnswer, Field(discriminator="task")]
ModelResult = Annotated[QuestionVector | Chosen | Reworded | NotDone, Field(discriminator="result")]

_REQUEST: TypeAdapter[ModelRequest] = TypeAdapter(ModelRequest)
_RESULT: TypeAdapter[ModelResult] = TypeAdapter(ModelResult)


def encoded(document: ModelRequest | ModelResult) -> bytes:
    """The body of a job or of its end."""
    return document.model_dump_json().encode()


def read_request(body: bytes) -> ModelRequest:
    """Raises ValidationError."""
    return _REQUEST.validate_json(body)


def read_result(body: bytes) -> ModelResult:
    """Raises ValidationError."""
    return _RESULT.validate_json(body)


def vector_of(row: NDArray[np.floating]) -> QuestionVector:
    """A row as it travels."""
    return QuestionVector(vector=base64.b64encode(row.astype("<f2").tobytes()).decode("ascii"))


def wording(result: ModelResult | None, entry_id: str, approved: str) -> str:
    """What is sent for an entry: the checked wording where there is one, else the approved text.

    ``result`` is None where the job itself failed or was not done in time.
    """
    match result:
        case Reworded(entry_id=answered, text=text) if answered == entry_id:
            return text
        case _:
            return approved
