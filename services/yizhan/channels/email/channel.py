"""E-mail as a channel: mailboxes are read, and answered from."""

from collections.abc import Sequence

from aiohttp import web

from yizhan.channels.accounts import AccountBook
from yizhan.channels.contract import Abilities, Pulled, Refusal, Refused, Sent
from yizhan.channels.email.desk import CHANNEL
from yizhan.channels.email.intake import Intake
from yizhan.channels.email.sending import Sending
from yizhan.channels.email.settings import EmailAccountSettings
from yizhan.channels.tokens import TokenManager
from yizhan.core.messages.message import Message


class EmailChannel:
    """Both directions of every mailbox."""

    def __init__(
        self,
        accounts: AccountBook[EmailAccountSettings],
        intake: Intake,
        sending: Sending,
        tokens: TokenManager,
        abilities: Abilities,
    ) -> None:
        self._accounts = accounts
        self._intake = intake
        self._sending = sending
        self._tokens = tokens
        self._abilities = abilities

    @property
    def name(self) -> str:
        return CHANNEL

    def abilities(self, account: str) -> Abilities:  # noqa: ARG002 - mail is mail, whoever carries it
        return self._abilities

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        return ()

    async def send(self, message: Message, part: int) -> Sent:
        account = self._accounts.get(message.address.account)
        if account is None:
            raise Refused("", "the account is gone or disabled", Refusal.ACCOUNT)
        return await self._sending.send(account, message, part)

    async def renew(self, account: str, token: str) -> None:
        await self._tokens.renew(account, token)

    def sources(self) -> frozenset[str]:
        return self._intake.sources()

    async def pull(self, source: str) -> Pulled:
        return await self._intake.pull(source)
