"""What a business sets for a shop that its own connector joins to us."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from yizhan.channels.accounts import ACCOUNT_ID
from yizhan.channels.contract import Grant, Trigger, WindowRules
from yizhan.channels.ecommerce.platform import ShopSettings, loopback_origin
from yizhan.core.runtime.http.outbound import AddressRefused, Reach, check_outbound
from yizhan.core.security.webhook_signing import is_webhook_secret


def _secret(value: SecretStr) -> SecretStr:
    if not is_webhook_secret(value.get_secret_value()):
        raise ValueError("a secret is whsec_ and base64 of 24 to 64 bytes")
    return value


def _secret_or_none(value: SecretStr) -> SecretStr:
    return _secret(value) if value.get_secret_value() else value


def _callback(value: str) -> str:
    """Whether it may be called is looked at again with each call: here it is only whether it is an address."""
    if value and loopback_origin(value) is None:
        try:
            check_outbound(value, Reach.PRIVATE)
        except AddressRefused as error:
            raise ValueError("must be an https address") from error
    return value


def _host(value: str) -> str:
    return value.lower().rstrip(".")


Kind = Literal["image", "voice", "video", "file", "link", "location", "goods", "order", "logistics", "refund"]
Host = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$"), AfterValidator(_host)]


class WindowGrant(BaseModel):
    """So many messages within so many seconds of what the buyer did."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    messages: int = Field(ge=0, le=1000)
    seconds: int = Field(ge=1, le=30 * 86_400)


class BridgeSettings(ShopSettings):
    """``secret`` signs in both directions; ``previous_secret`` is still taken, and still signed with, while it is changed.

    ``callback_url``: where messages to buyers are posted; empty: the shop is only listened to. ``file_hosts``: where files
    of buyers may be fetched from, each with its subdomains. ``kinds``: what the connector can show besides text; the rest
    becomes text. ``menus``: it can show options to press. ``windows``: what the platform allows to send after what; empty:
    no such rules. ``orders``: another account of this channel, on whose platform this one's orders are looked up.
    """

    platform: Literal["bridge"]
    secret: Annotated[SecretStr, AfterValidator(_secret)]
    previous_secret: Annotated[SecretStr, AfterValidator(_secret_or_none)] = SecretStr("")
    callback_url: Annotated[str, Field(max_length=1000), AfterValidator(_callback)] = ""
    file_hosts: tuple[Host, ...] = Field((), max_length=50)
    kinds: tuple[Kind, ...] = ("image",)
    menus: bool = False
    max_text: int = Field(1000, ge=20, le=20_000)
    windows: Mapping[Trigger, WindowGrant] = Field(default_factory=dict)
    orders: str = Field("", pattern=rf"^(|{ACCOUNT_ID.pattern})$")

    @property
    def keys(self) -> tuple[str, ...]:
        """The secrets that are good now, the present one first."""
        both = (self.secret.get_secret_value(), self.previous_secret.get_secret_value())
        return tuple(key for key in both if key)

    @property
    def window_rules(self) -> WindowRules | None:
        """None: the business may write whenever it likes."""
        if not self.windows:
            return None
        return {trigger: Grant(own.messages, timedelta(seconds=own.seconds)) for trigger, own in self.windows.items()}
