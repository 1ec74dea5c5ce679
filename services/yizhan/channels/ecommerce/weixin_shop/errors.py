"""What the codes of 微信小店 mean for a message. HTTP is 200 for all of them.

Source: reference E.1, "Errors"; those of the window, of risk and of repetition from A.13, where WeChat's other
customer-service calls have them.
"""

from collections.abc import Callable, Mapping
from typing import Final

from yizhan.channels.contract import QuotaSpent, Refusal, Refused, RetryLater, SendError, TokenExpired, WindowClosed

A_MOMENT: Final = 2.0
MINUTE: Final = 60.0
DAILY_SECONDS: Final = 3600.0
"""Until asking again once the day's calls are spent; the platform's day ends at midnight in China."""

Meaning = Callable[[str, str, str], SendError]
"""Of a code, the platform's words and the token that was used."""


def _refused(reason: Refusal) -> Meaning:
    return lambda code, text, _token: Refused(code, text, reason)


def _retry(after: float) -> Meaning:
    return lambda _code, _text, _token: RetryLater(after)


def _token(_code: str, _text: str, token: str) -> SendError:
    return TokenExpired(token)


def _closed(code: str, text: str, _token: str) -> SendError:
    return WindowClosed(code, text)


def _spent(code: str, text: str, _token: str) -> SendError:
    return QuotaSpent(code, text)


CODES: Final[Mapping[int, Meaning]] = {
    -1: _retry(A_MOMENT),
    40001: _token,
    40003: _refused(Refusal.UNKNOWN_CUSTOMER),
    40013: _refused(Refusal.ACCOUNT),
    40014: _token,
    40066: _refused(Refusal.OTHER),
    41001: _token,
    41002: _refused(Refusal.ACCOUNT),
    42001: _token,
    43002: _refused(Refusal.OTHER),
    43003: _refused(Refusal.OTHER),
    44002: _refused(Refusal.BAD_CONTENT),
    45002: _refused(Refusal.TOO_LONG),
    45009: _retry(DAILY_SECONDS),
    45011: _retry(MINUTE),
    45015: _closed,
    45035: _refused(Refusal.ACCOUNT),
    45047: _spent,
    47001: _refused(Refusal.BAD_CONTENT),
    48001: _refused(Refusal.NOT_PERMITTED),
    48004: _refused(Refusal.ACCOUNT),
    50001: _refused(Refusal.NOT_PERMITTED),
    50002: _refused(Refusal.ACCOUNT),
    61004: _refused(Refusal.ACCOUNT),
    87014: _refused(Refusal.RISKY_CONTENT),
}

NO_TOKEN: Final = frozenset({40001, 40002, 40013, 40125, 40164, 40243, 41002, 41004, 45035, 48004, 50002, 61004, 89503})
"""Codes that turn away who asks for a token: the id, the secret, or the address that the call comes from."""


def meant(code: int, text: str, token: str) -> SendError:
    """What to raise for a code that is not 0. One that is not in the table is a refusal."""
    return CODES.get(code, _refused(Refusal.OTHER))(str(code), text, token)


def label(code: int) -> str:
    """The code as a label of figures."""
    return str(code) if code in CODES else "other"
