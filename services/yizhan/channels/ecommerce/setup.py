"""Setting up a shop: what its platform's own set-up says, and the address at which we are to be told."""

from collections.abc import Hashable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, cast

from pydantic import BaseModel

from yizhan.channels.account_setup import AccountSetup, CannotConnect, Checked, Entry, Steps
from yizhan.channels.ecommerce.consent_state import ConsentState, state_of
from yizhan.channels.ecommerce.consent_steps import consent_entries
from yizhan.channels.ecommerce.consent_tickets import ConsentTickets, connect_url
from yizhan.channels.ecommerce.platform import CHANNEL, Consented, ShopSettings, Tools
from yizhan.channels.ecommerce.platforms import platform_kind
from yizhan.channels.ecommerce.settings import EcommerceAccountSettings
from yizhan.channels.store import grants
from yizhan.core.runtime.clock import now as the_time
from yizhan.core.runtime.settings import CommonSettings
from yizhan.core.security.tokens import signers
from yizhan.core.store.database import Database

_TO_DO = {
    ConsentState.MISSING: "the seller has not consented yet: run yizhan account connect {channel} {account} / 店铺尚未授权",
    ConsentState.OVER: "the consent is over, nothing can be sent: run yizhan account connect {channel} {account} / 授权已失效",
    ConsentState.ENDING: "the consent ends on {ends:%Y-%m-%d}: run yizhan account connect {channel} {account} / 授权即将到期",
}


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
        entries: tuple[Entry, ...] = (Entry("URL", f"{base}/{CHANNEL}/{own.platform}/{account}"),)
        if needs_consent(own.platform):
            entries += consent_entries(public_url, own.platform, account)
        return Steps(f"Enter at {name}:", entries)

    def connect_url(self, account: str, settings: BaseModel, process: CommonSettings) -> str:
        own, _ = _own(settings)
        if not needs_consent(own.platform):
            raise CannotConnect(f"{own.platform} asks for no consent: there is nothing to connect")
        if not process.public_url:
            raise CannotConnect(
                "YIZHAN_PUBLIC_URL is missing: the platform sends the seller back to it",
                "缺少 YIZHAN_PUBLIC_URL：平台授权后要跳转回这个地址",
            )
        ticket = ConsentTickets(signers(process.keyring, the_time)).ticket(own.platform, account)
        return connect_url(process.public_url, own.platform, account, ticket)

    async def concerns(self, database: Database, settings: Mapping[str, BaseModel], now: datetime) -> Mapping[str, str]:
        wanting = [account for account, model in settings.items() if needs_consent(_own(model)[0].platform)]
        rows = await grants.read_all(database, CHANNEL) if wanting else {}
        found: dict[str, str] = {}
        for account in wanting:
            row = rows.get(account)
            to_do = _TO_DO.get(state_of(row, now))
            if to_do is not None:
                found[account] = to_do.format(channel=CHANNEL, account=account, ends=row.ends_at if row else None)
        return found


@cache
def needs_consent(platform: str) -> bool:
    """Whether sellers consent on pages of the platform's. Opened without tools it does nothing but say what it is."""
    kind = platform_kind(platform)
    if kind is None:
        return False
    nothing: Any = None
    tools = Tools(nothing, nothing, nothing, nothing, nothing, the_time, cast(Any, None), "", nothing)
    return isinstance(kind.open(tools), Consented)


def _own(settings: BaseModel) -> tuple[ShopSettings, AccountSetup | None]:
    if not isinstance(settings, EcommerceAccountSettings):
        raise TypeError("not the settings of a shop")
    own = settings.root
    kind = platform_kind(own.platform)
    return own, kind.setup if kind else None
