"""What the codes of Shopee mean for a message.

Source: reference E.5, "Errors"; rows marked "memory" are known from public clients. Some come with the part of the API before
them (``logistics.error_param``), which changes nothing. HTTP is 200 or 4xx, the code counts.
"""

from collections.abc import Callable, Mapping
from typing import Final

from yizhan.channels.contract import Refusal, Refused, RetryLater, SendError, TokenExpired

A_MOMENT: Final = 2.0
LIMIT_SECONDS: Final = 60.0

Meaning = Callable[[str, str, str], SendError]
"""Of a code, the platform's words and the token that was used."""


def _refused(reason: Refusal) -> Meaning:
    return lambda code, text, _token: Refused(code, text, reason)


def _retry(after: float) -> Meaning:
    return lambda _code, _text, _token: RetryLater(after)


def _token(_code: str, _text: str, token: str) -> SendError:
    return TokenExpired(token)


CODES: Final[Mapping[str, Meaning]] = {
    "error_auth": _token,
    "invalid_access_token": _token,  # memory, as is its other spelling
    "invalid_acceess_token": _token,
    "error_sign": _refused(Refusal.ACCOUNT),
    "error_shop": _refused(Refusal.ACCOUNT),
    "error_permission": _refused(Refusal.NOT_PERMITTED),
    "error_param": _refused(Refusal.BAD_CONTENT),
    "error_data": _refused(Refusal.BAD_CONTENT),
    "error_not_found": _refused(Refusal.UNKNOWN_CUSTOMER),
    "error_server": _retry(A_MOMENT),
    "error_network": _retry(A_MOMENT),
    "system_busy": _retry(A_MOMENT),
    "error_limit": _retry(LIMIT_SECONDS),  # memory
}

NOT_FOUND: Final = frozenset({"error_not_found", "error_param"})
"""What the platform says of an order that it does not know; the second from memory."""


def plain(code: str) -> str:
    """The code without the part of the API that it comes from."""
    return code.rsplit(".", 1)[-1]


def meant(code: str, text: str, token: str) -> SendError:
    """What to raise for a code that is not empty. One that is not in the table is a refusal."""
    name = plain(code)
    return CODES.get(name, _refused(Refusal.OTHER))(name[:60], text, token)


def label(code: str) -> str:
    """The code as a label of figures."""
    name = plain(code)
    return name if name in CODES else "other"
