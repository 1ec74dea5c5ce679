"""What a miss is, and what a conversation remembers of its last questions so that a miss is noticed."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from pydantic import TypeAdapter, ValidationError

from yizhan.dialogue.knowledge.normalise import CJK

MOST_WORDS = 200
"""So many characters of a normalised question are looked at."""

MOST_CANDIDATES = 3
MOST_CATEGORY = 100
MOST_ANSWERS = 3

_CHINESE = re.compile(rf"[{CJK}]")
_LATIN = re.compile(r"[a-z]{2,}")


class Reason(StrEnum):
    """Why a question counts as missed."""

    NO_ANSWER = "no_answer"
    NONE_OF_THESE = "none_of_these"
    HUMAN_INSTEAD = "human_instead"
    SAID_ELSE = "said_else"
    REPHRASED = "rephrased"
    HUMAN_AFTER_ANSWER = "human_after_answer"
    BAD_RATING = "bad_rating"


class MissState(IntEnum):
    """Of a miss and of a group. The numbers are those of ``yizhan.v1.MissState``."""

    OPEN = 1
    DRAFTED = 2
    DISMISSED = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """A customer's question and what was made of it. ``candidates`` are entry ids and scores (0 to 1), best first.

    ``entry_id`` is the entry whose answer was given; empty: the assistant asked back or had nothing. ``category`` is that of
    the entry that came nearest, empty where none came near.
    """

    message_id: str
    key: str
    language: str
    release_id: str
    candidates: tuple[tuple[str, float], ...] = ()
    entry_id: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class Trail:
    """What a session's misses are noticed by: the last question with its normalised ``words`` and the last answers.

    ``last`` is None when nothing that may come now says anything about a question. ``menu``: the id of the menu with which
    the assistant's last words ended; empty where they asked for no choice.
    """

    at: datetime
    last: Asked | None = None
    words: str = ""
    answers: tuple[Asked, ...] = ()
    menu: str = ""


@dataclass(frozen=True, slots=True)
class Miss:
    """One question that was not answered well, without its words."""

    id: str
    asked: Asked
    reason: Reason


_Trail = TypeAdapter(Trail)


def dump_trail(trail: Trail) -> str:
    """A trail as it is kept with its conversation."""
    return _Trail.dump_json(trail).decode()


def load_trail(text: str) -> Trail | None:
    """None for what another version of the program wrote and this one cannot read: one miss goes unnoticed."""
    try:
        return _Trail.validate_json(text)
    except ValidationError:
        return None


def key_of(words: str) -> str:
    """The same for the same normalised words; a hash, so that a miss holds no words."""
    return hashlib.sha256(words[:MOST_WORDS].encode("utf-8", "surrogatepass")).hexdigest()


def language_of(words: str) -> str:
    """``zh``, ``en`` or ``mixed``, by the letters of normalised words; ``zh`` where there are none."""
    chinese, latin = _CHINESE.search(words), _LATIN.search(words)
    if chinese:
        return "mixed" if latin else "zh"
    return "en" if latin else "zh"
