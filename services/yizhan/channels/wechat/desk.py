"""微信客服 behind one door."""

from yizhan.channels.accounts import AccountBook
from yizhan.channels.contract import Abilities, Pulled, Refused, Sent
from yizhan.channels.tokens import TokenManager
from yizhan.channels.wechat.calls import Calls
from yizhan.channels.wechat.downloads import Downloads
from yizhan.channels.wechat.events import KfHint
from yizhan.channels.wechat.media import Uploads
from yizhan.channels.wechat.outgoing import MINI
from yizhan.channels.wechat.settings import KfSettings, WechatAccountSettings
from yizhan.core.messages.message import Message
from yizhan.core.runtime.core import Core


class KfDesk:
    def __init__(self, accounts: AccountBook[WechatAccountSettings], calls: Calls, tokens: TokenManager, uploads: Uploads, downloads: Downloads, core: Core) -> None:
        pass

    def abilities(self, settings: KfSettings) -> Abilities:
        return MINI

    async def send(self, account: str, settings: KfSettings, message: Message, part: int) -> Sent:
        raise Refused("", "")

    def sources(self) -> frozenset[str]:
        return frozenset()

    async def pull(self, source: str) -> Pulled:
        return Pulled()

    async def hinted(self, account: str, hint: KfHint) -> None:
        return None
