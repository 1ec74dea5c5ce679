"""What is left to do in Shopee's Open Platform: where it pushes, and the seller's consent."""

from collections.abc import Hashable

from pydantic import BaseModel

from yizhan.channels.account_setup import Checked, Entry, Steps
from yizhan.channels.ecommerce.consent_steps import UNSET, consent_entries
from yizhan.channels.ecommerce.platform import CHANNEL
from yizhan.channels.ecommerce.shopee.settings import CANNOT_SEND, ShopeeSettings
from yizhan.core.runtime.settings import CommonSettings

WHERE = "Enter in Shopee Open Platform > App Management > your app (在 Shopee Open Platform 的应用中填写):"
THEN = (
    "The signature of a push covers this address letter by letter: enter it as it stands here, or set push_address.",
    "推送签名包含此地址，必须逐字一致；若填写了其他地址，请设置 push_address。",
)


class ShopeeSetup:
    """The platform gives no answer to an app that no seller has consented for: what is wrong shows at the consent."""

    def credentials(self, settings: BaseModel) -> Hashable:
        own = _own(settings)
        return (own.partner_id, own.key, own.shop_id)

    async def check(self, settings: BaseModel, process: CommonSettings) -> Checked:  # noqa: ARG002 - nobody to ask
        if _own(settings).region not in CANNOT_SEND:
            return Checked()
        return Checked(found=("shops of this market cannot send by the API / 该站点的店铺不能通过 API 发送消息",))

    def steps(self, account: str, settings: BaseModel, public_url: str) -> Steps:
        own = _own(settings)
        address = own.push_address or f"{public_url or UNSET}/{CHANNEL}/{own.platform}/{account}"
        entries = (
            Entry("Push URL (推送地址), with webchat_push (code 10)", address),
            *consent_entries(public_url, "shopee", account),
        )
        return Steps(WHERE, entries, THEN)


def _own(settings: BaseModel) -> ShopeeSettings:
    if not isinstance(settings, ShopeeSettings):
        raise TypeError("not the settings of a shop on Shopee")
    return settings
