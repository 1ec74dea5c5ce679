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
from yizhan.core.messages.message import AuthorKind

AbilitiesOf = Callable[[str], Abilities]
"""The abilities of an account."""


async def remembered(memory: Memory, abilities: AbilitiesOf, facts: Sequence[Fact]) -> list[Fact]:
    """The facts as they go on: messages with what may be sent after them, and with the option that they choose.

    Raises StoreError; noting the same facts again does no harm.
    """
    return list(await asyncio.gather(*(_one(memory, abilities, fact) for fact in facts)))


async def _one(memory: Memory, abilities: AbilitiesOf, fact: Fact) -> Fact:
    match fact:
        case InboundMessage(message, trigger, pressed) if message.author.kind is AuthorKind.CUSTOMER:
            key = message.address.key()
            rules = abilities(message.address.account).window
            window = None
            if rules is not None:
                at = message.sent_at or message.received_at
                window = await memory.windows.opened(key, trigger, at, rules, message.dedupe_key)
            content = await memory.menus.chosen(key, message.content, pressed)
            return replace(fact, message=replace(message, content=content, reply_window=window))
        case InboundTrigger(address, trigger, at):
            rules = abilities(address.account).window
            if rules is not None:
                await memory.windows.opened(address.key(), trigger, at, rules)
        case InboundGone(address):
            await memory.windows.close(address.key())
    return fact
