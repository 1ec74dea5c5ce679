"""A process to be killed. ``python -m tests.contract.bus.victim publish|hold BUS_URL HOME``

``publish`` writes a line for each message that was confirmed; ``hold`` one for each that it was handed and never finishes.
"""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from tests.contract.bus.rigs import PARTITIONS
from tests.contract.bus.traffic import said, text_of
from yizhan.core.bus.interface import Bus, Delivery
from yizhan.core.bus.open import open_bus
from yizhan.core.store.database import Database


def tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def publish(bus: Bus) -> None:
    async def one_after_the_other(lane: int) -> None:
        number = 0
        while True:
            text = f"{lane}:{number}"
            await bus.publish([said(text, lane % PARTITIONS)])
            tell(text)
            number += 1

    await asyncio.gather(*(one_after_the_other(lane) for lane in range(8)))


async def hold(bus: Bus) -> None:
    async def never(deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            tell(text_of(delivery.envelope))
        await asyncio.Event().wait()

    await bus.consume(["inbound.0"], never)
    await asyncio.Event().wait()


async def main(what: str, url: str, home: str) -> None:
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(Database("", home=Path(home))) if home else None
        bus = await stack.enter_async_context(
            open_bus(url, database=database, partitions=PARTITIONS, producer="victim")
        )
        tell("ready")
        await {"publish": publish, "hold": hold}[what](bus)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
