"""Knowledge on the wire: entries, releases, reports and differences to protobuf, and entries back."""

from datetime import date

from yizhan.core.messages import content as c
from yizhan.core.messages.codec import content_from_proto, content_to_proto, timestamp
from yizhan.dialogue.knowledge.comparison import Comparison, Fall
from yizhan.dialogue.knowledge.difference import Difference
from yizhan.dialogue.knowledge.entry import Attachment, Entry, Variant
from yizhan.dialogue.knowledge.parse import RowProblem
from yizhan.dialogue.knowledge.report import Figures, ReleaseReport, Severity
from yizhan.dialogue.store.publications import Publication
from yizhan.dialogue.store.releases import StoredRelease
from yizhan.pb.v1 import knowledge_pb2 as pb


class EntryUnreadable(ValueError):
    """A field that the types allow cannot be what it should be; the message names it."""


def entry_to_proto(entry: Entry) -> pb.Entry:
    return pb.Entry(
        id=entry.id,
        question=entry.question,
        paraphrases=entry.paraphrases,
        answer=entry.answer,
        category=entry.category,
        variants=[pb.Variant(channel=one.channel, text=one.text) for one in entry.variants],
        valid_from=entry.valid_from.isoformat() if entry.valid_from else "",
        valid_until=entry.valid_until.isoformat() if entry.valid_until else "",
        attachments=[content_to_proto(one) for one in entry.attachments],
    )


def entry_from_proto(entry: pb.Entry) -> Entry:
    """Raises EntryUnreadable. What the words must be is for the checks of files to say."""
    return Entry(
        entry.id,
        entry.question,
        tuple(entry.paraphrases),
        entry.answer,
        entry.category,
        variants=tuple(Variant(one.channel, one.text) for one in entry.variants),
        valid_from=_day(entry.valid_from, "valid_from"),
        valid_until=_day(entry.valid_until, "valid_until"),
        attachments=tuple(_attachment(content_from_proto(one)) for one in entry.attachments),
    )


def release_to_proto(release: StoredRelease, publication: Publication | None = None) -> pb.Release:
    """``publication``: the one that made it what is published now, where it is."""
    return pb.Release(
        id=release.id,
        number=release.number,
        entries=release.entries,
        source_name=release.source_name,
        built_at=timestamp(release.built_at),
        built_by=release.built_by,
        note=release.note,
        embedding_model=release.embedding_model,
        embedding_failed=release.embedding_failed,
        published=publication is not None,
        published_at=timestamp(publication.published_at) if publication else None,
        published_by=publication.published_by if publication else "",
    )


def publication_to_proto(publication: Publication) -> pb.Publication:
    return pb.Publication(
        id=publication.id,
        release_id=publication.release_id,
        replaced_id=publication.replaced_id,
        published_at=timestamp(publication.published_at),
        published_by=publication.published_by,
        rolled_back=publication.rolled_back,
        forced_reason=publication.forced_reason,
    )


def problem_to_proto(problem: RowProblem) -> pb.RowProblem:
    return pb.RowProblem(
        row=problem.row, column=problem.column, reason_zh=problem.reason_zh, reason_en=problem.reason_en
    )


def report_to_proto(report: ReleaseReport) -> pb.Report:
    made = pb.Report(
        entries=report.entries,
        phrasings=report.phrasings,
        engine=report.engine,
        results=[
            pb.QuestionResult(
                text=one.text, expected=one.expected, got=one.got, outcome=one.outcome.value, score=one.score
            )
            for one in report.results
        ],
        findings=[
            pb.Finding(kind=one.kind.value, error=one.severity is Severity.ERROR, where=one.where, detail=one.detail)
            for one in report.findings
        ],
        more_findings=report.more,
        seconds=report.seconds,
        peak_mib=report.peak_mib,
        figures=figures_to_proto(report.figures),
        embedding_model=report.embedding_model,
        dimension=report.dimension,
        by_meaning=report.by_meaning is not None,
        embedding_failed=report.embedding_failed,
    )
    training = report.training
    if training is not None:
        made.training.CopyFrom(
            pb.Training(
                answer_threshold=training.answer_threshold,
                clarify_threshold=training.clarify_threshold,
                margin=training.margin,
                precision=training.precision,
                coverage=training.coverage,
                curve=[
                    pb.CurvePoint(threshold=one.threshold, coverage=one.coverage, precision=one.precision)
                    for one in training.curve
                ],
            )
        )
    return made


def figures_to_proto(figures: Figures) -> pb.Figures:
    return pb.Figures(
        questions=figures.questions,
        right=figures.right,
        wrong=figures.wrong,
        unanswered=figures.unanswered,
        precision=figures.precision,
        coverage=figures.coverage,
    )


def comparison_to_proto(comparison: Comparison) -> pb.Comparison:
    return pb.Comparison(
        against=comparison.against,
        before=figures_to_proto(comparison.before) if comparison.before else None,
        after=figures_to_proto(comparison.after),
        falls=[fall_to_proto(fall) for fall in comparison.falls],
    )


def fall_to_proto(fall: Fall) -> pb.Fall:
    return pb.Fall(kind=fall.kind.value, detail=fall.detail, before=fall.before, after=fall.after)


def difference_to_proto(found: Difference) -> pb.DiffReleasesResponse:
    return pb.DiffReleasesResponse(
        entries=[
            pb.EntryDifference(
                id=one.entry_id,
                kind=one.kind,
                question=one.question,
                fields=[
                    pb.FieldDifference(field=field.field, before=field.before, after=field.after)
                    for field in one.fields
                ],
            )
            for one in found.entries
        ],
        documents=[
            pb.DocumentDifference(name=one.name, kind=one.kind, before=one.before, after=one.after)
            for one in found.documents
        ],
    )


def _day(text: str, field: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise EntryUnreadable(field) from error


def _attachment(content: c.Content) -> Attachment:
    match content:
        case c.Link() | c.Image() | c.File() | c.GoodsCard():
            return content
        case _:
            raise EntryUnreadable("attachments")
