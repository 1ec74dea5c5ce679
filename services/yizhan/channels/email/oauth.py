"""Access tokens from refresh tokens (RFC 6749, section 6), for Gmail, Microsoft 365 and whoever does the same."""

from typing import Any

import aiohttp
from pydantic import BaseModel, Field, ValidationError

from yizhan.channels.contract import RetryLater
from yizhan.channels.email.settings import EmailAccountSettings
from yizhan.channels.tokens import Fetched, TokenRefused

_AGAIN = 10.0


class _Given(BaseModel):
    access_token: str = Field(min_length=1, max_length=16_000)
    expires_in: float = Field(3600.0, gt=0)


class _NotGiven(BaseModel):
    error: str = Field("refused", max_length=100)
    error_description: str = Field("", max_length=2000)


async def access_token(session: aiohttp.ClientSession, settings: EmailAccountSettings) -> Fetched:
    """Raises TokenRefused and RetryLater."""
    oauth = settings.oauth
    if oauth is None:
        raise TokenRefused("no_oauth", "the account signs in with a password")
    form = {
        "grant_type": "refresh_token",
        "client_id": oauth.client_id,
        "refresh_token": oauth.refresh_token.get_secret_value(),
    }
    if secret := oauth.client_secret.get_secret_value():
        form["client_secret"] = secret
    if settings.scope:
        form["scope"] = settings.scope
    try:
        async with session.post(settings.token_url, data=form, allow_redirects=False) as answer:
            status, body = answer.status, await answer.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise RetryLater(_AGAIN) from error
    return _read(status, body)


def _read(status: int, body: Any) -> Fetched:
    try:
        if status == 200:
            given = _Given.model_validate(body)
            return Fetched(given.access_token, given.expires_in)
        told = _NotGiven.model_validate(body)
    except ValidationError:
        raise RetryLater(_AGAIN) from None
    if status >= 500 or status == 429:
        raise RetryLater(_AGAIN)
    raise TokenRefused(told.error, told.error_description[:300])
