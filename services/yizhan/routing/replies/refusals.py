"""Why a canned reply cannot be kept, changed or found: a closed set. ``code`` is for programs."""

from collections.abc import Iterator
from contextlib import contextmanager

import grpc

from yizhan.core.runtime.grpc import RpcProblem


class ReplyRefused(Exception):
    """The subclasses are the whole set."""

    code = "reply_unsaid"
    status = grpc.StatusCode.FAILED_PRECONDITION
    detail = ""

    @property
    def extras(self) -> dict[str, str]:
        return {}


class ReplyInvalid(ReplyRefused):
    """Something in it is wrong: ``reason`` in ``field``; ``piece`` is what, ``hint`` what was probably meant.

    ``reason`` is one of: empty, too_long, bad_shortcut, unknown_language, unknown_variable, stray_brace.
    """

    code = "reply_invalid"
    status = grpc.StatusCode.INVALID_ARGUMENT

    def __init__(self, reason: str, field: str, piece: str = "", hint: str = "") -> None:
        super().__init__(reason)
        self.reason, self.field, self.piece, self.hint = reason, field, piece, hint
        self.detail = f"{field}: {reason} {piece}".rstrip() + (f" → {hint}" if hint else "")

    @property
    def extras(self) -> dict[str, str]:
        return {"field": self.field, "reason": self.reason, "piece": self.piece, "hint": self.hint}


class UnknownReply(ReplyRefused):
    """There is none, or it is somebody else's."""

    code = "unknown_reply"
    status = grpc.StatusCode.NOT_FOUND


class ReplyChanged(ReplyRefused):
    """Somebody else changed it since it was read."""

    code = "reply_changed"
    status = grpc.StatusCode.ABORTED


class ShortcutTaken(ReplyRefused):
    """Another one of the same owner has this shortcut."""

    code = "shortcut_taken"
    status = grpc.StatusCode.ALREADY_EXISTS


class MayNotShare(ReplyRefused):
    """What is shared is changed by editors and supervisors."""

    code = "reply_role_missing"
    status = grpc.StatusCode.PERMISSION_DENIED


class TooManyReplies(ReplyRefused):
    """Of one owner."""

    code = "too_many_replies"


@contextmanager
def refusals() -> Iterator[None]:
    """Refusals inside leave as RpcProblem with their code."""
    try:
        yield
    except ReplyRefused as error:
        raise RpcProblem(error.code, error.status, error.detail, extras=error.extras) from error
