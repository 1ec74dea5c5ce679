"""What is left to do in 微信小店's console: the desk's mode and where it pushes."""

from collections.abc import Hashable

from pydantic import BaseModel

from yizhan.channels.account_setup import Checked, Entry, Steps
from yizhan.channels.ecommerce.consent_steps import UNSET
from yizhan.channels.ecommerce.platform import CHANNEL
from yizhan.channels.ecommerce.weixin_shop.settings import WeixinShopSettings
from yizhan.core.runtime.settings import CommonSettings

WHERE = "Enter in 微信小店 (channels.weixin.qq.com/shop) > 服务市场/自研 > 消息推送:"
THEN = (
    "Put this machine's outgoing address on the shop's IP whitelist there (45035 and 61004 mean that it is missing).",
    "请先将本机出口 IP 加入小店的 IP 白名单（缺少时报 45035 或 61004）。",
    "Last of all switch 店铺管理 > 客服管理 > 客服设置 to 自研客服: from then on what is not taken here is lost to the desk.",
    "最后将“店铺管理 > 客服管理 > 客服设置”切换为自研客服：切换后买家消息只推送到这里。",
)


class WeixinShopSetup:
    """The token's first fetch shows whether id, secret and whitelist are right."""

    def credentials(self, settings: BaseModel) -> Hashable:
        own = _own(settings)
        return (own.app_id, own.secret.get_secret_value())

    async def check(self, settings: BaseModel, process: CommonSettings) -> Checked:  # noqa: ARG002 - asked at the first token
        _own(settings)
        return Checked()

    def steps(self, account: str, settings: BaseModel, public_url: str) -> Steps:
        own = _own(settings)
        entries = (
            Entry("URL", f"{public_url or UNSET}/{CHANNEL}/{own.platform}/{account}"),
            Entry("Token", own.token.get_secret_value(), secret=True),
            Entry("EncodingAESKey", own.aes_key.get_secret_value(), secret=True),
            Entry("加密方式 (mode)", "安全模式 (safe mode)"),
            Entry("数据格式 (format)", "JSON"),
        )
        return Steps(WHERE, entries, THEN)


def _own(settings: BaseModel) -> WeixinShopSettings:
    if not isinstance(settings, WeixinShopSettings):
        raise TypeError("not the settings of a 微信小店")
    return settings
