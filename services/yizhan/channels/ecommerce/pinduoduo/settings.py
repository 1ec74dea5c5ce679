"""What a business sets for one of its shops on Pinduoduo."""

from typing import Literal

from pydantic import Field, SecretStr

from yizhan.channels.ecommerce.order_settings import ApiUrl, Key, NoSecret, Secret
from yizhan.channels.ecommerce.platform import ShopSettings


class PinduoduoSettings(ShopSettings):
    """``access_token``: one that was had elsewhere; without one the seller consents on the platform's pages."""

    platform: Literal["pinduoduo"]
    client_id: Key
    client_secret: Secret
    access_token: SecretStr = NoSecret
    api_url: ApiUrl = Field("https://gw-api.pinduoduo.com/api/router")
    consent_url: ApiUrl = Field("https://fuwu.pinduoduo.com/service-market/auth")
