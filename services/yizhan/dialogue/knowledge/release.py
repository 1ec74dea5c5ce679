"""A published state of the knowledge: what the assistant answers from, and what each answer names as its source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.matcher import Matcher, build


@dataclass(frozen=True, slots=True)
class Release:
    """Immutable: publishing makes a new one, and answers given from the old one stay explainable."""

    id: str
    workspace: str
    number: int
    entries: tuple[Entry, ...]
    by_id: Mapping[str, Entry]
    matcher: Matcher
    published_at: datetime
    published_by: str = ""
    source_name: str = ""

    def entry(self, entry_id: str) -> Entry | None:
        return self.by_id.get(entry_id)

    @property
    def categories(self) -> tuple[str, ...]:
        """In the order of their first entry."""
        return tuple(dict.fromkeys(entry.category for entry in self.entries if entry.category))


def build_release(
    *,
    id: str,
    workspace: str,
    number: int,
    entries: Sequence[Entry],
    published_at: datetime,
    published_by: str = "",
    source_name: str = "",
) -> Release:
    """Builds the index too, which takes a moment: call it in a thread. Raises ValueError for an id given twice."""
    by_id = {entry.id: entry for entry in entries}
    if len(by_id) != len(entries):
        raise ValueError("entry ids must differ")
    return Release(
        id=id,
        workspace=workspace,
        number=number,
        entries=tuple(entries),
        by_id=MappingProxyType(by_id),
        matcher=build(entries),
        published_at=published_at,
        published_by=published_by,
        source_name=source_name,
    )
