"""What a draft is and a release holds: everything that the business decides about its assistant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from yizhan.dialogue.knowledge.entry import Entry

TESTS = "tests"
VARIABLES = "variables"
SETTINGS = "settings"
GUARDS = "guards"
OUTSIDE = "outside"
TASK = "tasks/"
"""Names of documents: these five, and ``tasks/<name>`` for each task. The tests are CSV, ``outside`` has one question that
must not be answered per line (training learns from these, the tests it never sees), the others are YAML.
"""

_NAMES = (TESTS, VARIABLES, SETTINGS, GUARDS, OUTSIDE)

MOST_DOCUMENT_CHARACTERS = 2_000_000


@dataclass(frozen=True, slots=True)
class Contents:
    """Entries in the order in which the business lists them; ``documents`` by name, as written."""

    entries: tuple[Entry, ...]
    documents: Mapping[str, str] = field(default_factory=dict)

    @property
    def tasks(self) -> Mapping[str, str]:
        """The tasks' texts by their names."""
        found = {name.removeprefix(TASK): text for name, text in self.documents.items() if name.startswith(TASK)}
        return MappingProxyType(dict(sorted(found.items())))

    def document(self, name: str) -> str:
        """The text of a document; empty when there is none."""
        return self.documents.get(name, "")


def document_name_problem(name: str) -> str:
    """Why a document cannot have this name; empty when it can."""
    if name in _NAMES:
        return ""
    task = name.removeprefix(TASK)
    if task == name or not task or len(name) > 100 or not task.replace("-", "_").isidentifier():
        return f"documents are {', '.join(_NAMES)} and {TASK}<name>"
    return ""


def by_id(entries: Sequence[Entry]) -> Mapping[str, Entry]:
    """Raises ValueError for an id given twice."""
    found = {entry.id: entry for entry in entries}
    if len(found) != len(entries):
        raise ValueError("entry ids must differ")
    return MappingProxyType(found)
