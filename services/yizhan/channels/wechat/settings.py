"""What a business sets for one of its WeChat accounts, of which there are three kinds."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Discriminator, Field, RootModel, SecretStr, Tag, model_validator

from yizhan.channels.contract import Grant, Trigger, WindowRules
from yizhan.channels.wechat.setting_values import (
    AesKey,
    AppId,
    CardSettings,
    CorpId,
    GrantSettings,
    Secret,
    Strict,
    SubscribeNotice,
    TemplateNotice,
    Token,
)

AFTER_MESSAGE = Grant(5, timedelta(hours=48))
AT_ONCE = timedelta(minutes=1)

OFFICIAL_WINDOWS: WindowRules = {
    Trigger.MESSAGE: AFTER_MESSAGE,
    Trigger.MENU: Grant(3, AT_ONCE),
    Trigger.SUBSCRIBE: Grant(3, AT_ONCE),
    Trigger.SCAN: Grant(3, AT_ONCE),
}
"""In force since the summer of 2023 (reference A.8); changed before, so an account can set its own."""

MINI_WINDOWS: WindowRules = {Trigger.MESSAGE: AFTER_MESSAGE, Trigger.ENTER: Grant(2, AT_ONCE)}
"""Reference B. Older accounts were told of one message after entering."""

KF_WINDOWS: WindowRules = {Trigger.MESSAGE: AFTER_MESSAGE}
"""Reference C.3. What follows an event there is answered with that event's code and counted by nobody."""


class _Account(Strict):
    """What all kinds have. ``previous_aes_key`` is still good for reading (and answering) what was encrypted with it."""

    secret: Secret
    token: Token
    aes_key: AesKey = SecretStr("")
    previous_aes_key: AesKey = SecretStr("")
    timestamp_tolerance_seconds: int = Field(600, ge=30, le=86_400)
    menus: bool = True
    windows: Mapping[Trigger, GrantSettings] = Field(default_factory=dict)

    @property
    def aes_keys(self) -> tuple[str, ...]:
        """The keys that a push may be encrypted with, the present one first."""
        keys = (self.aes_key.get_secret_value(), self.previous_aes_key.get_secret_value())
        return tuple(key for key in keys if key)

    def _rules(self, table: WindowRules) -> WindowRules:
        changed = {
            trigger: Grant(own.messages, timedelta(seconds=own.seconds)) for trigger, own in self.windows.items()
        }
        return {**table, **changed}


class _PublicAccount(_Account):
    """What official accounts and mini programs share.

    ``require_encryption`` refuses pushes in clear, whose signature does not cover what they say; set it once the console is
    in safe mode. ``original_id`` (gh_…): pushes to another one are refused.
    """

    app_id: AppId
    original_id: str = Field("", pattern=r"^(gh_[0-9A-Za-z]{1,64})?$")
    require_encryption: bool = False
    subscribe: SubscribeNotice | None = None
    card: CardSettings | None = None

    @property
    def receive_id(self) -> str:
        """What every decrypted push ends with."""
        return self.app_id

    @model_validator(mode="after")
    def _can_decrypt(self) -> Self:
        if self.require_encryption and not self.aes_keys:
            raise ValueError("require_encryption needs an aes_key")
        return self


class OfficialSettings(_PublicAccount):
    """公众号. ``customer_service`` False: the account may not call the customer-service API and answers inside pushes alone.

    ``menu_keys``: what the customer is taken to have written who touches the menu entry with that key (``{result}``: what
    their scan read); other entries only open the window. ``recognised_voice``: whether a voice message that WeChat has
    put into words is taken as those words, so that the assistant can answer, or as the recording.
    """

    kind: Literal["official"]
    customer_service: bool = True
    template: TemplateNotice | None = None
    on_window_closed: Literal["queue", "template", "ticket"] = "queue"
    menu_keys: Mapping[str, Annotated[str, Field(min_length=1, max_length=500)]] = Field(default_factory=dict)
    recognised_voice: Literal["text", "voice"] = "text"

    @property
    def window_rules(self) -> WindowRules:
        """What the platform allows after which trigger, with the account's own figures."""
        return self._rules(OFFICIAL_WINDOWS)

    @model_validator(mode="after")
    def _has_a_notice(self) -> Self:
        if self.on_window_closed == "template" and self.template is None and self.subscribe is None:
            raise ValueError("on_window_closed = template needs a template or subscribe notice")
        return self


class MiniSettings(_PublicAccount):
    """小程序: its customer-service messages."""

    kind: Literal["mini"]
    on_window_closed: Literal["queue", "template", "ticket"] = "queue"

    @property
    def window_rules(self) -> WindowRules:
        """What the platform allows after which trigger, with the account's own figures."""
        return self._rules(MINI_WINDOWS)

    @model_validator(mode="after")
    def _has_a_notice(self) -> Self:
        if self.on_window_closed == "template" and self.subscribe is None:
            raise ValueError("on_window_closed = template needs a subscribe notice")
        return self


class KfSettings(_Account):
    """微信客服. ``open_kfids``: those served here; none named: every one of the company.

    ``take_over``: the platform is told at a customer's first message that we serve them; otherwise it may hand them to
    servicers of its own accord.
    """

    kind: Literal["kf"]
    corp_id: CorpId
    open_kfids: tuple[Annotated[str, Field(pattern=r"^\S{1,64}$")], ...] = ()
    take_over: bool = True
    on_window_closed: Literal["queue", "ticket"] = "queue"

    @property
    def receive_id(self) -> str:
        """What every decrypted push ends with."""
        return self.corp_id

    @property
    def window_rules(self) -> WindowRules:
        """What the platform allows after which trigger, with the account's own figures."""
        return self._rules(KF_WINDOWS)

    @model_validator(mode="after")
    def _can_decrypt(self) -> Self:
        if not self.aes_key.get_secret_value():
            raise ValueError("aes_key: WeCom encrypts every push")
        return self


def _kind(value: Any) -> Any:
    return value.get("kind") if isinstance(value, Mapping) else getattr(value, "kind", None)


AnyAccount = Annotated[
    Annotated[OfficialSettings, Tag("official")]
    | Annotated[MiniSettings, Tag("mini")]
    | Annotated[KfSettings, Tag("kf")],
    Discriminator(_kind, custom_error_type="kind", custom_error_message="kind is one of official, mini, kf"),
]


class WechatAccountSettings(RootModel[AnyAccount]):
    """The settings of one account of this channel, of whatever kind; ``root`` is that kind."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)
