"""What a business sets for one seller's account on eBay."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, StringConstraints

from yizhan.channels.ecommerce.ebay.facts import API, AUTH, FILE_HOSTS
from yizhan.channels.ecommerce.platform import ShopSettings

Url = Annotated[str, StringConstraints(pattern=r"^(https?://[^\s?#]+)?$", max_length=300)]
Host = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$", max_length=200)]

_VERIFICATION = re.compile(r"[A-Za-z0-9_-]{32,80}")


def _there(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().strip():
        raise ValueError("must not be empty")
    return value


def _verification(value: SecretStr) -> SecretStr:
    if not _VERIFICATION.fullmatch(value.get_secret_value()):
        raise ValueError("a verification token has 32 to 80 letters, digits, _ or -")
    return value


class EbaySettings(ShopSettings):
    """One seller, with the keyset of the app that they consented to.

    ``seller`` is their user name and ``seller_user_id`` the id that never changes, which stands in its place for some;
    both are needed to know their messages from buyers'. ``ru_name`` names, at the platform, where the seller comes back
    to. ``endpoint``: the address registered for notifications, where it is another than our own. ``poll_minutes``: how
    often conversations are looked through for what was not pushed, 0 for never. ``api_url`` and ``auth_url`` are for
    trying out.
    """

    platform: Literal["ebay"]
    environment: Literal["production", "sandbox"] = "production"
    client_id: str = Field(pattern=r"^\S{1,200}$")
    client_secret: Annotated[SecretStr, AfterValidator(_there)]
    ru_name: str = Field(pattern=r"^\S{1,200}$")
    verification_token: Annotated[SecretStr, AfterValidator(_verification)]
    seller: str = Field(pattern=r"^\S{1,100}$")
    seller_user_id: str = Field("", pattern=r"^\S{0,100}$")
    endpoint: str = Field("", pattern=r"^(https://\S+)?$", max_length=500)
    poll_minutes: int = Field(5, ge=0, le=1440)
    file_hosts: tuple[Host, ...] = Field(FILE_HOSTS, max_length=20)
    api_url: Url = ""
    auth_url: Url = ""

    @property
    def api(self) -> str:
        return (self.api_url or API[self.environment]).rstrip("/")

    @property
    def auth(self) -> str:
        return (self.auth_url or AUTH[self.environment]).rstrip("/")

    def is_seller(self, name: str) -> bool:
        """Whether a user of this name or id is the seller."""
        own = {self.seller.lower(), self.seller_user_id.lower()} - {""}
        return name.lower() in own
