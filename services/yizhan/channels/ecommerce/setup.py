"""Setting up a shop: what its platform's own set-up says, and the address at which we are to be told."""

from collections.abc import Hashable

from pydantic import BaseModel

from yizhan.channels.account_setup import AccountSetup, Checked, Entry, Steps
from yizhan.channels.ecommerce.platform import CHANNEL, ShopSettings
from yizhan.channels.ecommerce.platforms import platform_kind
from yizhan.channels.ecommerce.settings import EcommerceAccountSettings
from yizhan.core.runtime.settings import CommonSettings


class ShopSetup:
    """Every platform: those without a set-up of their own cannot be asked anything."""

    def credentials(self, settings: BaseModel) -> Hashable:
        own, setup = _own(settings)
        return setup.credentials(own) if setup else own.platform

    async def check(self, settings: BaseModel, process: CommonSettings) -> Checked:
        own, setup = _own(settings)
        return await setup.check(own, process) if setup else Checked()

    def steps(self, account: str, settings: BaseModel, public_url: str) -> Steps:
        own, setup = _own(settings)
        if setup:
            return setup.steps(account, own, public_url)
        base = public_url or "https://<YIZHAN_PUBLIC_URL>"
        kind = platform_kind(own.platform)
        name = " / ".join(kind.name) if kind else own.platform
        return Steps(f"Enter at {name}:", (Entry("URL", f"{base}/{CHANNEL}/{own.platform}/{account}"),))


def _own(settings: BaseModel) -> tuple[ShopSettings, AccountSetup | None]:
    if not isinstance(settings, EcommerceAccountSettings):
        raise TypeError("not the settings of a shop")
    own = settings.root
    kind = platform_kind(own.platform)
    return own, kind.setup if kind else None
