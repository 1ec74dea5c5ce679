"""What a channel remembers durably: sends, windows, what waits, menus. One whose sends may be repeated needs none of it."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import structlog

from yizhan.channels.ledger import Ledger
from yizhan.channels.menus import NUMBER_WITHIN, Menus
from yizhan.channels.waiting import WaitingRoom
from yizhan.channels.windows import Windows
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreError

log = structlog.get_logger(__name__)

COUNT_SECONDS = 15.0
FORGET_EVERY = 240
"""Counts between two times of forgetting: once an hour."""


@dataclass(frozen=True, slots=True)
class Memory:
    """One channel's."""

    ledger: Ledger
    windows: Windows
    waiting: WaitingRoom
    menus: Menus


def memory_of(
    database: Database,
    channel: str,
    partitions: int,
    clock: Clock,
    *,
    addressed: bool = False,
    number_within: timedelta = NUMBER_WITHIN,
) -> Memory:
    """``addressed``: the ledger notes to whom each send goes, for platforms that push our own messages back.

    ``number_within``: how long after a menu a bare number answers it.
    """
    waiting = WaitingRoom(database, channel, partitions, clock)
    return Memory(
        Ledger(database, channel, clock, addressed=addressed),
        Windows(database, clock, waiting.ring),
        waiting,
        Menus(database, clock, number_within),
    )


async def look_after(memory: Memory, channel: str, metrics: Metrics) -> None:
    """Keep the figure of what waits, and forget what nothing can repeat any more; until cancelled."""
    about = "Messages to customers that wait until the platform takes them."
    held = metrics.gauge("yizhan_held_messages", about, ("channel",)).labels(channel)
    turn = 0
    while True:
        try:
            held.set(await memory.waiting.count())
            if turn % FORGET_EVERY == 0:
                gone = await memory.ledger.forget() + await memory.windows.forget() + await memory.menus.forget()
                log.debug("channel_memory_pruned", channel=channel, rows=gone)
            turn += 1
        except StoreError as error:
            log.warning("channel_memory_away", channel=channel, error=type(error).__name__)
        await asyncio.sleep(COUNT_SECONDS)
