"""Couriers for all systems that are told by webhook: each process has one for each, and the lease says which one posts."""

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog

from yizhan.core.store.errors import StoreUnavailable
from yizhan.pb.v1.envelope_pb2 import Envelope
from yizhan.routing.attending.webhooks.courier import AT_ONCE, LOOK_AGAIN, Courier
from yizhan.routing.attending.webhooks.means import Means, WebhookGone
from yizhan.routing.store import webhooks

log = structlog.get_logger(__name__)

LOOK_FOR_NEW: Final = 5.0
"""Seconds until a system is found that somebody set up meanwhile."""

Key = tuple[str, str]


class _Run:
    """One courier that is under way, and what wakes it."""

    def __init__(self, courier: Courier) -> None:
        self.courier = courier
        self.some = asyncio.Event()


class Couriers:
    """``hear`` and ``gap`` are the bus handlers for live hints."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._runs: dict[Key, _Run] = {}

    async def run(self) -> None:
        """Until cancelled; then every system is left to other processes at once."""
        async with asyncio.TaskGroup() as group:
            while True:
                try:
                    await self._look(group)
                except StoreUnavailable as error:
                    log.warning("webhooks_wait", reason=error.reason)
                await asyncio.sleep(LOOK_FOR_NEW)

    async def hear(self, envelopes: Sequence[Envelope]) -> None:
        for envelope in envelopes:
            live = envelope.live
            kept = live.WhichOneof("kind") is None
            if not kept and not (live.HasField("appended") or live.HasField("noted")):
                continue
            for (workspace, _), run in self._runs.items():
                if workspace == live.address.workspace and (kept or run.courier.concerns(live.conversation_id)):
                    run.some.set()

    async def gap(self) -> None:
        """Hints may have been lost."""
        for run in self._runs.values():
            run.courier.lost_hints()
            run.some.set()

    def wake(self, workspace: str, system: str) -> None:
        """Look at this system now."""
        run = self._runs.get((workspace, system))
        if run is not None:
            run.some.set()

    async def _look(self, group: asyncio.TaskGroup) -> None:
        async with self._means.database.read() as tx:
            found = await webhooks.list_webhooks(tx)
            since = await webhooks.untaken_since(tx)
        now = self._means.clock()
        self._means.figures.show(found, now - min(since or now, now))
        for webhook, _ in found:
            key = (webhook.workspace, webhook.system)
            if key not in self._runs:
                self._runs[key] = _Run(Courier(self._means, *key))
                group.create_task(self._tell(key, self._runs[key]), name="webhook courier")

    async def _tell(self, key: Key, run: _Run) -> None:
        try:
            while True:
                run.some.clear()
                try:
                    pause = await run.courier.round()
                except StoreUnavailable as error:
                    log.warning("webhook_waits", reason=error.reason)
                    pause = LOOK_AGAIN
                if pause > AT_ONCE:
                    await _pause(run.some, pause)
        except WebhookGone:
            log.info("webhook_over", workspace=key[0], system=key[1])
        finally:
            self._runs.pop(key, None)
            await self._leave(run.courier)

    async def _leave(self, courier: Courier) -> None:
        try:
            await courier.stop()
        except StoreUnavailable as error:
            log.warning("webhook_not_left", reason=error.reason)  # the lease runs out by itself


async def _pause(some: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await some.wait()
    except TimeoutError:
        pass
