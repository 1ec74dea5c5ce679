"""The seller's consent on Shopee: codes and refresh tokens exchanged for access tokens. Source: reference E.5.

An access token lives 4 hours, a refresh token 30 days, and each renewal gives another one; the consent itself a year at most.
"""

from collections.abc import Mapping

from pydantic import BaseModel, Field
from yarl import URL

from yizhan.channels.contract import Refused, RetryLater, TokenExpired
from yizhan.channels.ecommerce.platform import Grant, Tools
from yizhan.channels.ecommerce.shopee import paths
from yizhan.channels.ecommerce.shopee.api import Api, Call, ShopeeShop
from yizhan.channels.ecommerce.shopee.signing import call_signature
from yizhan.channels.tokens import TokenRefused

FOUR_HOURS = 4 * 3600.0
REFRESH_SECONDS = 30 * 86_400.0


class _Tokens(BaseModel):
    access_token: str = Field("", max_length=4000)
    refresh_token: str = Field("", max_length=4000)
    expire_in: float = 0.0


class Consent:
    """Grants for every shop."""

    def __init__(self, api: Api, tools: Tools) -> None:
        self._api = api
        self._tools = tools

    def url(self, shop: ShopeeShop, redirect_url: str, state: str) -> URL:
        """Where the seller says yes. The page knows no ``state``: it goes with the address that they come back to."""
        settings, at = shop.settings, int(self._tools.clock().timestamp())
        return URL(settings.api + paths.CONSENT).with_query(
            {
                "partner_id": settings.partner_id,
                "redirect": str(URL(redirect_url).update_query({"state": state})),
                "timestamp": str(at),
                "sign": call_signature(settings.key, settings.partner_id, paths.CONSENT, at),
            }
        )

    async def consented(self, shop: ShopeeShop, query: Mapping[str, str]) -> Grant:
        """What the seller came back with, exchanged. Raises TokenRefused and RetryLater."""
        code = query.get("code", "")
        if not code:
            raise TokenRefused("no_code", "the seller came back without a code")
        if query.get("shop_id", "") != shop.settings.shop_id:
            raise TokenRefused("shop_id", "the consent is for another shop")
        return await self._granted(shop, paths.TOKEN, {"code": code}, code)

    async def renewed(self, shop: ShopeeShop, grant: Grant) -> Grant:
        """Raises TokenRefused and RetryLater."""
        return await self._granted(shop, paths.RENEWAL, {"refresh_token": grant.refresh}, grant.refresh)

    async def _granted(self, shop: ShopeeShop, path: str, fields: Mapping[str, str], secret: str) -> Grant:
        settings = shop.settings
        body = {**fields, "partner_id": int(settings.partner_id), "shop_id": int(settings.shop_id)}
        call = Call("shopee token", "POST", path, body=body, whole=True, secrets=(secret,))
        try:
            tokens = await self._api.ask_as_app(settings, call, _Tokens)
        except TokenExpired:
            raise TokenRefused("error_auth", "the platform does not take the code or the refresh token") from None
        except Refused as error:
            raise TokenRefused(error.code, error.text) from None
        if not tokens.access_token or not tokens.refresh_token:
            raise RetryLater
        return Grant(tokens.access_token, tokens.expire_in or FOUR_HOURS, tokens.refresh_token, REFRESH_SECONDS)
