"""What a business sets for one shop on Lazada."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, StringConstraints

from yizhan.channels.ecommerce.lazada.facts import ANSWER_SECONDS, API, AUTH, FILE_HOSTS, UNANSWERED
from yizhan.channels.ecommerce.platform import ShopSettings

Url = Annotated[str, StringConstraints(pattern=r"^(https?://[^\s?#]+)?$", max_length=300)]
Host = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$", max_length=200)]
Code = Annotated[str, StringConstraints(pattern=r"^\S{1,64}$")]


def _there(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().strip():
        raise ValueError("must not be empty")
    return value


class LazadaSettings(ShopSettings):
    """One shop in one country, with the app that the seller authorised.

    ``previous_app_secret`` is still good for what is pushed while the secret is being changed. ``seller_id``: pushes about
    another seller are refused. ``unanswered_messages``: how many may be sent until the buyer writes. ``spent_codes``: what
    the platform answers when it counted more than we did; it publishes none. ``answer_seconds``: when a push is answered at
    the latest; less where the way to the platform is long. ``api_url`` and ``auth_url`` are for trying out.
    """

    platform: Literal["lazada"]
    country: Literal["sg", "th", "my", "vn", "ph", "id"]
    app_key: str = Field(pattern=r"^[0-9A-Za-z]{1,32}$")
    app_secret: Annotated[SecretStr, AfterValidator(_there)]
    previous_app_secret: SecretStr = SecretStr("")
    seller_id: str = Field("", pattern=r"^[0-9A-Za-z]{0,32}$")
    unanswered_messages: int = Field(UNANSWERED, ge=1, le=1000)
    spent_codes: tuple[Code, ...] = Field((), max_length=20)
    answer_seconds: float = Field(ANSWER_SECONDS, ge=0.05, le=20.0)
    file_hosts: tuple[Host, ...] = Field(FILE_HOSTS, max_length=20)
    api_url: Url = ""
    auth_url: Url = ""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What a push may be signed with, the present one first."""
        every = (self.app_secret.get_secret_value(), self.previous_app_secret.get_secret_value())
        return tuple(secret for secret in every if secret)

    @property
    def api(self) -> str:
        return (self.api_url or API[self.country]).rstrip("/")

    @property
    def auth(self) -> str:
        return (self.auth_url or AUTH).rstrip("/")
