"""What the error codes of platforms that are asked for orders mean. The tables are the platforms' own."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from yizhan.channels.contract import Refusal, Refused, RetryLater, SendError, TokenExpired

BUSY_SECONDS = 2.0
MINUTE_SECONDS = 60.0
MOST_WORDS = 300


class NoSuchOrder(Refused):
    """The platform says that it has no such order (of this shop)."""


@dataclass(frozen=True, slots=True)
class Told:
    """An answer that says no. ``text`` is the platform's words without secrets; ``token`` the one that was used."""

    code: str
    text: str = ""
    token: str = field(default="", repr=False)


Meaning = Callable[[Told], SendError]
Meanings = Mapping[str, Meaning]
"""By the platform's code."""


def meant(told: Told, meanings: Meanings) -> SendError:
    """What to raise; a code that is not in the table is a refusal."""
    return meanings.get(told.code, refused())(told)


def known(code: str, meanings: Meanings) -> str:
    """The code as a label of a figure."""
    return code if code in meanings else "other"


def retry(after: float) -> Meaning:
    return lambda _told: RetryLater(after)


def refused(reason: Refusal = Refusal.OTHER) -> Meaning:
    return lambda told: Refused(told.code, told.text, reason)


def token(told: Told) -> SendError:
    return TokenExpired(told.token)


def no_order(told: Told) -> SendError:
    return NoSuchOrder(told.code, told.text)


ACCOUNT = refused(Refusal.ACCOUNT)
NOT_PERMITTED = refused(Refusal.NOT_PERMITTED)


def words(text: str, secrets: Iterable[str] = ()) -> str:
    """The platform's words as they may be kept: without secrets, and without what looks like one."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "[hidden]")
    return _OPAQUE.sub("[hidden]", text)[:MOST_WORDS]


_OPAQUE = re.compile(r"[A-Za-z0-9_\-]{32,}")
