"""Lets a chat model put a session into words for the agent who takes it over.

Every line names the messages that it is from, and is shown only when it stands on them (``faithful``).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from yizhan.dialogue.models.errors import ModelNonsense
from yizhan.dialogue.models.prompts import SUMMARISE, messages
from yizhan.dialogue.models.wire import Said

MOST_LINES = 5
MOST_MESSAGES = 60
"""The last ones."""

MOST_CHARACTERS = 6_000
"""Of all of them."""

LONGEST_MESSAGE = 400
"""Characters of each, from its beginning."""

_HALF_PLACEHOLDER = re.compile(r"\[[A-Z]*_?\d*$")

By = Literal["customer", "assistant", "agent"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as the model is shown it, masked. ``seq`` is its place in the conversation, which the model is not told."""

    seq: int
    by: By
    text: str


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    text: str
    cited: list[int] = Field(alias="from")


class _Lines(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    lines: Annotated[list[_Line], Field(max_length=MOST_LINES)]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A line and the messages that it names; not checked yet. ``cited`` is None where it names one that was not shown."""

    text: str
    cited: tuple[Shown, ...] | None


def fitting(session: Sequence[Shown]) -> tuple[Shown, ...]:
    """The last messages that are few and short enough to be asked about, in their order; long ones are cut."""
    kept: list[Shown] = []
    left = MOST_CHARACTERS
    for one in reversed(session[-MOST_MESSAGES:]):
        text = _cut(one.text)
        if len(text) > left:
            break
        kept.append(Shown(one.seq, one.by, text))
        left -= len(text)
    return tuple(reversed(kept))


def asked(shown: Sequence[Shown]) -> tuple[Said, Said]:
    """The messages go under numbers of their own: how many came before is nobody's business."""
    data = [{"n": number, "by": one.by, "text": one.text} for number, one in enumerate(shown, 1)]
    return messages(SUMMARISE, {"messages": data})


def read(said: str, shown: Sequence[Shown]) -> tuple[Claimed, ...]:
    """The lines, none of them twice. Raises ModelNonsense for what is not the JSON that was asked for."""
    try:
        lines = _Lines.model_validate_json(said).lines
    except ValidationError:
        raise ModelNonsense("not_the_json") from None
    numbered = dict(enumerate(shown, 1))
    return tuple({line.text: _claimed(line, numbered) for line in lines}.values())


def _claimed(line: _Line, numbered: dict[int, Shown]) -> Claimed:
    numbers = sorted(set(line.cited))
    known = all(number in numbered for number in numbers)
    return Claimed(line.text.strip(), tuple(numbered[number] for number in numbers) if known else None)


def _cut(text: str) -> str:
    """Without the half of a placeholder at the end."""
    text = text.strip()
    return text if len(text) <= LONGEST_MESSAGE else _HALF_PLACEHOLDER.sub("", text[: LONGEST_MESSAGE - 1]) + "…"
