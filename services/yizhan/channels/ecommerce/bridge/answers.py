"""What a connector answers to a message of ours, and what that means. The table is docs/channels/bridge.md's."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from yizhan.channels.contract import QuotaSpent, Refusal, Refused, SendError, Sent, WindowClosed
from yizhan.channels.ecommerce.platform import Response

WINDOW_CLOSED = "window_closed"
QUOTA_SPENT = "quota_spent"

REFUSALS: dict[str, Refusal] = {
    "refused": Refusal.OTHER,
    "not_permitted": Refusal.NOT_PERMITTED,
    "blocked": Refusal.BLOCKED,
    "unknown_customer": Refusal.UNKNOWN_CUSTOMER,
    "bad_content": Refusal.BAD_CONTENT,
    "too_long": Refusal.TOO_LONG,
    "risky_content": Refusal.RISKY_CONTENT,
}
"""Codes of a 409 or 422, besides those that say that nothing may be sent now."""

CODES = frozenset({WINDOW_CLOSED, QUOTA_SPENT, *REFUSALS})

_NOT_LET_IN = frozenset({401, 403})
_TOO_LARGE = 413


class _Taken(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: Annotated[str, Field(max_length=200)] = ""


class _No(BaseModel):
    model_config = ConfigDict(extra="ignore")

    code: Annotated[str, Field(max_length=64)] = "refused"
    text: str = ""


def reason_of(code: str) -> str:
    """The reason, in our own words, why a message that had been taken failed later."""
    return str(REFUSALS.get(code, Refusal.OTHER))


def sent(response: Response) -> Sent:
    """The message was taken. Raises the SendError that says why not."""
    if 200 <= response.status < 300:
        external_id = _taken(response.body)
        return Sent((external_id,) if external_id else ())
    raise refusal(response)


def refusal(response: Response) -> SendError:
    """What an answer that is no success means."""
    if response.status in _NOT_LET_IN:
        return Refused(f"http_{response.status}", "the connector does not know our signature", Refusal.ACCOUNT)
    if response.status == _TOO_LARGE:
        return Refused("http_413", "", Refusal.TOO_LONG)
    if response.status not in {409, 422}:
        return Refused(f"http_{response.status}")
    try:
        no = _No.model_validate_json(response.body or b"{}")
    except ValidationError:
        no = _No()
    text = " ".join(no.text.split())[:200]
    if no.code == WINDOW_CLOSED:
        return WindowClosed(no.code, text)
    if no.code == QUOTA_SPENT:
        return QuotaSpent(no.code, text)
    code = no.code if no.code in REFUSALS else "refused"
    return Refused(code, text, REFUSALS[code])


def _taken(body: bytes) -> str:
    """The connector's own id of the message. Words that are no such thing do not undo that it was taken."""
    try:
        return _Taken.model_validate_json(body).id if body else ""
    except ValidationError:
        return ""
