"""The named errors of drafts and releases, as gRPC tells them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import grpc

from yizhan.core.runtime.grpc import RpcProblem
from yizhan.dialogue.builder import BuildFailed
from yizhan.dialogue.builds import BuildUnderway
from yizhan.dialogue.drafts import NotInDraft, StaleRevision
from yizhan.dialogue.knowledge.comparison import Fall
from yizhan.dialogue.knowledge_codec import EntryUnreadable
from yizhan.dialogue.publishing import NeverPublished, NothingToBuild, PublishedMeanwhile, PublishRefused
from yizhan.dialogue.shelf import ReleaseUnusable

MOST_FALLS = 10
"""So many are told with a refusal; CompareRelease has them all."""

_CODES: Mapping[type[Exception], tuple[str, grpc.StatusCode]] = {
    StaleRevision: ("stale_revision", grpc.StatusCode.ABORTED),
    NotInDraft: ("not_in_draft", grpc.StatusCode.NOT_FOUND),
    EntryUnreadable: ("entry_unreadable", grpc.StatusCode.INVALID_ARGUMENT),
    BuildUnderway: ("build_underway", grpc.StatusCode.FAILED_PRECONDITION),
    BuildFailed: ("build_failed", grpc.StatusCode.FAILED_PRECONDITION),
    NothingToBuild: ("draft_empty", grpc.StatusCode.FAILED_PRECONDITION),
    PublishRefused: ("release_falls", grpc.StatusCode.FAILED_PRECONDITION),
    NeverPublished: ("never_published", grpc.StatusCode.FAILED_PRECONDITION),
    PublishedMeanwhile: ("published_meanwhile", grpc.StatusCode.ABORTED),
    ReleaseUnusable: ("release_unusable", grpc.StatusCode.FAILED_PRECONDITION),
}


@contextmanager
def refusals() -> Iterator[None]:
    """Whatever is named becomes an RpcProblem; everything else passes."""
    try:
        yield
    except tuple(_CODES) as error:
        code, status = _CODES[type(error)]
        if isinstance(error, ReleaseUnusable) and error.reason == "missing":
            code, status = "release_unknown", grpc.StatusCode.NOT_FOUND
        raise RpcProblem(code, status, _detail(error), extras=_extras(error)) from error


def _detail(error: Exception) -> str:
    match error:
        case BuildFailed() | ReleaseUnusable():
            return error.detail
        case EntryUnreadable():
            return str(error)
        case _:
            return ""


def _extras(error: Exception) -> Mapping[str, Any]:
    match error:
        case StaleRevision():
            return {"name": error.name, "current": error.current}
        case BuildUnderway():
            return {"build_id": error.build_id}
        case BuildFailed() | ReleaseUnusable():
            return {"reason": error.reason}
        case PublishRefused():
            falls = error.comparison.falls
            return {"falls": list(map(_fall, falls[:MOST_FALLS])), "count": len(falls)}
        case _:
            return {}


def _fall(fall: Fall) -> Mapping[str, Any]:
    return {"kind": fall.kind.value, "detail": fall.detail[:100], "before": fall.before, "after": fall.after}
