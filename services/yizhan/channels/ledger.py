"""The ledger of sends: written before a provider is called and after, so that a crash in between sends nothing twice.

What is found ``CALLING`` by another life of the process was perhaps sent and perhaps not. That is what is told; it is not
tried again unless the provider knows our messages by their ids.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import structlog

from yizhan.channels.store import sends
from yizhan.channels.store.sends import SendRow, SendState
from yizhan.core.messages.codec import Undecodable, message_from_proto, message_to_proto
from yizhan.core.messages.message import Message
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database
from yizhan.core.store.gather import Gather
from yizhan.pb.v1 import message_pb2

log = structlog.get_logger(__name__)

KEPT = timedelta(days=7)
"""Longer than any queue or platform repeats anything (the longest known: 15 hours)."""


class AlreadyBegun(Exception):
    """Another process began this very send in this moment."""


class Ledger:
    """The sends of one channel. Every method raises StoreError when the database is away.

    ``addressed``: to whom is noted too, for platforms that push our own messages back.
    """

    def __init__(self, database: Database, channel: str, clock: Clock, *, addressed: bool = False) -> None:
        self._database = database
        self._channel = channel
        self._clock = clock
        self._addressed = addressed
        self._beginning: Gather[SendRow, bool] = Gather(self._begin)
        self._looking: Gather[str, bool] = Gather(self._look)
        self._finishing: Gather[SendRow, None] = Gather(self._finish)

    async def known(self, message_ids: Sequence[str]) -> dict[str, dict[int, SendRow]]:
        """What is known of messages, by id and part."""
        found: dict[str, dict[int, SendRow]] = {}
        for row in await sends.read(self._database, message_ids):
            found.setdefault(row.message_id, {})[row.part] = row
        return found

    async def begin(self, message: Message, part: int) -> SendRow:
        """The call is about to be made. Raises AlreadyBegun."""
        to = message.address.key() if self._addressed else None
        return await self._add(
            SendRow(message.id, part, self._channel, SendState.CALLING, self._clock(), address_key=to)
        )

    async def begin_reply(self, message: Message, part: int, slot_key: str) -> SendRow:
        """The part is about to go in the answer to a push. Raises AlreadyBegun."""
        body = message_to_proto(message).SerializeToString()
        return await self._add(
            SendRow(message.id, part, self._channel, SendState.CALLING, self._clock(), slot_key, body)
        )

    async def finish(
        self, row: SendRow, state: SendState, *, external_id: str = "", reason: str = "", detail: str = ""
    ) -> None:
        """What became of it."""
        await self._finishing.add(replace(row, state=state, external_id=external_id, reason=reason, detail=detail))

    async def withdraw(self, row: SendRow) -> bool:
        """A part that was to go in an answer did not, and may go another way; False: a repetition of the push has it."""
        async with self._database.begin() as tx:
            return await sends.withdraw(tx, row)

    async def state(self, row: SendRow) -> SendState:
        """What is known of a send now."""
        found = await sends.read(self._database, [row.message_id])
        return next((item.state for item in found if item.part == row.part), SendState.NOT_SENT)

    async def used(self, slot_key: str) -> bool:
        """Whether anything was ever to go in the answer to a push."""
        return await self._looking.add(slot_key)

    async def replied(self, slot_key: str) -> tuple[Message, ...]:
        """What was put into the answer to a push before, for its repetition: it counts as sent. Empty: nothing."""
        async with self._database.begin() as tx:
            rows = await sends.claim(tx, slot_key)
        try:
            return tuple(message_from_proto(message_pb2.Message.FromString(row.body or b"")) for row in rows)
        except Undecodable:
            log.exception("reply_undecodable")
            return ()

    async def forget(self) -> int:
        """Remove what nothing can repeat any more."""
        async with self._database.begin() as tx:
            return await sends.forget(tx, self._clock() - KEPT)

    async def _add(self, row: SendRow) -> SendRow:
        if not await self._beginning.add(row):
            raise AlreadyBegun(row.message_id)
        return row

    async def _begin(self, rows: Sequence[SendRow]) -> Sequence[bool]:
        async with self._database.begin() as tx:
            begun = await sends.begin(tx, rows)
        return [(row.message_id, row.part) in begun for row in rows]

    async def _finish(self, rows: Sequence[SendRow]) -> Sequence[None]:
        async with self._database.begin() as tx:
            await sends.finish(tx, rows)
        return [None] * len(rows)

    async def _look(self, slot_keys: Sequence[str]) -> Sequence[bool]:
        used = await sends.slots_in_use(self._database, slot_keys)
        return [key in used for key in slot_keys]
