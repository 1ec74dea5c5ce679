"""Asks platforms that do not push: one loop for each source, so that a slow mailbox holds up nobody else."""

import asyncio

import structlog

from yizhan.channels.contract import Accept, NotAccepted, Polled, Pulled, RetryLater
from yizhan.core.store.errors import StoreError

log = structlog.get_logger(__name__)

SOURCES_SECONDS = 2.0
"""How often it is looked for sources that came or went."""

IDLE_SECONDS = 1.0
"""Between two looks at a source that had nothing new. A channel that wants longer waits in its ``pull``."""

STORE_AWAY_SECONDS = 2.0


class Puller:
    """Keeps every source of a channel being asked, until cancelled."""

    def __init__(self, name: str, channel: Polled, accept: Accept, *, idle: float = IDLE_SECONDS) -> None:
        self._name = name
        self._channel = channel
        self._accept = accept
        self._idle = idle

    async def run(self) -> None:
        """A mistake while asking one source is logged and does not keep the others from being asked."""
        running: dict[str, asyncio.Task[None]] = {}
        async with asyncio.TaskGroup() as group:
            while True:
                wanted = self._channel.sources()
                for source in wanted - running.keys():
                    running[source] = group.create_task(self._source(source), name=f"pull {source}")
                for source in running.keys() - wanted:
                    running.pop(source).cancel()
                await asyncio.sleep(SOURCES_SECONDS)

    async def _source(self, source: str) -> None:
        pause = 0.0
        while True:
            await asyncio.sleep(pause)
            pause = await self._once(source)

    async def _once(self, source: str) -> float:
        """Ask once; how long to wait before the next time."""
        try:
            pulled = await self._channel.pull(source)
            await self._keep(pulled)
        except RetryLater as error:
            log.warning("pull_failed", channel=self._name, source=source, retry_after=error.after)
            return error.after
        except StoreError as error:
            log.warning("pull_waits_for_store", channel=self._name, source=source, error=type(error).__name__)
            return STORE_AWAY_SECONDS
        except Exception:
            # A mistake with one source must not keep the others from being asked; its cursor stays where it is.
            log.exception("pull_broken", channel=self._name, source=source)
            return 10 * self._idle
        return 0.0 if pulled.more or pulled.facts else self._idle

    async def _keep(self, pulled: Pulled) -> None:
        """The cursor moves when the facts are durable; with the bus away they are tried until it is back."""
        while pulled.facts:
            try:
                await self._accept(pulled.facts)
                break
            except NotAccepted as error:
                await asyncio.sleep(error.after)
        if pulled.commit is not None:
            await pulled.commit()
