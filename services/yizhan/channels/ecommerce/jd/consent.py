"""A seller's consent on JD's pages, and what it is exchanged for: names by public clients, never run live."""

from collections.abc import Mapping

from yarl import URL

from yizhan.channels.ecommerce.jd.settings import JdSettings
from yizhan.channels.ecommerce.order_answers import Part, Text, read
from yizhan.channels.ecommerce.order_errors import words
from yizhan.channels.ecommerce.platform import Calls, Grant, Request
from yizhan.channels.tokens import TokenRefused


class _Token(Part):
    access_token: Text = ""
    expires_in: float = 0
    refresh_token: Text = ""
    code: Text = ""
    msg: Text = ""


def consent_url(settings: JdSettings, redirect_url: str, state: str) -> URL:
    return URL(f"{settings.consent_url}/oauth2/to_login").with_query(
        app_key=settings.app_key,
        response_type="code",
        redirect_uri=redirect_url,
        state=state,
        scope="snsapi_base",
    )


async def exchanged(calls: Calls, settings: JdSettings, path: str, given: Mapping[str, str]) -> Grant:
    """``path`` and ``given`` name what is exchanged. Raises TokenRefused and RetryLater."""
    secret = settings.app_secret.get_secret_value()
    query = {"app_key": settings.app_key, "app_secret": secret, **given}
    secrets = (secret, given.get("code", ""), given.get("refresh_token", ""))
    request = Request(
        "oauth2.token", "GET", URL(f"{settings.consent_url}/oauth2/{path}").with_query(query), secrets=secrets
    )
    found = read(_Token, (await calls(request)).body)
    if not found.access_token:
        raise TokenRefused(found.code or "no_token", words(found.msg, secrets))
    return Grant(found.access_token, found.expires_in, found.refresh_token)
