"""The documents beside the entries, parsed: variables, the release's own test questions, and its settings.

``tests`` is the CSV of ``own_questions`` (a task is ``task:<name>`` there). YAML are ``variables``, which maps names to values,
and ``settings``, which has ``precision``, the share of the answers given that must be right.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from yizhan.dialogue.knowledge.contents import OUTSIDE, SETTINGS, TESTS, VARIABLES
from yizhan.dialogue.knowledge.own_questions import TestQuestion, parse_questions
from yizhan.dialogue.knowledge.variables import is_name

PRECISION = 0.95
"""What contracts promise where a business says nothing else."""

MOST_OUTSIDE = 20_000
MOST_OUTSIDE_CHARACTERS = 500


class DocumentInvalid(Exception):
    """A document cannot be read as what it should be. ``reason`` is one line for people."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ReleaseSettings:
    """``precision`` is above 0.5 and below 1."""

    precision: float = PRECISION


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid")
    precision: Annotated[float, Field(gt=0.5, lt=1.0)] = PRECISION


_VARIABLES = TypeAdapter(Annotated[dict[str, Annotated[str, Field(max_length=2_000)]], Field(max_length=1_000)])
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Every value is the text that stands there: a telephone number keeps its zeros, and ``no`` is a word."""


def questions_of(text: str) -> tuple[TestQuestion, ...]:
    """Raises DocumentInvalid."""
    if not text.strip():
        return ()
    parsed = parse_questions(f"{TESTS}.csv", text.encode("utf-8"))
    if parsed.problems:
        first = parsed.problems[0]
        raise DocumentInvalid(TESTS, f"row {first.row}: {first.reason_en}" if first.row else first.reason_en)
    return parsed.questions


def variables_of(text: str) -> Mapping[str, str]:
    """Raises DocumentInvalid."""
    read = _read(VARIABLES, text)
    try:
        values = _VARIABLES.validate_python(read if read is not None else {})
    except ValidationError as error:
        raise _invalid(VARIABLES, error) from error
    wrong = next((name for name in values if not is_name(name)), None)
    if wrong is not None:
        raise DocumentInvalid(VARIABLES, f"{wrong!r} cannot be the name of a variable")
    return values


def outside_of(text: str) -> tuple[str, ...]:
    """The questions that must not be answered. Raises DocumentInvalid."""
    questions = tuple(dict.fromkeys(filter(None, (line.strip() for line in text.splitlines()))))
    if len(questions) > MOST_OUTSIDE:
        raise DocumentInvalid(OUTSIDE, f"more than {MOST_OUTSIDE} questions")
    if any(len(question) > MOST_OUTSIDE_CHARACTERS for question in questions):
        raise DocumentInvalid(OUTSIDE, f"a question is longer than {MOST_OUTSIDE_CHARACTERS} characters")
    return questions


def settings_of(text: str) -> ReleaseSettings:
    """Raises DocumentInvalid."""
    read = _read(SETTINGS, text)
    try:
        return ReleaseSettings(_Settings.model_validate(read if read is not None else {}).precision)
    except ValidationError as error:
        raise _invalid(SETTINGS, error) from error


def check_variables(values: object) -> None:
    """The shape of variables that were read from YAML. Raises ValidationError with every place that is wrong."""
    _VARIABLES.validate_python(values)


def check_settings(values: object) -> None:
    """See ``check_variables``."""
    _Settings.model_validate(values)


def _read(name: str, text: str) -> object:
    try:
        return yaml.load(text, Loader=_LOADER)  # noqa: S506 - makes texts, lists and mappings only
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark is not None else ""
        raise DocumentInvalid(name, f"{where}not YAML") from error
    except RecursionError as error:
        raise DocumentInvalid(name, "nested too deeply") from error


def _invalid(name: str, error: ValidationError) -> DocumentInvalid:
    first = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(step) for step in first["loc"])
    return DocumentInvalid(name, f"{place}: {first['msg']}" if place else first["msg"])
