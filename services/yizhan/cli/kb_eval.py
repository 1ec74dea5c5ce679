"""``yizhan kb eval``: how well labelled questions are answered by a knowledge made of other labelled questions."""

import csv
import io
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING

import typer

from yizhan.cli.asking import Refusal, settings_of

if TYPE_CHECKING:
    from yizhan.dialogue.knowledge.evaluate import Evaluation
    from yizhan.dialogue.knowledge.labelled import Labelled
    from yizhan.dialogue.models.vector_book import VectorBook


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares are 0 to 1; see the design's section 10 for what each means."""

    rows: int
    in_scope: int
    out_of_scope: int
    accuracy: float
    threshold: float
    coverage: float
    precision: float
    oos_recall: float
    build_seconds: float
    ms_p50: float
    ms_p99: float


def evaluate(
    train: Path = typer.Option(
        help="CSV with text,label: what the knowledge is made of. Rows without a label must not be answered.",
        exists=True,
        dir_okay=False,
        readable=True,
    ),
    test: Path = typer.Option(
        help="CSV with text,label: what is asked. Rows without a label are out of scope.",
        exists=True,
        dir_okay=False,
        readable=True,
    ),
    precision: float = typer.Option(0.95, min=0.5, max=0.999, help="The share of answers that must be right."),
    as_json: bool = typer.Option(False, "--json", help="For programs."),
    predictions: Path | None = typer.Option(
        None, dir_okay=False, writable=True, help="Write row, top label, probability and whether it was answered."
    ),
) -> None:
    """Measure the assistant on labelled questions. The same files always give the same answers.

    With YIZHAN_MODELS_BASE_URL and YIZHAN_MODELS_EMBEDDING the embedding model takes part; the milliseconds are without it.
    """
    known, asked = _rows(train), _rows(test)
    if not any(row.label for row in known):
        raise Refusal(f"{train}: no row has a label")
    if not asked:
        raise Refusal(f"{test}: no rows")
    figures, evaluation = _measured(known, asked, precision)
    if predictions is not None:
        predictions.write_text(_predictions(evaluation), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(asdict(figures)))
        return
    for name, value in asdict(figures).items():
        typer.echo(f"{name:<14} {value}")


def _rows(file: Path) -> "list[Labelled]":
    from yizhan.dialogue.knowledge.labelled import Unlabelled, labelled

    try:
        return labelled(file.read_bytes())
    except Unlabelled as error:
        raise Refusal(f"{file}: {error}") from error


def _measured(known: "list[Labelled]", asked: "list[Labelled]", precision: float) -> "tuple[Figures, Evaluation]":
    from yizhan.dialogue.knowledge import engine
    from yizhan.dialogue.knowledge.evaluate import Case, judge, summary
    from yizhan.dialogue.knowledge.index.meaning import Vectors
    from yizhan.dialogue.knowledge.labelled import knowledge

    entries = knowledge(known)
    phrasings = [text for entry in entries for text in entry.phrasings]
    outside = [row.text for row in known if not row.label]
    book = _embedded([*phrasings, *outside, *(row.text for row in asked)])
    vectors = Vectors(book.matrix(phrasings), book.matrix(outside)) if book else None
    began = time.perf_counter()
    trained = engine.train(entries, precision, outside, vectors)
    matcher = engine.open_index(trained.data, entries)
    built = time.perf_counter() - began
    training = trained.by_meaning or trained.training
    if training is None:
        raise Refusal("nothing can be learned from this file")
    judged = []
    took = []
    for row in asked:
        meaning = book.matrix([row.text])[0] if book and trained.by_meaning else None
        began = time.perf_counter()
        case = Case(row.text, frozenset({row.label} if row.label else ()))
        judged.append(judge(matcher, case, training.thresholds, meaning))
        took.append((time.perf_counter() - began) * 1000.0)
    evaluation = summary(judged)
    cuts = quantiles(took, n=100, method="inclusive") if len(took) > 1 else took * 99
    return Figures(
        rows=evaluation.rows,
        in_scope=evaluation.in_scope,
        out_of_scope=evaluation.out_of_scope,
        accuracy=round(evaluation.accuracy, 6),
        threshold=round(training.answer_threshold, 6),
        coverage=round(evaluation.coverage, 6),
        precision=round(evaluation.precision, 6),
        oos_recall=round(evaluation.oos_recall, 6),
        build_seconds=round(built, 3),
        ms_p50=round(cuts[49], 3),
        ms_p99=round(cuts[98], 3),
    ), evaluation


def _embedded(texts: list[str]) -> "VectorBook | None":
    """The vectors of these texts by the configured endpoint; None where none is."""
    from yizhan.core.runtime.settings import EmbeddedSettings
    from yizhan.dialogue.models.budget import Unlimited
    from yizhan.dialogue.models.client import endpoint_of
    from yizhan.dialogue.models.embedding import fill_now
    from yizhan.dialogue.models.errors import ModelError
    from yizhan.dialogue.models.vector_book import VectorBook

    endpoint = endpoint_of(settings_of(EmbeddedSettings, make_secret=False))
    if endpoint is None or not endpoint.embedding_model:
        return None
    book = VectorBook(endpoint.embedding_model)
    try:
        fill_now(book, texts, endpoint, Unlimited())
    except ModelError as error:
        raise Refusal(f"the embedding endpoint failed: {error.reason}") from error
    return book


def _predictions(evaluation: "Evaluation") -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["row", "label", "probability", "answered"])
    for number, one in enumerate(evaluation.judged, start=1):
        writer.writerow([number, one.entry_id, one.score, int(one.answered)])
    return out.getvalue()
