"""What a business sets for a 微信小店."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from yizhan.channels.ecommerce.order_settings import ApiUrl, NoSecret, Secret
from yizhan.channels.ecommerce.platform import ShopSettings
from yizhan.channels.ecommerce.weixin_shop.crypto import keys_of, raw_key

API_URL = "https://api.weixin.qq.com"
FILE_HOSTS = ("qq.com", "qpic.cn", "qlogo.cn", "wechat.com", "myqcloud.com", "tencentcos.cn")
"""Where files of buyers lie, each with its subdomains; memory, so a shop can name others."""


def _aes_key(value: SecretStr) -> SecretStr:
    if value.get_secret_value():
        raw_key(value.get_secret_value())
    return value


AesKey = Annotated[SecretStr, AfterValidator(_aes_key)]


class WeixinShopSettings(ShopSettings):
    """``app_id`` and ``secret`` are the shop's own, ``token`` and ``aes_key`` are entered on both sides.

    ``previous_aes_key`` still opens pushes while the key is changed. ``api_url`` is for trying things out.
    """

    platform: Literal["weixin_shop"]
    app_id: str = Field(pattern=r"^wx[0-9A-Za-z]{4,62}$")
    secret: Secret
    token: Secret
    aes_key: Annotated[Secret, AfterValidator(_aes_key)]
    previous_aes_key: AesKey = NoSecret
    file_hosts: tuple[Annotated[str, Field(pattern=r"^[a-z0-9.-]{1,100}$")], ...] = FILE_HOSTS
    api_url: ApiUrl = API_URL

    @property
    def aes_keys(self) -> Sequence[str]:
        """Those that a push may be encrypted with, the present one first."""
        return keys_of(self.aes_key.get_secret_value(), self.previous_aes_key.get_secret_value())
