"""What is left to do for a connector: where it posts, with what it signs, and what we post to it."""

from collections.abc import Hashable

from pydantic import BaseModel

from yizhan.channels.account_setup import Checked, Entry, Steps
from yizhan.channels.ecommerce.bridge.settings import BridgeSettings
from yizhan.channels.ecommerce.platform import CHANNEL
from yizhan.core.runtime.settings import CommonSettings


class BridgeSetup:
    """There is nobody to be asked but the connector, and it is asked nothing that is not a message."""

    def credentials(self, settings: BaseModel) -> Hashable:
        return _own(settings).callback_url

    async def check(self, settings: BaseModel, process: CommonSettings) -> Checked:  # noqa: ARG002 - nobody to ask
        own = _own(settings)
        if own.callback_url:
            return Checked()
        return Checked(found=("no callback_url: nothing can be sent to buyers / 没有 callback_url，无法向买家发消息",))

    def steps(self, account: str, settings: BaseModel, public_url: str) -> Steps:
        own = _own(settings)
        address = f"{public_url or 'https://<YIZHAN_PUBLIC_URL>'}/{CHANNEL}/{own.platform}/{account}"
        entries = (
            Entry("Events to (事件推送地址)", address),
            Entry("Secret (签名密钥)", own.secret.get_secret_value(), secret=True),
            Entry("We post to (消息回调地址)", own.callback_url or "-"),
        )
        return Steps("Enter in your connector (在您的连接器中填写), see docs/channels/bridge.md:", entries)


def _own(settings: BaseModel) -> BridgeSettings:
    if not isinstance(settings, BridgeSettings):
        raise TypeError("not the settings of a bridge")
    return settings
