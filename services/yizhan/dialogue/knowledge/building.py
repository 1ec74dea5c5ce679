"""Builds the index and the report of a release, in a process of its own: ``python -m yizhan.dialogue.knowledge.building FOLDER``.

What training needs (time, memory, its libraries) is needed here alone, and given back when the process ends. Files in the
folder: ``order.json``, ``entries``, ``documents`` and, where there are any, ``vectors`` come in; ``index`` and ``report`` go out,
``report`` last. The process ends by itself when its standard input does: whoever asked for the build is gone then.
"""

import os
import resource
import shutil
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import TypeAdapter

from yizhan.dialogue.knowledge import engine
from yizhan.dialogue.knowledge.checks import ask, findings
from yizhan.dialogue.knowledge.contents import OUTSIDE, SETTINGS, TESTS, Contents
from yizhan.dialogue.knowledge.decide import Thresholds
from yizhan.dialogue.knowledge.documents import DocumentInvalid, ReleaseSettings, outside_of, questions_of, settings_of
from yizhan.dialogue.knowledge.index.meaning import Vectors
from yizhan.dialogue.knowledge.own_questions import TestQuestion
from yizhan.dialogue.knowledge.report import MOST_FINDINGS, Finding, ReleaseReport, Severity, report_bytes
from yizhan.dialogue.knowledge.stored import unpacked_documents, unpacked_entries
from yizhan.dialogue.knowledge.targets import targets
from yizhan.dialogue.models.vector_book import VectorBook, VectorsUnreadable

ORDER = "order.json"
ENTRIES = "entries"
DOCUMENTS = "documents"
INDEX = "index"
REPORT = "report"
VECTORS = "vectors"

ABANDONED = 3
"""The exit code of a build that nobody waits for any more."""


@dataclass(frozen=True, slots=True)
class Order:
    """``day``: of the business's calendar, for what is valid. The thresholds hold where training finds none.

    ``embedding_failed``: why there are no vectors for all texts although an embedding model is set.
    """

    day: date
    answer_threshold: float
    clarify_threshold: float
    embedding_failed: str = ""

    @property
    def thresholds(self) -> Thresholds:
        return Thresholds(self.answer_threshold, self.clarify_threshold)


_ORDER = TypeAdapter(Order)


def order_bytes(order: Order) -> bytes:
    return _ORDER.dump_json(order)


def embedded_texts(contents: Contents) -> tuple[list[str], list[str]]:
    """What has to have a vector: every phrasing of every target in their order, and the questions outside."""
    return [text for target in targets(contents) for text in target.phrasings], list(_outside(contents))


def build(contents: Contents, order: Order, vectors: bytes = b"") -> tuple[bytes, ReleaseReport]:
    """The index as bytes, and the report. The same for the same contents, order and vectors, but for how long it took.

    ``vectors``: a ``VectorBook``; where it has not one for every text, words are compared alone.
    """
    began = time.monotonic()
    sought = targets(contents)
    book = _book(vectors)
    given = _given(book, contents)
    trained = engine.train(sought, _settings(contents).precision, _outside(contents), given)
    matcher = engine.open_index(trained.data, sought)
    thresholds = trained.training.thresholds if trained.training else order.thresholds
    valid = frozenset(target.id for target in sought if target.valid_on(order.day))
    found = sorted(findings(contents, order.day), key=_errors_first)
    kept = _bounded(found)
    report = ReleaseReport(
        entries=len(contents.entries),
        phrasings=sum(len(entry.phrasings) for entry in contents.entries),
        engine=engine.VERSION,
        training=trained.training,
        results=tuple(ask(matcher, question, thresholds, valid) for question in _tests(contents)),
        findings=kept,
        more=len(found) - len(kept),
        seconds=round(time.monotonic() - began, 3),
        peak_mib=_peak_mib(),
        by_meaning=trained.by_meaning,
        embedding_model=book.model if book and given else "",
        dimension=given.rows.shape[1] if given else 0,
        embedding_failed=order.embedding_failed,
    )
    return trained.data, report


def main(folder: Path) -> None:
    threading.Thread(target=_end_with_input, args=(folder,), daemon=True).start()
    order = _ORDER.validate_json((folder / ORDER).read_bytes())
    entries = unpacked_entries((folder / ENTRIES).read_bytes())
    contents = Contents(entries, unpacked_documents((folder / DOCUMENTS).read_bytes()))
    given = folder / VECTORS
    index, report = build(contents, order, given.read_bytes() if given.exists() else b"")
    (folder / INDEX).write_bytes(index)
    unfinished = folder / f"{REPORT}.part"
    unfinished.write_bytes(report_bytes(report))
    unfinished.rename(folder / REPORT)


def _end_with_input(folder: Path) -> None:
    while os.read(0, 1):  # not by sys.stdin: its lock, held here, would abort an interpreter that ends
        pass
    shutil.rmtree(folder, ignore_errors=True)  # whoever would have done it was killed
    os._exit(ABANDONED)


def _peak_mib() -> int:
    """The most memory this process has had. Linux counts in ``getrusage`` also what its parent had before."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text("ascii", "replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit


def _settings(contents: Contents) -> ReleaseSettings:
    try:
        return settings_of(contents.document(SETTINGS))
    except DocumentInvalid:  # a finding; the release is built for the promise of the contracts
        return ReleaseSettings()


def _tests(contents: Contents) -> tuple[TestQuestion, ...]:
    try:
        return questions_of(contents.document(TESTS))
    except DocumentInvalid:  # a finding
        return ()


def _outside(contents: Contents) -> tuple[str, ...]:
    try:
        return outside_of(contents.document(OUTSIDE))
    except DocumentInvalid:  # a finding
        return ()


def _book(vectors: bytes) -> VectorBook | None:
    try:
        return VectorBook.loads(vectors) if vectors else None
    except VectorsUnreadable:
        return None


def _given(book: VectorBook | None, contents: Contents) -> Vectors | None:
    phrasings, outside = embedded_texts(contents)
    if book is None or not phrasings or book.missing([*phrasings, *outside]):
        return None
    return Vectors(book.matrix(phrasings), book.matrix(outside))


def _errors_first(finding: Finding) -> tuple[bool, str]:
    return finding.severity is not Severity.ERROR, finding.kind.value


def _bounded(found: list[Finding]) -> tuple[Finding, ...]:
    count: dict[str, int] = {}
    kept = []
    for finding in found:
        count[finding.kind] = count.get(finding.kind, 0) + 1
        if count[finding.kind] <= MOST_FINDINGS:
            kept.append(finding)
    return tuple(kept)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
