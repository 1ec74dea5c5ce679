"""What is left to do in TikTok Shop's Partner Center: where it pushes, what the app may do, and the seller's consent."""

from collections.abc import Hashable

from pydantic import BaseModel

from yizhan.channels.account_setup import Checked, Entry, Steps
from yizhan.channels.ecommerce.consent_steps import UNSET, consent_entries
from yizhan.channels.ecommerce.platform import CHANNEL
from yizhan.channels.ecommerce.tiktok.settings import TikTokSettings
from yizhan.core.runtime.settings import CommonSettings

WHERE = "Enter in TikTok Shop Partner Center > App & Service > your app (在 Partner Center 的应用中填写):"
THEN = (
    "Without the customer-service scope, which the partner's manager approves, every call is refused with 105005.",
    "没有客服权限（需客户经理审批）时，所有调用都会被拒绝：105005。",
)


class TikTokSetup:
    """The platform gives no answer to an app that no seller has consented for: what is wrong shows at the consent."""

    def credentials(self, settings: BaseModel) -> Hashable:
        own = _own(settings)
        return (own.app_key, own.secret)

    async def check(self, settings: BaseModel, process: CommonSettings) -> Checked:  # noqa: ARG002 - nobody to ask
        if _own(settings).service_id:
            return Checked()
        return Checked(found=("no service_id: the seller cannot consent / 没有 service_id，卖家无法授权",))

    def steps(self, account: str, settings: BaseModel, public_url: str) -> Steps:
        address = f"{public_url or UNSET}/{CHANNEL}/{_own(settings).platform}/{account}"
        entries = (
            Entry("Webhook: NEW_MESSAGE (14), NEW_CONVERSATION (13)", address),
            *consent_entries(public_url, "tiktok", account),
        )
        return Steps(WHERE, entries, THEN)


def _own(settings: BaseModel) -> TikTokSettings:
    if not isinstance(settings, TikTokSettings):
        raise TypeError("not the settings of a shop on TikTok Shop")
    return settings
