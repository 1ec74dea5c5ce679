"""What a business sets for a shop on TikTok Shop."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from yizhan.channels.ecommerce.order_settings import ApiUrl, NoSecret, Secret
from yizhan.channels.ecommerce.platform import ShopSettings

API_URL = "https://open-api.tiktokglobalshop.com"
AUTH_URL = "https://auth.tiktok-shops.com"
CONSENT_URLS = {
    "us": "https://services.us.tiktokshop.com/open/authorize",
    "global": "https://services.tiktokshop.com/open/authorize",
}
"""Where the seller consents. A sample of the vendor's also shows services.tiktokshops.us for the United States."""

FILE_HOSTS = (
    "tiktokcdn.com",
    "tiktokcdn-us.com",
    "tiktokcdn-eu.com",
    "ibyteimg.com",
    "byteimg.com",
    "ibytedtos.com",
    "byteoversea.com",
    "tiktokshop.com",
    "tokopedia.net",
)
"""Where pictures and videos of buyers lie, each with its subdomains; memory, so a shop can name others."""


class TikTokSettings(ShopSettings):
    """``app_key``, ``app_secret`` and ``service_id`` are the app's, of Partner Center; ``region`` is the shop's.
    ``previous_app_secret`` is still good for pushes while the secret is changed.

    ``shop_id``: pushes of other shops are turned away, and of several shops that a seller consented for this one is served;
    empty where the app has one shop. ``api_url``, ``auth_url`` and ``consent_url`` are for trying things out.
    """

    platform: Literal["tiktok"]
    app_key: str = Field(pattern=r"^[0-9A-Za-z]{1,64}$")
    app_secret: Secret
    previous_app_secret: SecretStr = NoSecret
    service_id: str = Field("", pattern=r"^[0-9A-Za-z]{0,64}$")
    shop_id: str = Field("", pattern=r"^[0-9]{0,30}$")
    region: Literal["us", "global"] = "global"
    file_hosts: tuple[Annotated[str, Field(pattern=r"^[a-z0-9.-]{1,100}$")], ...] = FILE_HOSTS
    api_url: ApiUrl = API_URL
    auth_url: ApiUrl = AUTH_URL
    consent_url: ApiUrl | Literal[""] = ""

    @property
    def secret(self) -> str:
        return self.app_secret.get_secret_value()

    @property
    def secrets(self) -> tuple[str, ...]:
        """Those that a push may be signed with, the present one first."""
        both = (self.secret, self.previous_app_secret.get_secret_value())
        return tuple(secret for secret in both if secret)

    @property
    def consent(self) -> str:
        return self.consent_url or CONSENT_URLS[self.region]
