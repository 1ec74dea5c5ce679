"""What a business sets for a shop on Shopee. The partner's id and key are the business's own: the platform gives chat to nobody else."""

from typing import Annotated, Final, Literal

from pydantic import Field, SecretStr

from yizhan.channels.ecommerce.order_settings import ApiUrl, NoSecret, Secret
from yizhan.channels.ecommerce.platform import ShopSettings

HOSTS: Final = {
    "sea": "https://partner.shopeemobile.com",
    "cn": "https://openplatform.shopee.cn",
    "br": "https://openplatform.shopee.com.br",
    "sandbox": "https://openplatform.sandbox.test-stable.shopee.sg",
    "sandbox_cn": "https://openplatform.sandbox.test-stable.shopee.cn",
}
"""South-East Asia and others, cross-border from China, Brazil, and two to try things out."""

DOMAINS: Final = {
    "SG": "shopee.sg",
    "MY": "shopee.com.my",
    "TH": "shopee.co.th",
    "VN": "shopee.vn",
    "PH": "shopee.ph",
    "ID": "shopee.co.id",
    "TW": "shopee.tw",
    "BR": "shopee.com.br",
    "MX": "shopee.com.mx",
    "CO": "shopee.com.co",
    "CL": "shopee.cl",
}
"""By region; files of a region lie at ``cf.`` of it. Of the reference's form, the list from memory."""

FILE_HOSTS: Final = (*DOMAINS.values(), "susercontent.com", "shopeemobile.com")
"""Where pictures and videos of buyers lie, each with its subdomains; memory, so a shop can name others."""

CANNOT_SEND: Final = frozenset({"TW"})
"""Regions whose shops cannot send by the API, as public clients say."""


class ShopeeSettings(ShopSettings):
    """``partner_id`` and ``partner_key`` are the app's, of the Open Platform's console; ``region`` is the shop's market.
    ``previous_partner_key`` is still good for pushes while the key is changed.

    ``push_address``: as it is registered at the platform, where that is not this deployment's own address of the account: the
    pushes' signatures cover it. ``lost_pushes``: ask for pushes that did not get through; for an app with one shop.
    ``api_url`` is for trying things out.
    """

    platform: Literal["shopee"]
    partner_id: str = Field(pattern=r"^[0-9]{1,20}$")
    partner_key: Secret
    previous_partner_key: SecretStr = NoSecret
    shop_id: str = Field(pattern=r"^[0-9]{1,20}$")
    region: Literal["SG", "MY", "TH", "VN", "PH", "ID", "TW", "BR", "MX", "CO", "CL"]
    host: Literal["sea", "cn", "br", "sandbox", "sandbox_cn"] = "sea"
    push_address: str = Field("", max_length=300, pattern=r"^(https?://\S+)?$")
    lost_pushes: bool = True
    file_hosts: tuple[Annotated[str, Field(pattern=r"^[a-z0-9.-]{1,100}$")], ...] = FILE_HOSTS
    api_url: ApiUrl | Literal[""] = ""

    @property
    def key(self) -> str:
        return self.partner_key.get_secret_value()

    @property
    def keys(self) -> tuple[str, ...]:
        """Those that a push may be signed with, the present one first."""
        return tuple(key for key in (self.key, self.previous_partner_key.get_secret_value()) if key)

    @property
    def api(self) -> str:
        """Where calls go, without a slash at the end."""
        return self.api_url or HOSTS[self.host]
