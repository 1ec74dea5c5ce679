"""Builds the index and the report of a release, in a process of its own: ``python -m yizhan.dialogue.knowledge.building FOLDER``.

What training needs (time, memory, its libraries) is needed here alone, and given back when the process ends. Files in the
folder: ``order.json``, ``entries`` and ``documents`` come in; ``index`` and ``report`` go out, ``report`` last. The process
ends by itself when its standard input does: whoever asked for the build is gone then.
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
from yizhan.dialogue.knowledge.own_questions import TestQuestion
from yizhan.dialogue.knowledge.report import MOST_FINDINGS, Finding, ReleaseReport, Severity, report_bytes
from yizhan.dialogue.knowledge.stored import unpacked_documents, unpacked_entries
from yizhan.dialogue.knowledge.targets import targets

ORDER = "order.json"
ENTRIES = "entries"
DOCUMENTS = "documents"
INDEX = "index"
REPORT = "report"

ABANDONED = 3
"""The exit code of a build that nobody waits for any more."""


@dataclass(frozen=True, slots=True)
class Order:
    """``day``: of the business's calendar, for what is valid. The thresholds hold where training finds none."""

    day: date
    answer_threshold: float
    clarify_threshold: float

    @property
    def thresholds(self) -> Thresholds:
        return Thresholds(self.answer_threshold, self.clarify_threshold)


_ORDER = TypeAdapter(Order)


def order_bytes(order: Order) -> bytes:
    return _ORDER.dump_json(order)


def build(contents: Contents, order: Order) -> tuple[bytes, ReleaseReport]:
    """The index as bytes, and the report. The same for the same contents and order, but for how long it took."""
    began = time.monotonic()
    sought = targets(contents)
    trained = engine.train(sought, _settings(contents).precision, _outside(contents))
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
        peak_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        // (1024 * 1024 if sys.platform == "darwin" else 1024),
    )
    return trained.data, report


def main(folder: Path) -> None:
    threading.Thread(target=_end_with_input, args=(folder,), daemon=True).start()
    order = _ORDER.validate_json((folder / ORDER).read_bytes())
    entries = unpacked_entries((folder / ENTRIES).read_bytes())
    contents = Contents(entries, unpacked_documents((folder / DOCUMENTS).read_bytes()))
    index, report = build(contents, order)
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
