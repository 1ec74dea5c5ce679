"""What a business sets for one of its shops on Taobao or Tmall."""

from typing import Literal

from pydantic import Field, SecretStr

from yizhan.channels.ecommerce.order_settings import ApiUrl, Key, NoSecret, Secret
from yizhan.channels.ecommerce.platform import ShopSettings


class TaobaoSettings(ShopSettings):
    """``session`` is a session key that the platform's console gives; without one the seller consents on its pages.

    ``buyer_as``: which of a trade's ids of the buyer the conversations have that look orders up here.
    """

    platform: Literal["taobao"]
    app_key: Key
    app_secret: Secret
    session: SecretStr = NoSecret
    sign_method: Literal["md5", "hmac", "hmac-sha256"] = "hmac-sha256"
    buyer_as: Literal["open_uid", "nick"] = "open_uid"
    api_url: ApiUrl = Field("https://gw.api.taobao.com/router/rest")
    consent_url: ApiUrl = Field("https://oauth.taobao.com")
