"""What a business enters for a shop on this platform."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from yizhan.channels.ecommerce.order_settings import ApiUrl, Secret
from yizhan.channels.ecommerce.platform import ShopSettings


class TemplateSettings(ShopSettings):
    """``api_url``: another one for trying things out. ``previous_secret`` still proves pushes while it is changed."""

    platform: Literal["template"]
    shop_id: Annotated[str, Field(pattern=r"^[0-9]{1,20}$")]
    app_key: Annotated[str, Field(min_length=1, max_length=64)]
    app_secret: Secret
    previous_secret: SecretStr = SecretStr("")
    api_url: ApiUrl = "https://api.template.example.com"

    @property
    def push_secrets(self) -> tuple[str, ...]:
        """Those that may have signed a push, the present one first."""
        both = (self.app_secret.get_secret_value(), self.previous_secret.get_secret_value())
        return tuple(secret for secret in both if secret)
