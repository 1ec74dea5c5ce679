"""The seller's consent, and tokens by it. Source: reference channels.md E.2.

Where the seller comes back to is registered at the platform, and only its name (RuName) is told. The access token is good
for two hours, its renewal for about 18 months; a renewal gives no new refresh token.
"""

from collections.abc import Mapping

from yarl import URL

from yizhan.channels.contract import Refused
from yizhan.channels.ecommerce.ebay.api import Api, Given
from yizhan.channels.ecommerce.ebay.facts import AUTHORISE, SCOPES
from yizhan.channels.ecommerce.ebay.settings import EbaySettings
from yizhan.channels.ecommerce.platform import Grant
from yizhan.channels.tokens import TokenRefused

MOST_CODE = 4000


def consent_url(settings: EbaySettings, state: str) -> URL:
    query = {
        "client_id": settings.client_id,
        "redirect_uri": settings.ru_name,
        "response_type": "code",
        "scope": " ".join(SCOPES),
        "state": state,
    }
    return URL(settings.auth + AUTHORISE).with_query(query)


async def consented(api: Api, settings: EbaySettings, query: Mapping[str, str]) -> Grant:
    """Raises TokenRefused and RetryLater."""
    code = query.get("code", "")
    if not code or len(code) > MOST_CODE:
        raise TokenRefused(query.get("error", "no_code")[:64], "the seller did not consent")
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": settings.ru_name}
    return _grant(await _asked(api, settings, form, code))


async def renewed(api: Api, settings: EbaySettings, grant: Grant) -> Grant:
    """Raises TokenRefused and RetryLater."""
    if not grant.refresh:
        raise TokenRefused("no_refresh_token", "the seller has to consent again")
    form = {"grant_type": "refresh_token", "refresh_token": grant.refresh, "scope": " ".join(SCOPES)}
    return _grant(await _asked(api, settings, form, grant.refresh))


async def _asked(api: Api, settings: EbaySettings, form: Mapping[str, str], secret: str) -> Given:
    try:
        return await api.tokens(settings, form, (secret,))
    except Refused as error:
        raise TokenRefused(error.code, error.text) from None


def _grant(given: Given) -> Grant:
    return Grant(given.access_token, given.expires_in, given.refresh_token, given.refresh_token_expires_in)
