"""``make bench-knowledge``: what it takes to build a release of so many entries, and to answer a question from it.

Each size is built and asked in a process of its own, so that its peak memory is its own. The same questions are put to
plain BM25 over the same words in the same run: the ratio says what everything else costs. Writes
``build/bench-knowledge.json``.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

from tests.bench.large_knowledge import entries, questions
from tests.bench.machine import ROOT, commit, machine
from yizhan.dialogue.knowledge import engine
from yizhan.dialogue.knowledge.bm25 import bm25
from yizhan.dialogue.knowledge.index.question import read
from yizhan.dialogue.knowledge.postings import Vocabulary

Built = TypeAdapter(tuple[float, int, int])
Served = TypeAdapter(tuple[float, int, list[float], list[float]])

SIZES = (1_000, 20_000)
ASKED = 500


@dataclass(frozen=True, slots=True)
class Figures:
    entries: int
    phrasings: int
    build_seconds: float
    build_peak_mib: int
    """Of the process that builds."""
    index_bytes: int
    open_seconds: float
    open_peak_mib: int
    """Of a process that only serves."""
    ms_p50: float
    ms_p99: float
    bm25_ms_p50: float
    ratio: float
    """Milliseconds of a whole question to those of BM25 alone."""


def build(size: int, folder: Path) -> tuple[float, int, int]:
    """Seconds, peak and bytes."""
    known = entries(size)
    began = time.perf_counter()
    trained = engine.train(known, 0.95)
    took = time.perf_counter() - began
    (folder / f"{size}.index").write_bytes(trained.data)
    return took, _peak_mib(), len(trained.data)


def serve(size: int, folder: Path) -> tuple[float, int, list[float], list[float]]:
    """Seconds to open, peak, milliseconds a question, and milliseconds of BM25 for the same questions."""
    known = entries(size)
    began = time.perf_counter()
    matcher = engine.open_index((folder / f"{size}.index").read_bytes(), known)
    took = time.perf_counter() - began
    asked = questions(ASKED, size)
    whole = _timed(matcher.match, asked)
    peak = _peak_mib()
    vocabulary = Vocabulary()
    documents = [
        [number for text in entry.phrasings for number in vocabulary.add(read(text).tokens)] for entry in known
    ]
    plain = bm25(documents, len(vocabulary))

    def by_words(question: str) -> object:
        numbers = [number for number in map(vocabulary.number, read(question).tokens) if number >= 0]
        return plain.scores(numbers, 0)

    return took, peak, whole, _timed(by_words, asked)


def _timed(ask: Callable[[str], object], asked: Sequence[str]) -> list[float]:
    took = []
    for question in asked:
        began = time.perf_counter()
        ask(question)
        took.append((time.perf_counter() - began) * 1000.0)
    return took


def _peak_mib() -> int:
    """The most memory that this process has had; ``getrusage`` would count its parent's too."""
    for line in Path("/proc/self/status").read_text("ascii", "replace").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) // 1024
    return 0


def measured(size: int, folder: Path) -> Figures:
    seconds, peak, count = Built.validate_json(_apart("build", size, folder))
    opened, serving, whole, plain = Served.validate_json(_apart("serve", size, folder))
    p50, alone = float(np.median(whole)), float(np.median(plain))
    return Figures(
        entries=size,
        phrasings=sum(len(entry.phrasings) for entry in entries(size)),
        build_seconds=round(seconds, 1),
        build_peak_mib=peak,
        index_bytes=count,
        open_seconds=round(opened, 1),
        open_peak_mib=serving,
        ms_p50=round(p50, 2),
        ms_p99=round(float(np.quantile(whole, 0.99)), 2),
        bm25_ms_p50=round(alone, 2),
        ratio=round(p50 / alone, 2),
    )


def _apart(step: str, size: int, folder: Path) -> str:
    """What one step says, in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.knowledge", step, str(size), "--folder", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-knowledge")
    parser.add_argument("step", nargs="?", choices=["build", "serve"])
    parser.add_argument("size", nargs="?", type=int)
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "bench-knowledge")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    if arguments.step:
        size, folder = arguments.size, arguments.folder
        print(json.dumps(build(size, folder) if arguments.step == "build" else serve(size, folder)))
        return
    found = []
    for size in arguments.sizes:
        figures = measured(size, arguments.folder)
        found.append(asdict(figures))
        print("  ".join(f"{name} {value}" for name, value in found[-1].items()), flush=True)
    (ROOT / "build" / "bench-knowledge.json").write_text(
        json.dumps({"machine": machine(), "commit": commit(), "sizes": found}, indent=2) + "\n"
    )


if __name__ == "__main__":
    main()
