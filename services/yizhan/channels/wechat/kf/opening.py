"""Puts 微信客服 together."""

from yizhan.channels.accounts import AccountBook
from yizhan.channels.tokens import TokenManager
from yizhan.channels.turns import Turns
from yizhan.channels.wechat.calls import Calls
from yizhan.channels.wechat.downloads import Downloads
from yizhan.channels.wechat.figures import WechatFigures
from yizhan.channels.wechat.kf.customers import Customers
from yizhan.channels.wechat.kf.desk import KfDesk
from yizhan.channels.wechat.kf.names import CustomerNames
from yizhan.channels.wechat.kf.pull import KfFigures, KfPull
from yizhan.channels.wechat.kf.send import KfSend
from yizhan.channels.wechat.kf.sources import Sources
from yizhan.channels.wechat.kf.sync import Sync
from yizhan.channels.wechat.media import Uploads
from yizhan.channels.wechat.settings import WechatAccountSettings
from yizhan.core.runtime.core import Core


def desk_of(
    core: Core,
    accounts: AccountBook[WechatAccountSettings],
    calls: Calls,
    tokens: TokenManager,
    uploads: Uploads,
    downloads: Downloads,
    figures: WechatFigures,
) -> KfDesk:
    """The desk of every 微信客服 account of this process; its ``run`` is to be spawned, its ``close`` comes at the end."""
    sources = Sources(accounts, core.database, calls, tokens, core.clock)
    customers = Customers(core.database, core.clock)
    turns = Turns(core.database, core.clock, core.replica)
    pulling = KfPull(
        sources,
        turns,
        Sync(calls, tokens),
        customers,
        downloads,
        KfFigures(core.metrics, figures.not_fetched),
        clock=core.clock,
        new_id=core.new_id,
        names=CustomerNames(calls, tokens).names,
    )
    return KfDesk(sources, turns, pulling, KfSend(calls, tokens, uploads, customers, core.clock), customers)
