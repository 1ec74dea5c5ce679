"""What a business sets for one of its shops on Shopify."""

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from yizhan.channels.ecommerce.order_settings import ApiUrl, Key, NoSecret
from yizhan.channels.ecommerce.platform import ShopSettings


class ShopifySettings(ShopSettings):
    """``shop`` is the part before .myshopify.com. Either ``access_token`` (an app that was made in the shop's admin), or
    ``client_id`` and ``client_secret`` (an app of the developer dashboard, by the client credentials grant).

    Pushes are signed with ``client_secret``; ``previous_client_secret`` is good too, for the hour after a rotation.
    """

    platform: Literal["shopify"]
    shop: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    access_token: SecretStr = NoSecret
    client_id: Key | Literal[""] = ""
    client_secret: SecretStr = NoSecret
    previous_client_secret: SecretStr = NoSecret
    api_version: str = Field("2026-01", pattern=r"^(20[0-9]{2}-[0-9]{2}|unstable)$")
    api_url: ApiUrl | Literal[""] = ""

    @model_validator(mode="after")
    def _has_a_token(self) -> Self:
        if not self.access_token.get_secret_value() and not (self.client_id and self.client_secret.get_secret_value()):
            raise ValueError("needs access_token, or client_id and client_secret")
        return self

    @property
    def domain(self) -> str:
        return f"{self.shop}.myshopify.com"

    @property
    def base_url(self) -> str:
        return self.api_url or f"https://{self.domain}"

    @property
    def push_secrets(self) -> tuple[str, ...]:
        """Those that a push may be signed with, the present one first."""
        both = (self.client_secret.get_secret_value(), self.previous_client_secret.get_secret_value())
        return tuple(one for one in both if one)
