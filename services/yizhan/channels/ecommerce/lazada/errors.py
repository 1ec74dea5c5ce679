"""What the platform's codes mean for a message.

Source: reference channels.md E.4: the kinds of errors are documented, names of codes are memory. The codes of the chat
itself (``err_code``) are not published, but for one.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from yizhan.channels.contract import (
    OutcomeUnknown,
    QuotaSpent,
    Refusal,
    Refused,
    RetryLater,
    SendError,
    TokenExpired,
)

BUSY_SECONDS: Final = 2.0
LIMIT_SECONDS: Final = 60.0
MAX_WORDS: Final = 300

BACKEND: Final = frozenset({"ISP", "SYSTEM"})
"""``type`` of an error that is none of ours: the same call may work later."""

_UNDECIDED = re.compile(r"time-?_?out", re.IGNORECASE)
"""In the code of a backend that did not answer the gateway in time: it may have done what was asked."""
_OPAQUE = re.compile(r"[A-Za-z0-9_\-]{32,}")
"""Tokens and secrets; a ``request_id`` has up to 30."""

_Meaning = Callable[[str, str, str], SendError]


def _token(_code: str, _text: str, token: str) -> SendError:
    return TokenExpired(token)


def _retry(after: float) -> _Meaning:
    return lambda _code, _text, _token: RetryLater(after)


def _refused(reason: Refusal) -> _Meaning:
    return lambda code, text, _token: Refused(code, text, reason)


CODES: Final[Mapping[str, _Meaning]] = {
    "IllegalAccessToken": _token,
    "ApiCallLimit": _retry(LIMIT_SECONDS),
    "AppCallLimit": _retry(LIMIT_SECONDS),
    "SellerCallLimit": _retry(LIMIT_SECONDS),
    "ServiceUnavailable": _retry(BUSY_SECONDS),
    "IncompleteSignature": _refused(Refusal.ACCOUNT),
    "InvalidAppKey": _refused(Refusal.ACCOUNT),
    "AppWhiteIpLimit": _refused(Refusal.ACCOUNT),
    "InsufficientPermission": _refused(Refusal.NOT_PERMITTED),
    "MissingParameter": _refused(Refusal.BAD_CONTENT),
    "InvalidParameter": _refused(Refusal.BAD_CONTENT),
    "-22": _refused(Refusal.NOT_PERMITTED),
}
"""By ``code``, or by ``err_code`` of the chat (the last line: the order is too old for a session to be opened)."""


def meant(
    code: str, kind: str, text: str, *, token: str = "", spent: Iterable[str] = (), sending: bool = False
) -> SendError:
    """What an answer with an error means. ``spent``: the codes by which this account knows that nothing is left to send."""
    if code in spent:
        return QuotaSpent(code, text)
    if (meaning := CODES.get(code)) is not None:
        return meaning(code, text, token)
    if kind in BACKEND:
        return OutcomeUnknown() if sending and _UNDECIDED.search(code) else RetryLater(BUSY_SECONDS)
    return Refused(code, text)


def label(code: str) -> str:
    """The code as a label of figures."""
    return code if code in CODES else "other"


def words(text: str, secrets: Iterable[str] = ()) -> str:
    """The platform's words as they may be kept and shown, without secrets or what looks like one."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "[hidden]")
    return _OPAQUE.sub("[hidden]", text)[:MAX_WORDS]
