"""Who serves a customer at the platform, and codes that let one message through. Source: reference C.3."""

from datetime import timedelta
from enum import IntEnum
from typing import Final

from pydantic import Field

from yizhan.channels.wechat.calls import Answered, Calls

GET: Final = "/cgi-bin/kf/service_state/get"
CHANGE: Final = "/cgi-bin/kf/service_state/trans"

WELCOME_SECONDS: Final = 20.0
TAKEN_SECONDS: Final = 48 * 3600.0

SESSION: Final = "kf_session"
"""Name of the state as last seen, in ``customer_state``."""
SESSION_KNOWN: Final = timedelta(hours=12)
"""A session can end without a word of the platform; after so long it is looked at again."""

WELCOME: Final = "kf_welcome"
ENDED: Final = "kf_ended"
TAKEN: Final = "kf_taken"
"""Names of codes: given when a customer comes in, when a servicer ends a session, and when one takes it from the pool."""


class State(IntEnum):
    """``service_state``."""

    NEW = 0
    ASSISTANT = 1
    POOL = 2
    HUMAN = 3
    ENDED = 4


class _StateAnswer(Answered):
    service_state: int = Field(ge=0)


async def state_of(calls: Calls, token: str, open_kfid: str, customer: str) -> int:
    """Who serves the customer now. Raises a SendError."""
    body = {"open_kfid": open_kfid, "external_userid": customer}
    return (await calls.post(GET, token, body, _StateAnswer)).service_state


async def take_over(calls: Calls, token: str, open_kfid: str, customer: str) -> None:
    """Let the assistant (us) serve, so that the platform does not hand the customer to servicers itself. Raises a SendError."""
    body = {"open_kfid": open_kfid, "external_userid": customer, "service_state": int(State.ASSISTANT)}
    await calls.post(CHANGE, token, body, Answered)
