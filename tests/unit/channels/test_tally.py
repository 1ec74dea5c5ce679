"""How many messages were accepted is told as a running total."""

from collections.abc import Sequence
from typing import Any

from yizhan.channels.tally import Tally
from yizhan.core.bus.interface import BusUnavailable, Publication
from yizhan.core.messages.ids import new_id
from yizhan.core.runtime.clock import now


class Bus:
    def __init__(self) -> None:
        self.away = False
        self.told: list[tuple[str, str, int]] = []

    async def publish(self, publications: Sequence[Publication]) -> None:
        if self.away:
            raise BusUnavailable("away")
        for item in publications:
            told = item.envelope.event.channel_accepted
            assert item.key == "channel.accepted"
            assert item.envelope.producer == told.producer
            self.told.append((told.channel, told.producer, told.accepted_total))


def tally_of(bus: Any) -> Tally:
    return Tally(bus, "website", "website-1", clock=now, new_id=new_id)


async def test_the_total_is_told_when_it_has_changed() -> None:
    bus = Bus()
    tally = tally_of(bus)
    await tally.tell()
    tally.add(3)
    tally.add(2)
    await tally.tell()
    await tally.tell()
    tally.add(1)
    await tally.tell()
    assert bus.told == [("website", "website-1", 5), ("website", "website-1", 6)]


async def test_a_total_that_could_not_be_told_is_told_later() -> None:
    bus = Bus()
    bus.away = True
    tally = tally_of(bus)
    tally.add(3)
    await tally.tell()
    bus.away = False
    await tally.tell()
    assert bus.told == [("website", "website-1", 3)]
