"""WeChat as a channel: 公众号, 小程序 and 微信客服 behind one interface; what kind an account is, its settings say."""

from collections.abc import Sequence

from aiohttp import web

from yizhan.channels.accounts import AccountBook
from yizhan.channels.contract import (
    Abilities,
    Answer,
    Call,
    Pulled,
    Push,
    Refusal,
    Refused,
    ReplySlot,
    Sent,
)
from yizhan.channels.tokens import TokenManager
from yizhan.channels.wechat.answering import Replying
from yizhan.channels.wechat.facts import CHANNEL
from yizhan.channels.wechat.inbound import Inbound, WechatAccount
from yizhan.channels.wechat.kf.desk import KfDesk
from yizhan.channels.wechat.outgoing import MINI, abilities_of
from yizhan.channels.wechat.sending import TICKET, PublicSending
from yizhan.channels.wechat.settings import KfSettings, MiniSettings, OfficialSettings, WechatAccountSettings
from yizhan.core.messages.address import Address
from yizhan.core.messages.message import Message

PATH = "/wechat/{account}"


class WechatChannel:
    """Both directions of every account."""

    def __init__(
        self,
        accounts: AccountBook[WechatAccountSettings],
        inbound: Inbound,
        replying: Replying,
        public: PublicSending,
        desk: KfDesk,
        tokens: TokenManager,
    ) -> None:
        self._accounts = accounts
        self._inbound = inbound
        self._replying = replying
        self._public = public
        self._desk = desk
        self._tokens = tokens

    @property
    def name(self) -> str:
        return CHANNEL

    def abilities(self, account: str) -> Abilities:
        found = self._accounts.get(account)
        if found is None:
            return MINI
        settings = found.settings.root
        return self._desk.abilities(settings) if isinstance(settings, KfSettings) else abilities_of(settings)

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        return ()

    # --- pushes ---

    def webhooks(self) -> Sequence[tuple[str, str]]:
        return (("GET", PATH), ("POST", PATH))

    async def receive(self, call: Call) -> Push:
        return await self._inbound.receive(call)

    def carries(self, message: Message) -> bool:
        return self._replying.carries(message)

    def merged(self, messages: Sequence[Message]) -> int:
        return self._replying.merged(messages)

    async def answer(self, call: Call, slot: ReplySlot, messages: Sequence[Message]) -> Answer:
        return await self._replying.answer(call, slot, messages)

    # --- messages to customers ---

    async def send(self, message: Message, part: int) -> Sent:
        account = self._account(message)
        settings = account.settings.root
        if isinstance(settings, KfSettings):
            return await self._desk.send(account.id, settings, message, part)
        return await self._public.send(account.id, settings, message)

    async def fall_back(self, message: Message, reason: str) -> str:  # noqa: ARG002 - every reason is served alike
        try:
            account = self._account(message)
        except Refused:
            return ""
        settings = account.settings.root
        if isinstance(settings, KfSettings):
            return TICKET if settings.on_window_closed == TICKET else ""
        return await self._public.fall_back(account, settings, message)

    async def renew(self, account: str, token: str) -> None:
        await self._tokens.renew(account, token)

    async def typing(self, address: Address) -> None:
        """Show the customer that an agent is typing, where the platform can. Raises a SendError."""
        account = self._accounts.get(address.account)
        settings = None if account is None else account.settings.root
        if isinstance(settings, MiniSettings) or (isinstance(settings, OfficialSettings) and settings.customer_service):
            await self._public.typing(address.account, address.customer)

    # --- what has to be asked for ---

    def sources(self) -> frozenset[str]:
        return self._desk.sources()

    async def pull(self, source: str) -> Pulled:
        return await self._desk.pull(source)

    def _account(self, message: Message) -> WechatAccount:
        account = self._accounts.get(message.address.account)
        if account is None:
            raise Refused("", "the account is gone or disabled", Refusal.ACCOUNT)
        return account
