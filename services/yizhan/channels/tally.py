"""How many customers' messages this process has made durable, told to everyone who keeps count."""

import asyncio

import structlog

from yizhan.core.bus import envelopes
from yizhan.core.bus.interface import Bus, BusError
from yizhan.core.messages.codec import timestamp
from yizhan.core.messages.ids import NewId
from yizhan.core.runtime.clock import Clock
from yizhan.pb.v1.event_pb2 import ChannelAccepted, Event

log = structlog.get_logger(__name__)

EVERY_SECONDS = 5.0


class Tally:
    """A running total since the process started. Telling it twice, or losing one telling, does no harm."""

    def __init__(self, bus: Bus, channel: str, producer: str, *, clock: Clock, new_id: NewId) -> None:
        self.total = 0
        self._told = 0
        self._bus = bus
        self._channel = channel
        self._producer = producer
        self._clock = clock
        self._new_id = new_id

    def add(self, messages: int) -> None:
        self.total += messages

    async def run(self, every: float = EVERY_SECONDS) -> None:
        """Tell the total whenever it has changed, until cancelled. Call ``tell`` at the end."""
        while True:
            await asyncio.sleep(every)
            await self.tell()

    async def tell(self) -> None:
        """Publish ``channel.accepted`` if there is news; with the bus away it stays to be told."""
        total = self.total
        if total == self._told:
            return
        kind = ChannelAccepted(
            channel=self._channel, producer=self._producer, accepted_total=total, at=timestamp(self._clock())
        )
        event = Event(id=self._new_id(), channel_accepted=kind)
        try:
            await self._bus.publish([envelopes.event(event, producer=self._producer)])
        except BusError as error:
            log.warning("accepted_total_not_told", channel=self._channel, error=type(error).__name__)
        else:
            self._told = total
