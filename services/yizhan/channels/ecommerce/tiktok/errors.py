"""What the codes of TikTok Shop mean for a message.

Source: reference E.3, "Limits/errors". Codes that begin with 36009 and 10 come from the platform's gateway, before the call
did anything; those that begin with 451 come from its customer service. HTTP is 200 or 4xx, the code counts.
"""

from collections.abc import Callable, Mapping
from typing import Final

from yizhan.channels.contract import Refusal, Refused, RetryLater, SendError, TokenExpired, WindowClosed

A_MOMENT: Final = 2.0
DAILY_SECONDS: Final = 3600.0
"""Until asking again once the day's calls are spent; when the platform's day begins is not told."""

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


CODES: Final[Mapping[int, Meaning]] = {
    105002: _token,
    105005: _refused(Refusal.NOT_PERMITTED),  # the app's scopes
    106001: _refused(Refusal.ACCOUNT),  # bad signature: a wrong app secret
    106013: _refused(Refusal.ACCOUNT),  # no shop_cipher
    36009002: _retry(A_MOMENT),  # too many calls
    36009003: _retry(A_MOMENT),  # inside the platform
    36009004: _token,  # credentials, signature or time: another token is the only thing that can be had
    36009033: _refused(Refusal.ACCOUNT),  # address not on the app's list
    45101001: _refused(Refusal.BAD_CONTENT),
    45101003: _refused(Refusal.UNKNOWN_CUSTOMER),
    45101004: _retry(DAILY_SECONDS),
    45101006: _refused(Refusal.RISKY_CONTENT),
    45102007: _refused(Refusal.NOT_PERMITTED),
    45109001: _closed,
    45111001: _refused(Refusal.BAD_CONTENT),
    45111012: _retry(A_MOMENT),
}

NOT_FOUND: Final = frozenset({"45101003"})


def meant(code: int, text: str, token: str) -> SendError:
    """What to raise for a code that is not 0. One that is not in the table is a refusal."""
    return CODES.get(code, _refused(Refusal.OTHER))(str(code), text, token)


def label(code: int) -> str:
    """The code as a label of figures."""
    return str(code) if code in CODES else "other"
