"""The seller's consent, and tokens by it. Source: reference channels.md E.4.

A token is good for 30 days (7 while the app is in test), its renewal for 180 (30).
"""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from yarl import URL

from yizhan.channels.contract import Refused, RetryLater, TokenExpired
from yizhan.channels.ecommerce.lazada.api import Api
from yizhan.channels.ecommerce.lazada.facts import AUTH_REST, AUTHORISE, CREATE, REFRESH
from yizhan.channels.ecommerce.lazada.settings import LazadaSettings
from yizhan.channels.ecommerce.platform import Grant
from yizhan.channels.tokens import TokenRefused

CODE_CHARS = 500


class _Seller(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)

    country: str = ""
    seller_id: str = ""


class _Token(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)

    access_token: str = Field(min_length=1)
    refresh_token: str = ""
    expires_in: float = Field(gt=0)
    refresh_expires_in: float = 0
    country: str = ""
    country_user_info: tuple[_Seller, ...] = ()


def consent_url(settings: LazadaSettings, redirect_url: str, state: str) -> URL:
    query = {
        "response_type": "code",
        "force_auth": "true",
        "redirect_uri": redirect_url,
        "client_id": settings.app_key,
        "state": state,
    }
    return URL(settings.auth + AUTHORISE).with_query(query)


async def consented(api: Api, settings: LazadaSettings, query: Mapping[str, str]) -> Grant:
    """Raises TokenRefused and RetryLater."""
    code = query.get("code", "")
    if not code or len(code) > CODE_CHARS:
        raise TokenRefused(query.get("error", "no_code")[:64], "the seller did not consent")
    grant = await _granted(api, settings, CREATE, "code", code)
    _same_seller(settings, grant)
    return grant


async def renewed(api: Api, settings: LazadaSettings, grant: Grant) -> Grant:
    """Raises TokenRefused and RetryLater."""
    if not grant.refresh:
        raise TokenRefused("no_refresh_token", "the seller has to consent again")
    return await _granted(api, settings, REFRESH, "refresh_token", grant.refresh)


async def _granted(api: Api, settings: LazadaSettings, path: str, name: str, value: str) -> Grant:
    try:
        body = await api.ask(settings, "POST", settings.auth + AUTH_REST, path, {name: value}, hidden=(value,))
        told = _Token.model_validate_json(body)
    except Refused as error:
        raise TokenRefused(error.code, error.text) from None
    except TokenExpired:
        raise TokenRefused("IllegalRefreshToken", "the seller has to consent again") from None
    except ValidationError:
        raise RetryLater from None
    sellers = {seller.country: seller.seller_id for seller in told.country_user_info}
    facts = {"country": told.country, "seller_id": sellers.get(settings.country, "")}
    return Grant(
        access=told.access_token,
        expires_in=told.expires_in,
        # Nothing can be renewed once this is over, which the platform also says with a 0.
        refresh=told.refresh_token if told.refresh_expires_in > 0 else "",
        refresh_expires_in=told.refresh_expires_in if told.refresh_expires_in > 0 else None,
        facts={key: fact for key, fact in facts.items() if fact},
    )


def _same_seller(settings: LazadaSettings, grant: Grant) -> None:
    """Another seller's consent must not be kept for this shop."""
    told = grant.facts.get("seller_id", "")
    if settings.seller_id and told and told != settings.seller_id:
        raise TokenRefused("other_seller", "another seller consented than the account's seller_id names")
