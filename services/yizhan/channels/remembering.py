"""What customers do, noted before it goes on the bus: it opens windows, and answers menus."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from yizhan.channels.contract import (
    Abilities,
    Fact,
    InboundGone,
    InboundMessage,
    InboundTrigger,
)
from yizhan.channels.memory import Memory
from yizhan.core.messages.message import AuthorKind, ReplyWindow

AbilitiesOf = Callable[[str], Abilities]
"""The abilities of an account."""


async def remembered(memory: Memory, abilities: AbilitiesOf, facts: Sequence[Fact]) -> list[Fact]:
    """The facts as they go on: messages with what may be sent after them, and with the option that they choose.

    Raises StoreError; noting the same facts again does no harm.
    """
    return list(await asyncio.gather(*(_one(memory, abilities, fact) for fact in facts)))


async def _one(memory: Memory, abilities: AbilitiesOf, fact: Fact) -> Fact:
    match fact:
        case InboundMessage(message) if message.author.kind is AuthorKind.CUSTOMER:
            return await _message(memory, abilities(message.address.account), fact)
        case InboundTrigger(address, trigger, at):
            rules = abilities(address.account).window
            if rules is not None:
                return replace(fact, window=await memory.windows.opened(address.key(), trigger, at, rules))
        case InboundGone(address):
            await memory.windows.close(address.key())
            rules = abilities(address.account).window
            if rules is not None:
                return replace(fact, window=await memory.windows.window(address.key(), rules))
    return fact


async def _message(memory: Memory, able: Abilities, fact: InboundMessage) -> InboundMessage:
    message, key = fact.message, fact.message.address.key()
    window = None
    if able.window is not None:
        at = message.sent_at or message.received_at
        window = await memory.windows.opened(key, fact.trigger, at, able.window, message.dedupe_key)
    elif able.replies_only:
        # Nothing goes by itself: agents see that what they write waits for the customer's next message.
        window = ReplyWindow(message.received_at, 0)
    content = await memory.menus.chosen(key, message.content, fact.pressed)
    return replace(fact, message=replace(message, content=content, reply_window=window))
