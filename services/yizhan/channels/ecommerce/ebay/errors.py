"""What the platform's answers mean for a message.

Source: reference channels.md E.2 (memory): HTTP statuses say what kind of no it is, ``errorId`` which.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from yizhan.channels.contract import Refusal, Refused, SendError, TokenExpired

MAX_WORDS: Final = 300

REASONS: Final[Mapping[int, Refusal]] = {
    400: Refusal.BAD_CONTENT,
    403: Refusal.NOT_PERMITTED,
    404: Refusal.UNKNOWN_CUSTOMER,
    413: Refusal.TOO_LONG,
}
"""By HTTP status. 401 is a token, 429 and 5xx are the calls' own affair."""

SCOPE_MISSING: Final = "195011"
ERROR_IDS: Final = frozenset({SCOPE_MISSING, "195012", "195021", "1001", "1002", "2001", "2002", "2004"})
"""Those that may be labels of figures: a scope is missing, what exists already, tokens, rates."""

_OPAQUE = re.compile(r"[A-Za-z0-9_\-^#+/=]{40,}")


class _Error(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)

    errorId: str = ""  # noqa: N815 - the platform's name
    message: str = ""
    longMessage: str = ""

    @field_validator("*", mode="before")
    @classmethod
    def _absent(cls, value: object) -> object:
        return "" if value is None else value


class _Errors(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    errors: tuple[_Error, ...] = ()


def meant(status: int, body: bytes, *, token: str, secrets: Iterable[str] = ()) -> tuple[SendError, str]:
    """What an answer other than 2xx means, and its code as a label."""
    first = _first(body)
    code = first.errorId or f"http_{status}"
    label = code if code in ERROR_IDS else f"http_{status}" if status in REASONS or status == 401 else "other"
    if status == 401:
        return TokenExpired(token), label
    text = words(first.longMessage or first.message, secrets)
    reason = Refusal.NOT_PERMITTED if code == SCOPE_MISSING else REASONS.get(status, Refusal.OTHER)
    return Refused(code, text, reason), label


def words(text: str, secrets: Iterable[str] = ()) -> str:
    """The platform's words as they may be kept and shown, without secrets or what looks like one."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "[hidden]")
    return _OPAQUE.sub("[hidden]", text)[:MAX_WORDS]


def _first(body: bytes) -> _Error:
    try:
        errors = _Errors.model_validate_json(body).errors
    except ValidationError:
        return _Error()
    return errors[0] if errors else _Error()
