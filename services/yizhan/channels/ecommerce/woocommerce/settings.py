"""What a business sets for one of its shops that run on WooCommerce."""

from typing import Literal

from pydantic import SecretStr

from yizhan.channels.ecommerce.order_settings import ApiUrl, Key, NoSecret, Secret
from yizhan.channels.ecommerce.platform import ShopSettings


class WooCommerceSettings(ShopSettings):
    """``api_url`` is the shop's own address; the key needs to read only. ``webhook_secret``: of pushes, where there are any."""

    platform: Literal["woocommerce"]
    api_url: ApiUrl
    consumer_key: Key
    consumer_secret: Secret
    webhook_secret: SecretStr = NoSecret
