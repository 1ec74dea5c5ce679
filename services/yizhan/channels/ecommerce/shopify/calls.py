"""Calls of Shopify's Admin API, and what they answer (reference E.6 and the vendor's documentation)."""

from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import Field
from yarl import URL

from yizhan.channels.ecommerce.order_answers import Many, Model, Part, Text, read
from yizhan.channels.ecommerce.order_errors import Told, known, meant, words
from yizhan.channels.ecommerce.platform import Calls, Request
from yizhan.channels.ecommerce.shopify.errors import SHOPIFY
from yizhan.channels.ecommerce.shopify.settings import ShopifySettings
from yizhan.channels.tokens import Fetched, TokenRefused

JSON = {"content-type": "application/json", "accept": "application/json"}


class _Extensions(Part):
    code: Text = ""


class _Error(Part):
    message: Text = ""
    extensions: _Extensions = Field(default_factory=_Extensions)


class _Failed(Part):
    errors: Many[_Error] = ()


class _Token(Part):
    access_token: Text = ""
    expires_in: float = 0


@dataclass(frozen=True, slots=True)
class ShopifyCalls:
    calls: Calls

    async def query(
        self, settings: ShopifySettings, token: str, query: str, variables: dict[str, Any], model: type[Model]
    ) -> Model:
        """Raises RetryLater, Refused and TokenExpired."""
        url = URL(f"{settings.base_url}/admin/api/{settings.api_version}/graphql.json")
        body = orjson.dumps({"query": query, "variables": variables})
        headers = {**JSON, "x-shopify-access-token": token}
        answer = await self.calls(Request("orders", "POST", url, headers, body, secrets=(token,)))
        if answer.status != 200:
            raise self._refusal("orders", str(answer.status), "", token)
        errors = read(_Failed, answer.body).errors
        if errors:
            code = errors[0].extensions.code or "GRAPHQL"
            raise self._refusal("orders", code, words(errors[0].message, (token,)), token)
        return read(model, answer.body)

    async def token(self, settings: ShopifySettings) -> Fetched:
        """By the client credentials grant; such a token lives a day. Raises TokenRefused and RetryLater."""
        secret = settings.client_secret.get_secret_value()
        given = {"client_id": settings.client_id, "client_secret": secret, "grant_type": "client_credentials"}
        url = URL(f"{settings.base_url}/admin/oauth/access_token")
        answer = await self.calls(Request("token", "POST", url, JSON, orjson.dumps(given), secrets=(secret,)))
        if answer.status != 200:
            self.calls.refused("token", known(str(answer.status), SHOPIFY))
            raise TokenRefused(str(answer.status))
        found = read(_Token, answer.body)
        if not found.access_token:
            raise TokenRefused("no_token")
        return Fetched(found.access_token, found.expires_in)

    def _refusal(self, what: str, code: str, said: str, token: str) -> Exception:
        self.calls.refused(what, known(code, SHOPIFY))
        return meant(Told(code, said, token), SHOPIFY)
