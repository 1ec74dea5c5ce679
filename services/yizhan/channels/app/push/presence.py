"""Whether a customer has a screen connected, here or at another process of the channel."""

import asyncio
from collections.abc import Collection, Sequence

from yizhan.channels.app.facts import CHANNEL
from yizhan.channels.screens.sessions import Sessions
from yizhan.core.bus import envelopes
from yizhan.core.bus.interface import Bus
from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import address_from_proto, address_to_proto
from yizhan.core.messages.ids import NewId
from yizhan.pb.v1.envelope_pb2 import Envelope
from yizhan.pb.v1.live_pb2 import Live, ScreensHint

ANSWER_SECONDS = 0.4
"""How long others may take. An answer that is lost costs a notification that the customer did not need."""


class Presence:
    """Asks the others by hints. Nothing is kept: who died has nobody connected."""

    def __init__(self, sessions: Sessions, bus: Bus, new_id: NewId) -> None:
        self._sessions = sessions
        self._bus = bus
        self._new_id = new_id
        self._asked: dict[str, set[Address]] = {}

    async def connected(self, addresses: Collection[Address]) -> set[Address]:
        """Those of them that have a screen connected somewhere."""
        here = {address for address in addresses if self._sessions.of(address)}
        others = [address for address in addresses if address not in here]
        if not others:
            return here
        ask_id = self._new_id()
        self._asked[ask_id] = here
        try:
            await self._tell(ScreensHint(ask_id=ask_id, asked=[address_to_proto(address) for address in others]))
            await asyncio.sleep(ANSWER_SECONDS)
        finally:
            del self._asked[ask_id]
        return here

    async def handle(self, hints: Sequence[Envelope]) -> None:
        """Answer what others ask, and take their answers."""
        for envelope in hints:
            if envelope.WhichOneof("payload") == "live" and envelope.live.HasField("screens"):
                await self._take(envelope.live.screens)

    async def _take(self, hint: ScreensHint) -> None:
        if (asked := self._asked.get(hint.ask_id)) is not None:
            asked.update(address_from_proto(address) for address in hint.connected)
            return  # an answer, or our own question
        found = [item for item in hint.asked if self._sessions.of(address_from_proto(item))]
        if found:
            await self._tell(ScreensHint(ask_id=hint.ask_id, connected=found))

    async def _tell(self, hint: ScreensHint) -> None:
        await self._bus.announce(CHANNEL, [envelopes.live(Live(screens=hint))])
