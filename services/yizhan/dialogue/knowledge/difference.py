"""What lies between two states of the knowledge: entries by their fields, and documents."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from yizhan.dialogue.knowledge.contents import Contents
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.files.attachments import lines_of

Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """A field as people read it; empty for nothing there. Paraphrases and attachments stand one per line."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class EntryDifference:
    entry_id: str
    kind: Kind
    question: str
    fields: tuple[FieldDifference, ...]


@dataclass(frozen=True, slots=True)
class DocumentDifference:
    name: str
    kind: Kind
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Difference:
    """``entries`` in the order of the later state, what was removed last."""

    entries: tuple[EntryDifference, ...]
    documents: tuple[DocumentDifference, ...]


def difference(before: Contents, after: Contents) -> Difference:
    """Where an entry is listed makes no difference."""
    return Difference(tuple(_entries(before, after)), tuple(_documents(before, after)))


def _entries(before: Contents, after: Contents) -> Iterator[EntryDifference]:
    old = {entry.id: entry for entry in before.entries}
    new = {entry.id: entry for entry in after.entries}
    for entry in after.entries:
        known = old.get(entry.id)
        if known is None:
            yield EntryDifference(entry.id, "added", entry.question, _fields(None, entry))
        elif known != entry:
            yield EntryDifference(entry.id, "changed", entry.question, _fields(known, entry))
    for entry in before.entries:
        if entry.id not in new:
            yield EntryDifference(entry.id, "removed", entry.question, _fields(entry, None))


def _documents(before: Contents, after: Contents) -> Iterator[DocumentDifference]:
    for name in sorted({*before.documents, *after.documents}):
        old, new = before.document(name), after.document(name)
        if old != new:
            kind: Kind = "added" if not old else "removed" if not new else "changed"
            yield DocumentDifference(name, kind, old, new)


def _fields(before: Entry | None, after: Entry | None) -> tuple[FieldDifference, ...]:
    old, new = _texts(before), _texts(after)
    return tuple(
        FieldDifference(name, old.get(name, ""), new.get(name, ""))
        for name in dict.fromkeys((*old, *new))
        if old.get(name, "") != new.get(name, "")
    )


def _texts(entry: Entry | None) -> dict[str, str]:
    if entry is None:
        return {}
    return {
        "question": entry.question,
        "paraphrases": "\n".join(entry.paraphrases),
        "answer": entry.answer,
        "category": entry.category,
        **{f"answer_{variant.channel}": variant.text for variant in entry.variants},
        "valid_from": entry.valid_from.isoformat() if entry.valid_from else "",
        "valid_until": entry.valid_until.isoformat() if entry.valid_until else "",
        "attachments": lines_of(entry.attachments),
    }
