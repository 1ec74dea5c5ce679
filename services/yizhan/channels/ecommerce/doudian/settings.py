"""What a business sets for one of its shops on Douyin."""

from typing import Literal

from pydantic import Field

from yizhan.channels.ecommerce.order_settings import ApiUrl, Key, Secret
from yizhan.channels.ecommerce.platform import ShopSettings


class DoudianSettings(ShopSettings):
    """An app of the seller's own: its tokens are had for ``shop_id`` (``authorization_self``)."""

    platform: Literal["doudian"]
    app_key: Key
    app_secret: Secret
    shop_id: str = Field(pattern=r"^[0-9]{1,20}$")
    api_url: ApiUrl = Field("https://openapi-fxg.jinritemai.com")
