"""What waits for customers of accounts that can write in answers to pushes only: taken into an answer, and told afterwards."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from yizhan.channels.contract import Channel
from yizhan.channels.ledger import AlreadyBegun
from yizhan.channels.memory import Memory
from yizhan.channels.render import MediaUrl, render
from yizhan.channels.store.sends import SendRow, SendState
from yizhan.core.messages.address import Address
from yizhan.core.messages.message import Message
from yizhan.core.messages.receipt import ReceiptState

log = structlog.get_logger(__name__)

Tell = Callable[[Sequence[Message], ReceiptState], Awaitable[None]]
"""Tells what became of messages that waited, and lets them go. Raises StoreError."""


@dataclass(frozen=True, slots=True)
class _Part:
    whole: Message
    shown: Message
    number: int
    last: bool


@dataclass(frozen=True, slots=True)
class _Taken:
    rows: tuple[SendRow, ...]
    complete: tuple[Message, ...]


class Carrying:
    """``slots.WaitingReplies`` over the waiting room and the ledger. Every method raises StoreError."""

    def __init__(self, channel: Channel, memory: Memory, tell: Tell, media_url: MediaUrl | None = None) -> None:
        self._channel = channel
        self._memory = memory
        self._tell = tell
        self._media_url = media_url
        self._taken: dict[str, _Taken] = {}

    async def take(
        self, address: Address, slot_key: str, fits: Callable[[Sequence[Message]], int]
    ) -> tuple[Message, ...]:
        """The first of what waits, as much as fits into one answer, noted as going into the answer to this push."""
        messages = await self._memory.waiting.of(address)
        known = await self._memory.ledger.known([message.id for message in messages])
        left = [part for message in messages for part in self._parts(message) if _may_go(part, known)]
        chosen = left[: fits([part.shown for part in left])] if left else []
        rows: list[SendRow] = []
        for part in chosen:
            try:
                rows.append(await self._memory.ledger.begin_reply(part.shown, part.number, slot_key))
            except AlreadyBegun:
                log.warning("reply_taken_elsewhere", message_id=part.whole.id)
                break
            await self._memory.menus.showing(part.whole)
        taken = chosen[: len(rows)]
        if taken:
            self._taken[slot_key] = _Taken(tuple(rows), tuple(part.whole for part in taken if part.last))
        return tuple(part.shown for part in taken)

    async def given(self, slot_key: str) -> None:
        """The platform has what was taken."""
        await self._end(slot_key, SendState.SENT, ReceiptState.ACCEPTED)

    async def unsure(self, slot_key: str) -> None:
        """Nobody knows whether the platform has it."""
        await self._end(slot_key, SendState.UNKNOWN, ReceiptState.UNKNOWN)

    async def not_given(self, slot_key: str) -> None:
        """The platform certainly has it not: it waits on."""
        taken = self._taken.pop(slot_key, None)
        for row in taken.rows if taken else ():
            await self._memory.ledger.finish(row, SendState.NOT_SENT)

    async def _end(self, slot_key: str, state: SendState, told: ReceiptState) -> None:
        taken = self._taken.pop(slot_key, None)
        if taken is None:
            return
        for row in taken.rows:
            await self._memory.ledger.finish(row, state)
        if taken.complete:
            await self._tell(taken.complete, told)

    def _parts(self, message: Message) -> list[_Part]:
        abilities = self._channel.abilities(message.address.account)
        shown = render(message, abilities, self._media_url)
        return [_Part(message, replace(part), number, number == len(shown) - 1) for number, part in enumerate(shown)]


def _may_go(part: _Part, known: Mapping[str, Mapping[int, SendRow]]) -> bool:
    row = known.get(part.whole.id, {}).get(part.number)
    return row is None or row.state is SendState.NOT_SENT
