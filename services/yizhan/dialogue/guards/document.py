"""The guard document as the business writes it in YAML: its shape and its limits. ``docs/guards.md`` explains it."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from yizhan.dialogue.guards.verdict import Action, Again, Kind, Urgency
from yizhan.dialogue.knowledge.normalise import fold

MOST_BYTES = 400_000
MOST_RULES = 200
MOST_ITEMS = 1_000
MOST_GROUPS = 4
MOST_UNORDERED = 3
MOST_WORD = 60
MOST_TEXT = 1_000
MOST_SENTENCE = 500
MOST_WITHIN = 60

_NAME = re.compile(r"[a-z][a-z0-9-]{1,39}")
_REASON = re.compile(r"[a-z][a-z0-9_]{1,31}")
_REFERENCE = re.compile(r"@[a-z][a-z0-9-]{0,39}")

Language = Literal["zh", "en"]


def _named(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise PydanticCustomError("guard_name", "")
    return value


def _coded(value: str) -> str:
    if not _REASON.fullmatch(value):
        raise PydanticCustomError("guard_reason", "")
    return value


def _word(value: str) -> str:
    if value.startswith("@"):
        if not _REFERENCE.fullmatch(value):
            raise PydanticCustomError("guard_reference", "")
    elif not fold(value):
        raise PydanticCustomError("guard_wordless", "")
    return value


def _level(value: object) -> object:
    """Levels go by their names in a document."""
    names = {level.name.lower(): level for level in Urgency}
    if not isinstance(value, str) or value not in names:
        raise PydanticCustomError("guard_level", "")
    return names[value]


def _phrase(value: object) -> object:
    return {"phrase": value} if isinstance(value, str) else value


Name = Annotated[str, AfterValidator(_named)]
Reason = Annotated[str, AfterValidator(_coded)]
Word = Annotated[str, Field(min_length=1, max_length=MOST_WORD), AfterValidator(_word)]
Level = Annotated[Urgency, BeforeValidator(_level)]
Sentence = Annotated[str, Field(min_length=1, max_length=MOST_SENTENCE)]
Text = Annotated[str, Field(min_length=1, max_length=MOST_TEXT)]
Label = Annotated[str, Field(min_length=1, max_length=40)]
Group = Annotated[list[Word], Field(min_length=1, max_length=MOST_ITEMS)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Item(_Strict):
    """One thing to look for: exactly one of ``phrase``, ``near``, ``whole`` and ``recognised``."""

    phrase: Word | None = None
    near: Annotated[list[Group], Field(min_length=2, max_length=MOST_GROUPS)] | None = None
    within: Annotated[int, Field(ge=0, le=MOST_WITHIN)] = 8
    ordered: bool = True
    whole: Group | None = None
    recognised: Literal["wish_for_human"] | None = None


Items = Annotated[
    list[Annotated[Item, BeforeValidator(_phrase)]],
    Field(max_length=MOST_ITEMS),
]


class Texts(_Strict):
    zh: Text
    en: Text


class Menu(_Strict):
    zh: Annotated[list[Label], Field(min_length=1, max_length=8)]
    en: Annotated[list[Label], Field(min_length=1, max_length=8)]


class Rule(_Strict):
    """See ``docs/guards.md`` for what each field does."""

    name: Name
    kind: Kind
    languages: Annotated[list[Language], Field(min_length=1)] = ["zh", "en"]
    match: Annotated[Items, Field(min_length=1)]
    unless: Items = []
    typos: bool = True
    action: Action
    again: Again = Again.SAME
    reason: Reason | None = None
    urgency: Level = Urgency.NORMAL
    knowledge_first: bool = False
    say: Texts | None = None
    menu: Menu | None = None
    offer_human: bool = False
    fires: Annotated[list[Sentence], Field(min_length=1, max_length=MOST_ITEMS)]
    passes: Annotated[list[Sentence], Field(min_length=1, max_length=MOST_ITEMS)]


class Guide(_Strict):
    """One line of the business's urgency guide: these kinds of verdict, or these words, have at least this level."""

    name: Name
    level: Level
    kinds: list[Kind] = []
    match: Items = []
    unless: Items = []


class Document(_Strict):
    """A whole guard document. The rules are asked in order, and the first that fires decides."""

    version: Literal["1"]
    lists: dict[Name, Group] = {}
    urgency: Annotated[list[Guide], Field(max_length=MOST_RULES)] = []
    rules: Annotated[list[Rule], Field(min_length=1, max_length=MOST_RULES)]
