"""Errors as RFC 9457 ``application/problem+json``: a handler raises a ``Problem``, the frame answers it."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web

CONTENT_TYPE = "application/problem+json"


class Problem(Exception):
    """An answer that is an error. ``code`` is for programs and never changes; ``title`` is for people.

    ``retry_after`` (seconds) says that the same request may succeed later. ``extras`` become members of the body.
    """

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str = "",
        *,
        retry_after: float | None = None,
        headers: Mapping[str, str] | None = None,
        **extras: Any,
    ) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.retry_after = retry_after
        self.headers = dict(headers or {})
        self.extras = extras

    def body(self, request_id: str = "") -> dict[str, Any]:
        """The members of the problem document; also fit for a frame of a WebSocket."""
        members: dict[str, Any] = {
            "type": f"urn:yizhan:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
        }
        if self.detail:
            members["detail"] = self.detail
        if self.retry_after is not None:
            members["retry_after"] = _whole(self.retry_after)
        if request_id:
            members["request_id"] = request_id
        return members | self.extras

    def response(self, request_id: str = "") -> web.Response:
        """The answer, with ``Retry-After`` where it is known."""
        headers = dict(self.headers)
        if self.retry_after is not None:
            headers["Retry-After"] = str(_whole(self.retry_after))
        text = json.dumps(self.body(request_id), ensure_ascii=False)
        return web.Response(status=self.status, text=text, content_type=CONTENT_TYPE, headers=headers)


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One field of a body that is missing or wrong. ``name`` is its path: ``content.text``."""

    name: str
    reason: str


def bad_request(code: str, title: str, detail: str = "") -> Problem:
    return Problem(400, code, title, detail)


def unauthorized(code: str = "unauthorized", title: str = "Sign in first") -> Problem:
    return Problem(401, code, title, headers={"WWW-Authenticate": "Bearer"})


def forbidden(code: str = "forbidden", title: str = "Not allowed") -> Problem:
    return Problem(403, code, title)


def not_found(code: str = "not_found", title: str = "There is nothing here") -> Problem:
    return Problem(404, code, title)


def conflict(code: str, title: str, detail: str = "") -> Problem:
    return Problem(409, code, title, detail)


def too_large(limit_bytes: int) -> Problem:
    return Problem(413, "too_large", "The body is too large", f"At most {limit_bytes} bytes", limit_bytes=limit_bytes)


def invalid_fields(fields: Iterable[FieldProblem]) -> Problem:
    return Problem(422, "invalid_fields", "Some fields are wrong", fields=[asdict(field) for field in fields])


def too_many(retry_after: float) -> Problem:
    return Problem(429, "rate_limited", "Too many requests", retry_after=retry_after)


def unavailable(retry_after: float = 1.0) -> Problem:
    return Problem(503, "unavailable", "Not available at the moment", retry_after=retry_after)


def _whole(seconds: float) -> int:
    """Whole seconds, rounded up: a client that waits as told must not come too early."""
    return max(1, math.ceil(seconds))
