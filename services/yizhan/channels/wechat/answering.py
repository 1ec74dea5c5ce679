"""Replies in the answers to pushes of 公众号."""

import os
from collections.abc import Sequence

from yizhan.channels.contract import Answer, Call, CallRefused, Refusal, Refused, ReplySlot
from yizhan.channels.tokens import TokenManager
from yizhan.channels.wechat.crypto import Random
from yizhan.channels.wechat.inbound import Inbound, settings_of
from yizhan.channels.wechat.media import Uploads
from yizhan.channels.wechat.outgoing import reply_of
from yizhan.channels.wechat.replies import Ends, Out, answer_with, fitting, merged
from yizhan.core.messages.content import Menu, Text, media_of
from yizhan.core.messages.message import Message
from yizhan.core.runtime.clock import Clock


class Replying:
    """Makes answers that carry messages."""

    def __init__(
        self, inbound: Inbound, uploads: Uploads, tokens: TokenManager, *, clock: Clock, random: Random = os.urandom
    ) -> None:
        self._inbound = inbound
        self._uploads = uploads
        self._tokens = tokens
        self._clock = clock
        self._random = random

    def carries(self, message: Message) -> bool:
        """A menu with buttons goes by the API only."""
        return not isinstance(message.content, Menu) and reply_of(message) is not None

    def merged(self, messages: Sequence[Message]) -> int:
        """Texts go together as far as they fit, everything else goes by itself."""
        if not messages or not self.carries(messages[0]):
            return 0
        texts: list[str] = []
        for message in messages:
            if not isinstance(message.content, Text):
                break
            texts.append(message.content.text)
        return max(1, fitting(texts))

    async def answer(self, call: Call, slot: ReplySlot, messages: Sequence[Message]) -> Answer:
        """Raises a SendError when it cannot be made."""
        try:
            arrived = self._inbound.read(call)
        except CallRefused as error:
            raise Refused(error.code, "", Refusal.OTHER) from error
        texts = [message.content.text for message in messages if isinstance(message.content, Text)]
        if len(texts) == len(messages):
            out: Out = merged(texts)
        else:
            out = await self._single(slot.address.account, messages[0])
        settings, head = settings_of(arrived.account), arrived.push.head
        ends = Ends(head.sender, head.receiver)
        return answer_with(settings, arrived.opened, ends, out, self._clock(), self._random)

    async def _single(self, account: str, message: Message) -> Out:
        media_id = ""
        if media_of(message.content) is not None:
            media_id = await self._uploads.media_id(account, await self._tokens.get(account), message.content)
        out = reply_of(message, media_id=media_id)
        if out is None:
            raise Refused("no_form", type(message.content).__name__, Refusal.BAD_CONTENT)
        return out
