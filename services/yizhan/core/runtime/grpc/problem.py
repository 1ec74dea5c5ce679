"""An error that crosses gRPC: its status is for gRPC, its code is ours and reaches the caller unchanged."""

import json
from collections.abc import Mapping
from typing import Any

import grpc
import grpc.aio

CODE_KEY = "problem-code"
RETRY_KEY = "problem-retry-after"
EXTRAS_KEY = "problem-extras-bin"
MAX_EXTRAS_BYTES = 4096

HTTP_STATUS: Mapping[grpc.StatusCode, int] = {
    grpc.StatusCode.INVALID_ARGUMENT: 422,
    grpc.StatusCode.OUT_OF_RANGE: 422,
    grpc.StatusCode.UNAUTHENTICATED: 500,
    grpc.StatusCode.PERMISSION_DENIED: 403,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.ALREADY_EXISTS: 409,
    grpc.StatusCode.ABORTED: 409,
    grpc.StatusCode.FAILED_PRECONDITION: 409,
    grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.UNAVAILABLE: 503,
    grpc.StatusCode.DEADLINE_EXCEEDED: 503,
    grpc.StatusCode.CANCELLED: 503,
}
"""What a refusal of another service is over HTTP; what is not here is a mistake of ours (500), as is a wrong token."""


class RpcProblem(Exception):
    """A call was refused or failed. Raised in a servicer, it arrives at the caller as the same.

    ``code`` is for programs (``stale_epoch``); ``detail`` is for people and holds no customer text;
    ``retry_after`` (seconds) and ``extras`` (JSON) travel along.
    """

    def __init__(
        self,
        code: str,
        status: grpc.StatusCode,
        detail: str = "",
        *,
        retry_after: float | None = None,
        extras: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{status.name} {code}")
        self.code = code
        self.status = status
        self.detail = detail
        self.retry_after = retry_after
        self.extras = dict(extras or {})

    def metadata(self) -> tuple[tuple[str, str | bytes], ...]:
        """What travels beside the status."""
        pairs: list[tuple[str, str | bytes]] = [(CODE_KEY, self.code)]
        if self.retry_after is not None:
            pairs.append((RETRY_KEY, f"{self.retry_after:.3f}"))
        if self.extras:
            pairs.append((EXTRAS_KEY, json.dumps(self.extras, ensure_ascii=False).encode()[:MAX_EXTRAS_BYTES]))
        return tuple(pairs)


def from_error(error: grpc.aio.AioRpcError) -> RpcProblem:
    """The typed form of what the client library raises. Without a code of ours, the code is the status in small letters."""
    metadata: dict[str, str | bytes] = dict(error.trailing_metadata() or ())
    code = metadata.get(CODE_KEY, error.code().name.lower())
    return RpcProblem(
        code if isinstance(code, str) else "unknown",
        error.code(),
        error.details() or "",
        retry_after=_seconds(metadata.get(RETRY_KEY)),
        extras=_extras(metadata.get(EXTRAS_KEY)),
    )


def _seconds(text: str | bytes | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def _extras(raw: str | bytes | None) -> dict[str, Any]:
    try:
        value = json.loads(raw) if raw else {}
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
