"""How an account shows the platform who it is: app id and secret for a token. Source: reference channels.md A.11, C.2."""

from pydantic import Field

from yizhan.channels.tokens import Fetched, TokenRefused
from yizhan.channels.wechat.calls import Answered, Calls
from yizhan.channels.wechat.errors import KF, WECHAT, Meanings, Told

_NO_TOKEN = (40001, 40002, 40013, 40091, 40125, 40164, 40243, 41002, 41004, 50004, 50007, 60020, 89503)
"""Codes that turn away who asks for a token: the id, the secret, or the address that the call comes from.

40001, 40013, 40125, 40164 and 60020 are in the reference, the others from memory.
"""


def _turned_away(told: Told) -> TokenRefused:
    return TokenRefused(str(told.code), told.text)


_WECHAT_TOKEN: Meanings = {**WECHAT, **dict.fromkeys(_NO_TOKEN, _turned_away)}
_KF_TOKEN: Meanings = {**KF, **dict.fromkeys(_NO_TOKEN, _turned_away)}


class _Token(Answered):
    access_token: str = Field(min_length=1)
    expires_in: float = Field(gt=0)


async def app_token(calls: Calls, app_id: str, secret: str, *, force: bool) -> Fetched:
    """The token of a 公众号 or 小程序: the same for everybody who asks while it is good.

    ``force`` ends the present one at once. Raises TokenRefused, Refused and RetryLater.
    """
    body = {"grant_type": "client_credential", "appid": app_id, "secret": secret, "force_refresh": force}
    answer = await calls.read_as(_WECHAT_TOKEN).post("/cgi-bin/stable_token", "", body, _Token, secrets=(secret,))
    return Fetched(answer.access_token, answer.expires_in)


async def corp_token(calls: Calls, corp_id: str, secret: str) -> Fetched:
    """The token of a company at WeCom: the same until it has expired; no other can be forced. Raises as ``app_token``."""
    query = {"corpid": corp_id, "corpsecret": secret}
    answer = await calls.read_as(_KF_TOKEN).get("/cgi-bin/gettoken", "", query, _Token, secrets=(secret,))
    return Fetched(answer.access_token, answer.expires_in)
