"""What people and systems of the business put down about a customer, and what may be put down."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from yizhan.dialogue.customers.identity import Editor
from yizhan.dialogue.customers.problems import BadValue, TooMany

MOST_TAGS = 30
MOST_TAG = 40
MOST_ATTRIBUTES = 50
MOST_VALUE = 500
MOST_NOTES = 500
MOST_NOTE = 2000

_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,39}")


@dataclass(frozen=True, slots=True)
class Tag:
    """A word by which a customer is found again. It lies with one identity, and goes where that goes."""

    identity_id: str
    tag: str
    by: Editor
    at: datetime


@dataclass(frozen=True, slots=True)
class Attribute:
    """A fact from the business's systems: a level, a contract number."""

    identity_id: str
    name: str
    value: str
    by: Editor
    at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """A remark for colleagues."""

    id: str
    identity_id: str
    text: str
    by: Editor
    at: datetime


@dataclass(frozen=True, slots=True)
class Noted:
    """What is put down about a customer, of each thing once: tags and attributes by name, notes newest first."""

    tags: tuple[Tag, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    notes: tuple[Note, ...] = ()


def shown(tags: Sequence[Tag], attributes: Sequence[Attribute], notes: Sequence[Note]) -> Noted:
    """What identities that belong together have: the first of equal tags, the last of attributes of one name."""
    first: dict[str, Tag] = {}
    for tag in sorted(tags, key=lambda one: (one.at, one.identity_id)):
        first.setdefault(tag.tag, tag)
    last = {one.name: one for one in sorted(attributes, key=lambda one: (one.at, one.identity_id))}
    newest = sorted(notes, key=lambda one: (one.at, one.id), reverse=True)
    return Noted(
        tuple(first[name] for name in sorted(first)), tuple(last[name] for name in sorted(last)), tuple(newest)
    )


def checked_tags(present: Sequence[Tag], add: Sequence[str], remove: Sequence[str]) -> tuple[str, ...]:
    """The tags to add, as they are kept, without those that are there. Raises BadValue and TooMany."""
    there = {one.tag for one in present}
    wished = dict.fromkeys(_line(tag, MOST_TAG) for tag in add)
    after = (there | set(wished)) - {tag.strip() for tag in remove}
    if len(after) > MOST_TAGS:
        raise TooMany("tags")
    return tuple(tag for tag in wished if tag in after and tag not in there)


def checked_attributes(
    present: Sequence[Attribute], put: Mapping[str, str], remove: Sequence[str]
) -> Mapping[str, str]:
    """The attributes to write, as they are kept. Raises BadValue and TooMany."""
    wished = {_name(name): _line(value, MOST_VALUE) for name, value in put.items()}
    if len(({one.name for one in present} | set(wished)) - set(remove)) > MOST_ATTRIBUTES:
        raise TooMany("attributes")
    return wished


def checked_note(present: int, text: str) -> str:
    """The note as it is kept: its lines stay. Raises BadValue and TooMany."""
    if present >= MOST_NOTES:
        raise TooMany("notes")
    kept = "".join(character for character in text if character.isprintable() or character in "\n\t").strip()
    if not kept or len(kept) > MOST_NOTE:
        raise BadValue("note")
    return kept


def _line(text: str, most: int) -> str:
    """One line of printable characters."""
    kept = "".join(character if character.isprintable() else " " for character in text).strip()
    if not kept or len(kept) > most:
        raise BadValue("text")
    return kept


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise BadValue("name")
    return name
