"""A platform that lets nobody chat with its buyers from outside: it looks orders up, and its chat comes over a bridge."""

from typing import Generic

from yizhan.channels.accounts import Account
from yizhan.channels.contract import Abilities, Call, CallRefused, Push, Refusal, Refused, Sent
from yizhan.channels.ecommerce.platform import SettingsT
from yizhan.core.messages.content import Text
from yizhan.core.messages.message import Message

NO_CHAT = "no_chat"


class WithoutChat(Generic[SettingsT]):
    """The chat's part of ``Platform`` where there is none."""

    def abilities(self, settings: SettingsT) -> Abilities:  # noqa: ARG002 - the same for all
        return Abilities(kinds=frozenset({Text}))

    async def receive(self, shop: Account[SettingsT], call: Call) -> Push:  # noqa: ARG002 - none is taken
        raise CallRefused(404, "no_pushes")

    async def send(
        self,
        shop: Account[SettingsT],  # noqa: ARG002 - nothing is sent
        message: Message,  # noqa: ARG002
        part: int,  # noqa: ARG002
    ) -> Sent:
        raise Refused(NO_CHAT, "this platform has no chat that can be reached from outside", Refusal.NOT_PERMITTED)
