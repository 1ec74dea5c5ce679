"""A state of the knowledge that can be published: what the assistant answers from, and what each answer names as its source."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from yizhan.dialogue.guards.guards import Guards
from yizhan.dialogue.guards.parse import default_guards, parse_guards
from yizhan.dialogue.knowledge import engine
from yizhan.dialogue.knowledge.contents import GUARDS, VARIABLES, Contents, by_id
from yizhan.dialogue.knowledge.decide import Thresholds
from yizhan.dialogue.knowledge.documents import DocumentInvalid, variables_of
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.matcher import Matcher
from yizhan.dialogue.knowledge.report import ReleaseReport
from yizhan.dialogue.knowledge.targets import targets, tasks_of
from yizhan.dialogue.tasks.book import TaskBook, book_of
from yizhan.dialogue.tasks.definition import TARGET


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """What there is to say about a release: ``number`` counts the builds of a workspace."""

    id: str
    workspace: str
    number: int
    built_at: datetime
    built_by: str = ""
    source_name: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """Immutable: publishing changes which one is served, and answers given from another stay explainable.

    ``targets`` are what the matcher finds, by id: the entries, and a stand-in for each task. ``thresholds`` are those
    that training found, None where it found none. A document that cannot be read is as if it were not there: the checks
    name it, and only a forced release has one. ``report`` is None for a release from before there were reports.
    """

    facts: ReleaseFacts
    contents: Contents
    targets: Mapping[str, Entry]
    matcher: Matcher
    tasks: TaskBook
    guards: Guards
    variables: Mapping[str, str] = field(default_factory=dict)
    thresholds: Thresholds | None = None
    report: ReleaseReport | None = None

    @property
    def meaning_thresholds(self) -> Thresholds | None:
        """Those of questions whose vector is known; None where the release compares words alone."""
        training = self.report.by_meaning if self.report else None
        return training.thresholds if training else None

    @property
    def embedding_model(self) -> str:
        """By which the release compares meaning too; empty where it does not."""
        return self.report.embedding_model if self.report and self.report.by_meaning else ""

    @property
    def dimension(self) -> int:
        """How many numbers that model's vectors have."""
        return self.report.dimension if self.report and self.report.by_meaning else 0

    @property
    def id(self) -> str:
        return self.facts.id

    @property
    def workspace(self) -> str:
        return self.facts.workspace

    @property
    def number(self) -> int:
        return self.facts.number

    @property
    def entries(self) -> tuple[Entry, ...]:
        return self.contents.entries

    def entry(self, entry_id: str) -> Entry | None:
        """None for a task's target too: it is no entry."""
        return None if entry_id.startswith(TARGET) else self.targets.get(entry_id)

    @property
    def categories(self) -> tuple[str, ...]:
        """In the order of their first entry."""
        return tuple(dict.fromkeys(entry.category for entry in self.entries if entry.category))


def build_release(
    facts: ReleaseFacts, contents: Contents, *, index: bytes, report: ReleaseReport | None = None
) -> Release:
    """Opens the index, which takes a moment: call it in a thread. Raises ValueError for an id given twice, and IndexDamaged."""
    sought = targets(contents)
    training = report.training if report else None
    return Release(
        facts=facts,
        contents=contents,
        targets=by_id(sought),
        matcher=engine.open_index(index, sought),
        tasks=book_of(tasks_of(contents)),
        guards=_guards(contents),
        variables=_variables(contents),
        thresholds=training.thresholds if training else None,
        report=report,
    )


def _guards(contents: Contents) -> Guards:
    """The business's own, or those that every business has: there is no assistant without guards."""
    text = contents.document(GUARDS)
    parsed = parse_guards(text) if text.strip() else default_guards()
    return parsed if isinstance(parsed, Guards) else default_guards()


def _variables(contents: Contents) -> Mapping[str, str]:
    try:
        return variables_of(contents.document(VARIABLES))
    except DocumentInvalid:  # a finding that only a forced release has: texts with variables are not sent then
        return {}
