"""What the platform's error codes mean for a message.

Source: reference channels.md A.13, B and C.3 (the vendor's pages on customer messages, common error codes and 微信客服);
rows marked "memory" there or here are widely known and were not checked again. HTTP is 200 for all of them.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from yizhan.channels.contract import (
    QuotaSpent,
    Refusal,
    Refused,
    RetryLater,
    SendError,
    TokenExpired,
    WindowClosed,
)

BUSY_SECONDS = 2.0
MINUTE_SECONDS = 60.0
CHINA = timezone(timedelta(hours=8))
"""The platform's days begin at midnight there."""

MAX_WORDS = 300
"""Longer words of the platform are cut."""


class MediaExpired(Refused):
    """The platform does not know the media id (any more): forget it, upload again, once."""


class MenuNotAllowed(Refused):
    """This account may not send menus (it is not verified): the same as numbered text."""


@dataclass(frozen=True, slots=True)
class Told:
    """An answer with an error. ``text`` is the platform's words, without secrets; ``token`` is the one that was used."""

    code: int
    text: str
    now: datetime
    token: str = ""


Meaning = Callable[[Told], SendError | None]
Meanings = Mapping[int, Meaning]
"""By code. None: nothing is wrong."""


def meant(told: Told, meanings: Meanings) -> SendError | None:
    """What to raise; None when the call did what was wanted. A code that is not in the table is a refusal."""
    return meanings.get(told.code, _refused(Refusal.OTHER))(told)


def seconds_to_next_day(now: datetime) -> float:
    """Until the next midnight in China, when daily quotas begin anew; never 0."""
    local = now.astimezone(CHINA)
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight - local).total_seconds()


def words(text: str, secrets: Iterable[str] = ()) -> str:
    """The platform's words (with its hint and ``rid``, which its support asks for) as they may be kept and shown.

    ``secrets`` and whatever looks like a token are taken out.
    """
    for secret in secrets:
        if secret:
            text = text.replace(secret, "[hidden]")
    return _OPAQUE.sub("[hidden]", text)[:MAX_WORDS]


_OPAQUE = re.compile(r"[A-Za-z0-9_\-]{32,}")
"""Tokens have 100 characters and more, secrets 32 or 43; a ``rid`` has 26."""


def _retry(after: float) -> Meaning:
    return lambda _told: RetryLater(after)


def _refused(reason: Refusal) -> Meaning:
    return lambda told: Refused(str(told.code), told.text, reason)


def _tomorrow(told: Told) -> SendError:
    return RetryLater(seconds_to_next_day(told.now))


def _token(told: Told) -> SendError:
    return TokenExpired(told.token)


def _closed(told: Told) -> SendError:
    return WindowClosed(str(told.code), told.text)


def _spent(told: Told) -> SendError:
    return QuotaSpent(str(told.code), told.text)


def _media(told: Told) -> SendError:
    return MediaExpired(str(told.code), told.text, Refusal.BAD_CONTENT)


def _menu(told: Told) -> SendError:
    return MenuNotAllowed(str(told.code), told.text, Refusal.NOT_PERMITTED)


def nothing_wrong(_told: Told) -> None:
    """A code by which nothing has failed."""


WECHAT: Meanings = {
    -1: _retry(BUSY_SECONDS),
    40001: _token,
    40003: _refused(Refusal.UNKNOWN_CUSTOMER),
    40004: _refused(Refusal.BAD_CONTENT),  # kind of media; memory, as are the next two
    40005: _refused(Refusal.BAD_CONTENT),  # type of file
    40006: _refused(Refusal.BAD_CONTENT),  # size of file
    40007: _media,
    40008: _refused(Refusal.BAD_CONTENT),
    40013: _refused(Refusal.ACCOUNT),
    40014: _token,
    40033: _refused(Refusal.BAD_CONTENT),
    40037: _refused(Refusal.BAD_CONTENT),  # template id; memory
    40125: _refused(Refusal.ACCOUNT),
    40164: _refused(Refusal.ACCOUNT),
    40200: _menu,
    41001: _refused(Refusal.OTHER),
    42001: _token,
    43004: _closed,
    43019: _refused(Refusal.BLOCKED),
    43101: _refused(Refusal.NOT_PERMITTED),
    44004: _refused(Refusal.BAD_CONTENT),
    45001: _refused(Refusal.BAD_CONTENT),  # file too large; memory
    45002: _refused(Refusal.TOO_LONG),
    45007: _refused(Refusal.BAD_CONTENT),  # voice too long; memory
    45008: _refused(Refusal.BAD_CONTENT),
    45009: _tomorrow,
    45011: _retry(MINUTE_SECONDS),
    45015: _closed,
    45047: _spent,
    45048: _refused(Refusal.OTHER),
    45065: nothing_wrong,  # the same client_msg_id again: it was sent before
    45072: _refused(Refusal.OTHER),
    45080: _refused(Refusal.OTHER),
    45081: _refused(Refusal.OTHER),
    45162: _refused(Refusal.BAD_CONTENT),
    45166: _refused(Refusal.BAD_CONTENT),
    47001: _refused(Refusal.BAD_CONTENT),
    47003: _refused(Refusal.BAD_CONTENT),
    48001: _refused(Refusal.NOT_PERMITTED),
    48002: _refused(Refusal.BLOCKED),
    48004: _refused(Refusal.ACCOUNT),
    50001: _refused(Refusal.ACCOUNT),
    50002: _refused(Refusal.ACCOUNT),
    61004: _refused(Refusal.ACCOUNT),
    87009: _refused(Refusal.OTHER),
    87014: _refused(Refusal.RISKY_CONTENT),
}
"""公众号 and 小程序."""

KF: Meanings = {
    **WECHAT,
    40096: _refused(Refusal.UNKNOWN_CUSTOMER),  # external_userid; memory
    45009: _retry(MINUTE_SECONDS),  # WeCom's is a rate, not a daily quota; memory
    60020: _refused(Refusal.ACCOUNT),
    95001: _spent,
    95002: _closed,
    95013: _closed,
    95016: _refused(Refusal.ELSEWHERE),
    95018: _refused(Refusal.ELSEWHERE),
}
"""微信客服."""
