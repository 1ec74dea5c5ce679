"""A seller's consent on Taobao's pages, and what it is exchanged for; memory, the addresses are settings."""

from collections.abc import Mapping
from urllib.parse import urlencode

from yarl import URL

from yizhan.channels.ecommerce.order_answers import Part, Text, read
from yizhan.channels.ecommerce.order_errors import words
from yizhan.channels.ecommerce.platform import Calls, Grant, Request
from yizhan.channels.ecommerce.taobao.calls import FORM
from yizhan.channels.ecommerce.taobao.settings import TaobaoSettings
from yizhan.channels.tokens import TokenRefused


class _Token(Part):
    access_token: Text = ""
    expires_in: float = 0
    refresh_token: Text = ""
    re_expires_in: float = 0
    error: Text = ""
    error_description: Text = ""


def consent_url(settings: TaobaoSettings, redirect_url: str, state: str) -> URL:
    return URL(f"{settings.consent_url}/authorize").with_query(
        response_type="code", client_id=settings.app_key, redirect_uri=redirect_url, state=state, view="web"
    )


async def exchanged(calls: Calls, settings: TaobaoSettings, given: Mapping[str, str]) -> Grant:
    """``given`` names what is exchanged. Raises TokenRefused and RetryLater."""
    secret = settings.app_secret.get_secret_value()
    body = urlencode({"client_id": settings.app_key, "client_secret": secret, **given}).encode()
    secrets = (secret, given.get("code", ""), given.get("refresh_token", ""))
    url = URL(f"{settings.consent_url}/token")
    found = read(_Token, (await calls(Request("oauth.token", "POST", url, FORM, body, secrets=secrets))).body)
    if not found.access_token:
        raise TokenRefused(found.error or "no_token", words(found.error_description, secrets))
    return Grant(found.access_token, found.expires_in, found.refresh_token, found.re_expires_in or None)
