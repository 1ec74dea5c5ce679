"""The two endpoints' JSON: what is asked, and what of the answer is read.

Source of facts: OpenAI's API reference for ``/embeddings`` and ``/chat/completions``, and what vLLM, Ollama, llama.cpp and
others that speak it leave out (usage, indexes, roles) or add. What is not needed is not required.
"""

import base64
import binascii
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from yizhan.dialogue.models.errors import ModelNonsense

Vectors = NDArray[np.float32]


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True, protected_namespaces=())


class Said(BaseModel):
    """One message of a chat that is sent."""

    model_config = ConfigDict(frozen=True)

    role: Literal["system", "user"]
    content: str


class Usage(_Lenient):
    total_tokens: int = 0


class _Vector(_Lenient):
    embedding: list[float] | str
    index: int | None = None


class _Embeddings(_Lenient):
    data: list[_Vector]
    usage: Usage | None = None


class _ToolCall(_Lenient):
    pass


class _Reply(_Lenient):
    """A whole message, or a piece of one in a stream."""

    content: str | None = None
    refusal: str | None = None
    tool_calls: list[_ToolCall] | None = None


class _Choice(_Lenient):
    index: int = 0
    message: _Reply | None = None
    delta: _Reply | None = None
    finish_reason: str | None = None


class _Completion(_Lenient):
    choices: list[_Choice] = []
    usage: Usage | None = None
    error: object = None


def read_embeddings(body: bytes, count: int, dimension: int | None) -> tuple[Vectors, int]:
    """Unit vectors, shape (count, dimension), in the order of the texts, and the tokens used (0: not told).

    ``dimension`` None takes any, as long as all rows agree. Raises ModelNonsense.
    """
    try:
        answer = _Embeddings.model_validate_json(body)
    except ValidationError:
        raise ModelNonsense("not_embeddings") from None
    rows = _in_order(answer.data, count)
    widths = {len(row) for row in rows}
    if len(widths) != 1 or 0 in widths or (dimension is not None and widths != {dimension}):
        raise ModelNonsense("wrong_dimension")
    vectors = np.stack(rows)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.isfinite(vectors).all() or not np.isfinite(lengths).all() or not (lengths > 0).all():
        raise ModelNonsense("not_finite")
    return vectors / lengths, answer.usage.total_tokens if answer.usage else 0


def _in_order(data: list[_Vector], count: int) -> list[Vectors]:
    told = [position if item.index is None else item.index for position, item in enumerate(data)]
    if sorted(told) != list(range(count)):
        raise ModelNonsense("wrong_count")
    placed = sorted(zip(told, data, strict=True), key=lambda pair: pair[0])
    return [_floats(item.embedding) for _, item in placed]


def _floats(embedding: list[float] | str) -> Vectors:
    """A list of numbers, or little-endian float32 in base64."""
    if not isinstance(embedding, str):
        with np.errstate(over="ignore"):
            return np.asarray(embedding, np.float32)
    try:
        return np.frombuffer(base64.b64decode(embedding, validate=True), "<f4").astype(np.float32)
    except (binascii.Error, ValueError):
        raise ModelNonsense("not_embeddings") from None


class Completion:
    """Gathers the one message of a completion, whole or from a stream's pieces."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._pieces: list[str] = []
        self._characters = 0
        self.finish = ""
        self.tokens = 0

    def take(self, body: bytes | str) -> None:
        """One JSON document. Raises ModelNonsense for what is no completion, a refusal and a call of a tool."""
        try:
            answer = _Completion.model_validate_json(body)
        except ValidationError:
            raise ModelNonsense("not_a_completion") from None
        if answer.error is not None:
            raise ModelNonsense("error_in_answer")
        if answer.usage is not None:
            self.tokens = answer.usage.total_tokens
        for choice in answer.choices:
            if choice.index == 0:
                self._choice(choice)

    def text(self) -> str:
        """What was said, when it was said to its end. Raises ModelNonsense."""
        if not self.finish:
            raise ModelNonsense("cut_off" if self._pieces else "nothing_said")
        if self.finish != "stop":
            raise ModelNonsense(_FINISHES.get(self.finish, "finish_other"))
        if not self._pieces:
            raise ModelNonsense("nothing_said")
        return "".join(self._pieces)

    def _choice(self, choice: _Choice) -> None:
        said = choice.message or choice.delta
        if said is not None:
            if said.tool_calls:
                raise ModelNonsense("called_a_tool")
            if said.refusal:
                raise ModelNonsense("refused")
            if said.content:
                self._pieces.append(said.content)
                self._characters += len(said.content)
        if self._characters > self._longest:
            raise ModelNonsense("too_long")
        self.finish = choice.finish_reason or self.finish


_FINISHES = {"length": "finish_length", "content_filter": "finish_filter", "tool_calls": "called_a_tool"}
