"""What a business sets for one of its shops on JD."""

from typing import Literal

from pydantic import Field, SecretStr

from yizhan.channels.ecommerce.order_settings import ApiUrl, Key, NoSecret, Secret
from yizhan.channels.ecommerce.platform import ShopSettings


class JdSettings(ShopSettings):
    """``access_token``: one that the platform's console gives; without one the seller consents on its pages.

    ``buyer_as``: which of an order's ids of the buyer the conversations have that look orders up here.
    """

    platform: Literal["jd"]
    app_key: Key
    app_secret: Secret
    access_token: SecretStr = NoSecret
    buyer_as: Literal["open_id", "pin"] = "open_id"
    api_url: ApiUrl = Field("https://api.jd.com/routerjson")
    consent_url: ApiUrl = Field("https://open-oauth.jd.com")
