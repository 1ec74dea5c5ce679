"""The seller's consent on TikTok Shop: codes and refresh tokens exchanged for access tokens. Source: reference E.3.

An access token lives about a week. The fields named ``…_expire_in`` are points in time, not spans.
"""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, ValidationError
from yarl import URL

from yizhan.channels.contract import Refused, RetryLater, TokenExpired
from yizhan.channels.ecommerce.order_errors import words
from yizhan.channels.ecommerce.platform import Grant, Request, Tools
from yizhan.channels.ecommerce.reading import NotJson, Seconds, Words, json_object
from yizhan.channels.ecommerce.tiktok import paths
from yizhan.channels.ecommerce.tiktok.api import CIPHER, Api, TikTokShop, the_shop
from yizhan.channels.ecommerce.tiktok.errors import label
from yizhan.channels.ecommerce.tiktok.settings import TikTokSettings
from yizhan.channels.tokens import TokenRefused

A_WEEK = 7 * 86_400.0
LEAST = 60.0
"""Seconds: what a token is good for at least, whatever the two clocks say."""


class _Tokens(BaseModel):
    access_token: str = ""
    access_token_expire_in: Seconds = 0
    refresh_token: str = ""
    refresh_token_expire_in: Seconds = 0


class _Answer(BaseModel):
    code: int
    message: Words = ""
    data: _Tokens | None = None


class Consent:
    """Grants for every shop."""

    def __init__(self, api: Api, tools: Tools) -> None:
        self._api = api
        self._tools = tools

    async def consented(self, shop: TikTokShop, query: Mapping[str, str]) -> Grant:
        """What the seller came back with, exchanged. Raises TokenRefused and RetryLater."""
        code = query.get("code", "")
        if not code:
            raise TokenRefused("no_code", "the seller came back without a code")
        fields = {"auth_code": code, "grant_type": "authorized_code"}
        return await self._with_shop(shop, await self._granted(shop.settings, paths.TOKEN, fields))

    async def renewed(self, shop: TikTokShop, grant: Grant) -> Grant:
        """Raises TokenRefused and RetryLater."""
        fields = {"refresh_token": grant.refresh, "grant_type": "refresh_token"}
        renewed = await self._granted(shop.settings, paths.RENEWAL, fields)
        return Grant(
            renewed.access,
            renewed.expires_in,
            renewed.refresh or grant.refresh,
            renewed.refresh_expires_in,
            grant.facts,
        )

    async def _with_shop(self, shop: TikTokShop, grant: Grant) -> Grant:
        """Which shop the consent is for is looked at at once, while the seller is there to be told."""
        try:
            found = the_shop(shop.settings, await self._api.shops(shop, grant.access))
        except Refused as error:
            raise TokenRefused(error.code, error.text) from None
        except TokenExpired:
            raise RetryLater from None
        facts = {"shop_id": found.id, "shop_name": found.name, CIPHER: found.cipher}
        return Grant(grant.access, grant.expires_in, grant.refresh, grant.refresh_expires_in, facts)

    async def _granted(self, settings: TikTokSettings, path: str, fields: Mapping[str, str]) -> Grant:
        query = {"app_key": settings.app_key, "app_secret": settings.secret, **fields}
        secrets = (settings.secret, *fields.values())
        url = URL(settings.auth_url + path).with_query(query)
        request = Request("tiktok token", "GET", url, secrets=secrets)
        response = await self._tools.calls(request)
        try:
            answer = _Answer.model_validate(json_object(response.body))
        except (NotJson, ValidationError):
            raise RetryLater from None
        if answer.code or answer.data is None or not answer.data.access_token:
            self._tools.calls.refused(request.what, label(answer.code))
            raise TokenRefused(str(answer.code), words(answer.message, secrets))
        return grant_of(answer.data, self._tools.clock())


def grant_of(tokens: _Tokens, now: datetime) -> Grant:
    """Spans from points in time."""
    ends, refresh_ends = tokens.access_token_expire_in, tokens.refresh_token_expire_in
    return Grant(
        tokens.access_token,
        max(ends - now.timestamp(), LEAST) if ends else A_WEEK,
        tokens.refresh_token,
        max(refresh_ends - now.timestamp(), LEAST) if refresh_ends else None,
    )


def consent_url(settings: TikTokSettings, state: str) -> URL:
    """Where the seller says yes. Where they come back to is set in Partner Center, not here."""
    return URL(settings.consent).update_query({"service_id": settings.service_id, "state": state})
