"""Calls of the platform's API, for the seller or for the app. Source: reference channels.md E.2."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from yarl import URL

from yizhan.channels.contract import Refusal, Refused, RetryLater, TokenExpired
from yizhan.channels.ecommerce.ebay.errors import meant
from yizhan.channels.ecommerce.ebay.facts import SCOPE_APP, TOKENS
from yizhan.channels.ecommerce.ebay.settings import EbaySettings
from yizhan.channels.ecommerce.platform import Calls, Request
from yizhan.core.runtime.clock import Clock

EARLY: Final = timedelta(minutes=5)
MOST_APP_TOKENS: Final = 100
_JSON = "application/json"


class Given(BaseModel):
    """What the token endpoint gives."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    access_token: str = Field(min_length=1)
    expires_in: float = Field(gt=0)
    refresh_token: str = ""
    refresh_token_expires_in: float | None = None


@dataclass(frozen=True, slots=True)
class _AppToken:
    token: str = field(repr=False)
    until: datetime


class Api:
    """Of all sellers. Tokens of apps, which are only good for keys of signatures, are remembered by each process."""

    def __init__(self, calls: Calls, clock: Clock) -> None:
        self._calls = calls
        self._clock = clock
        self._apps: dict[tuple[str, str], _AppToken] = {}

    async def get(
        self, settings: EbaySettings, what: str, path: str, token: str, query: Mapping[str, str] | None = None
    ) -> bytes:
        """Raises TokenExpired, Refused and RetryLater."""
        url = URL(settings.api + path).with_query(dict(query or {}))
        return await self._asked(Request(what, "GET", url, _headers(token), secrets=(token,)), token)

    async def post(self, settings: EbaySettings, what: str, path: str, token: str, body: Mapping[str, object]) -> bytes:
        """For calls that send. Raises a SendError."""
        try:
            data = orjson.dumps(body)
        except orjson.JSONEncodeError:  # half of a surrogate pair is no text
            raise Refused("", "", Refusal.BAD_CONTENT) from None
        headers = {**_headers(token), "Content-Type": _JSON}
        url = URL(settings.api + path)
        return await self._asked(Request(what, "POST", url, headers, data, sending=True, secrets=(token,)), token)

    async def tokens(self, settings: EbaySettings, form: Mapping[str, str], hidden: tuple[str, ...] = ()) -> Given:
        """Tokens for a code, for a renewal or for the app itself. Raises Refused and RetryLater."""
        secret = settings.client_secret.get_secret_value()
        basic = base64.b64encode(f"{settings.client_id}:{secret}".encode()).decode()
        headers = {
            "Authorization": f"Basic {basic}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": _JSON,
        }
        body = urlencode(form).encode()
        request = Request("tokens", "POST", URL(settings.api + TOKENS), headers, body, secrets=(secret, basic, *hidden))
        response = await self._calls(request)
        if not 200 <= response.status < 300:
            code = _oauth_error(response.body) or f"http_{response.status}"
            self._calls.refused("tokens", code if code in OAUTH_ERRORS else "other")
            raise Refused(code, "", Refusal.ACCOUNT)
        try:
            return Given.model_validate_json(response.body)
        except ValidationError:
            raise RetryLater from None

    async def as_app(self, settings: EbaySettings, what: str, path: str) -> bytes:
        """GET with the app's own token. Raises Refused and RetryLater."""
        key = (settings.api, settings.client_id)
        for _ in range(2):
            token = await self._app_token(settings, key)
            try:
                return await self.get(settings, what, path, token)
            except TokenExpired:
                self._apps.pop(key, None)
        raise RetryLater(30.0)

    async def _app_token(self, settings: EbaySettings, key: tuple[str, str]) -> str:
        known = self._apps.get(key)
        if known is not None and self._clock() < known.until:
            return known.token
        given = await self.tokens(settings, {"grant_type": "client_credentials", "scope": SCOPE_APP})
        if len(self._apps) >= MOST_APP_TOKENS:
            self._apps.clear()
        until = self._clock() + timedelta(seconds=given.expires_in) - EARLY
        self._apps[key] = _AppToken(given.access_token, until)
        return given.access_token

    async def _asked(self, request: Request, token: str) -> bytes:
        response = await self._calls(request)
        if 200 <= response.status < 300:
            return response.body
        error, label = meant(response.status, response.body, token=token, secrets=request.secrets)
        self._calls.refused(request.what, label)
        raise error


OAUTH_ERRORS: Final = frozenset(
    {"invalid_grant", "invalid_client", "invalid_request", "invalid_scope", "unauthorized_client", "server_error"}
)
"""RFC 6749."""


class _OauthError(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    error: str = Field("", max_length=64)


def _oauth_error(body: bytes) -> str:
    try:
        return _OauthError.model_validate_json(body).error
    except ValidationError:
        return ""


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Accept": _JSON}
