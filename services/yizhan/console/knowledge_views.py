"""Drafts and releases as the console's clients see them."""

from collections.abc import Sequence

from yizhan.console.views import entry_json, time
from yizhan.core.messages.codec import content_from_proto
from yizhan.core.messages.json_form import Json, MediaUrl, content_json
from yizhan.pb.v1 import knowledge_pb2 as pb


def full_entry_json(entry: pb.Entry, media_url: MediaUrl) -> Json:
    return {
        "id": entry.id,
        "question": entry.question,
        "paraphrases": list(entry.paraphrases),
        "answer": entry.answer,
        "category": entry.category,
        "variants": {one.channel: one.text for one in entry.variants},
        "valid_from": entry.valid_from or None,
        "valid_until": entry.valid_until or None,
        "attachments": [content_json(content_from_proto(one), media_url) for one in entry.attachments],
    }


def draft_json(draft: pb.GetDraftResponse) -> Json:
    return {
        "revision": draft.revision,
        "entries": draft.entries,
        "changed_at": time(draft, "changed_at"),
        "source_name": draft.source_name,
        "documents": [
            {key: value for key, value in document_json(one).items() if key != "text"} for one in draft.documents
        ],
        "categories": list(draft.categories),
    }


def draft_entry_json(row: pb.DraftEntry, media_url: MediaUrl) -> Json:
    return {
        "entry": full_entry_json(row.entry, media_url),
        "revision": row.revision,
        "changed_at": time(row, "changed_at"),
        "changed_by": row.changed_by,
    }


def document_json(row: pb.DraftDocument) -> Json:
    return {
        "name": row.document.name,
        "text": row.document.text,
        "revision": row.revision,
        "changed_at": time(row, "changed_at"),
        "changed_by": row.changed_by,
    }


def change_json(change: pb.Change, media_url: MediaUrl) -> Json:
    """``before`` and ``after`` are entries, or texts of a document; null: it was not there."""
    before: Json | str | None = change.text_before or None
    after: Json | str | None = change.text_after or None
    if change.kind == "entry":
        before = full_entry_json(change.entry_before, media_url) if change.HasField("entry_before") else None
        after = full_entry_json(change.entry_after, media_url) if change.HasField("entry_after") else None
    return {
        "id": change.id,
        "kind": change.kind,
        "name": change.name,
        "changed_at": time(change, "changed_at"),
        "changed_by": change.changed_by,
        "before": before,
        "after": after,
        "note": change.note,
    }


def build_json(build: pb.Build) -> Json:
    return {
        "id": build.id,
        "state": build.state,
        "started_at": time(build, "started_at"),
        "started_by": build.started_by,
        "release_id": build.release_id or None,
        "reason": build.reason,
        "detail": build.detail,
    }


def full_release_json(release: pb.Release) -> Json:
    return {
        "id": release.id,
        "number": release.number,
        "entries": release.entries,
        "source_name": release.source_name,
        "built_at": time(release, "built_at"),
        "built_by": release.built_by,
        "note": release.note,
        "embedding": {"model": release.embedding_model or None, "failed": release.embedding_failed or None},
        "published": release.published,
        "published_at": time(release, "published_at"),
        "published_by": release.published_by,
    }


def report_json(report: pb.Report) -> Json:
    training = report.training if report.HasField("training") else None
    return {
        "entries": report.entries,
        "phrasings": report.phrasings,
        "engine": report.engine,
        "training": _training_json(training) if training else None,
        "figures": figures_json(report.figures),
        "results": [
            {
                "text": one.text,
                "expected": one.expected or None,
                "got": one.got or None,
                "outcome": one.outcome,
                "score": one.score,
            }
            for one in report.results
        ],
        "findings": [
            {"kind": one.kind, "error": one.error, "where": list(one.where), "detail": one.detail}
            for one in report.findings
        ],
        "more_findings": report.more_findings,
        "seconds": report.seconds,
        "peak_mib": report.peak_mib,
        "embedding": {
            "model": report.embedding_model or None,
            "dimension": report.dimension,
            "by_meaning": report.by_meaning,
            "failed": report.embedding_failed or None,
        },
    }


def figures_json(figures: pb.Figures) -> Json:
    return {
        "questions": figures.questions,
        "right": figures.right,
        "wrong": figures.wrong,
        "unanswered": figures.unanswered,
        "precision": figures.precision,
        "coverage": figures.coverage,
    }


def comparison_json(comparison: pb.Comparison) -> Json:
    return {
        "against": comparison.against or None,
        "before": figures_json(comparison.before) if comparison.HasField("before") else None,
        "after": figures_json(comparison.after),
        "falls": falls_json(comparison.falls),
    }


def falls_json(falls: Sequence[pb.Fall]) -> list[Json]:
    return [{"kind": one.kind, "detail": one.detail, "before": one.before, "after": one.after} for one in falls]


def asked_json(answer: pb.AskResponse, media_url: MediaUrl) -> Json:
    """What the assistant would do, and everything that it was decided by."""
    rule = answer.rule if answer.HasField("rule") else None
    return {
        "decision": answer.decision,
        "decided_by": answer.decided_by,
        "candidates": [
            {"entry": entry_json(item.entry), "score": item.score, "matched": item.matched}
            for item in answer.candidates
        ],
        "release_id": answer.release_id,
        "release_number": answer.release_number or None,
        "threshold": answer.threshold,
        "clarify_threshold": answer.clarify_threshold,
        "margin": answer.margin,
        "text": answer.text,
        "says": [content_json(content_from_proto(one), media_url) for one in answer.says],
        "task": answer.task or None,
        "open": answer.open,
        "rule": _rule_json(rule) if rule else None,
        "handoff_reason": answer.handoff_reason,
        "urgency": answer.urgency or None,
        "language": answer.language,
        "normalised": answer.normalised,
        "day": answer.day,
    }


def _rule_json(rule: pb.AskedRule) -> Json:
    return {
        "name": rule.name,
        "kind": rule.kind,
        "action": rule.action,
        "decided": rule.decided,
        "matched": list(rule.matched),
    }


def publication_json(publication: pb.Publication) -> Json:
    return {
        "id": publication.id,
        "release_id": publication.release_id,
        "replaced_id": publication.replaced_id or None,
        "published_at": time(publication, "published_at"),
        "published_by": publication.published_by,
        "rolled_back": publication.rolled_back,
        "forced_reason": publication.forced_reason,
    }


def difference_json(difference: pb.DiffReleasesResponse) -> Json:
    return {
        "entries": [
            {
                "id": one.id,
                "kind": one.kind,
                "question": one.question,
                "fields": [
                    {"field": field.field, "before": field.before, "after": field.after} for field in one.fields
                ],
            }
            for one in difference.entries
        ],
        "documents": [
            {"name": one.name, "kind": one.kind, "before": one.before, "after": one.after}
            for one in difference.documents
        ],
    }


def _training_json(training: pb.Training) -> Json:
    return {
        "answer_threshold": training.answer_threshold,
        "clarify_threshold": training.clarify_threshold,
        "margin": training.margin,
        "precision": training.precision,
        "coverage": training.coverage,
        "curve": [
            {"threshold": one.threshold, "coverage": one.coverage, "precision": one.precision} for one in training.curve
        ],
    }
