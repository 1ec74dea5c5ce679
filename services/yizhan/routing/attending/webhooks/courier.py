"""Tells one system by posts what happened, in order and at least once.

What was taken is noted in the database before the next post goes out, so that a process that dies repeats at most one, with
the same id. Only the process that holds the lease posts.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from yizhan.core.security.sealing import Sealer, Unsealable
from yizhan.core.store.database import Transaction
from yizhan.routing.attending.webhooks.backoff import Answer, Failed, Failures, judge
from yizhan.routing.attending.webhooks.finding import Finder
from yizhan.routing.attending.webhooks.greeting import greet
from yizhan.routing.attending.webhooks.means import Means, WebhookGone
from yizhan.routing.attending.webhooks.parcel import Event, Heartbeat, Messages, Note, Parcel, To
from yizhan.routing.attending.webhooks.shapes import EventUnknown
from yizhan.routing.attending.webhooks.transcripts import TranscriptAway
from yizhan.routing.store import attending, webhooks
from yizhan.routing.store.webhooks import Webhook

log = structlog.get_logger(__name__)

LEASE: Final = timedelta(seconds=30)
"""Longer than a post may take (``post.SECONDS``) and what is written before and after it."""

FINDING_SECONDS: Final = 15.0
"""How long finding out what comes next may take, so that the lease is still good when it is posted."""

LOOK_AGAIN: Final = 5.0
"""Seconds after which a system is looked at again whether or not anything was heard of."""

TRANSCRIPT_AWAY: Final = 2.0
"""Seconds until dialogue is asked again that did not answer."""

AT_ONCE: Final = 0.0


class Courier:
    """Of one system, in one process; there may be one of it in each."""

    def __init__(self, means: Means, workspace: str, system: str) -> None:
        self._means = means
        self._to = To(workspace, system)
        self._key = (workspace, system)
        self._finder = Finder(means, self._to)
        self._vouched_at: datetime | None = None

    def concerns(self, conversation_id: str) -> bool:
        """Something was said there; False: that is nothing to this system."""
        return self._finder.concerns(conversation_id)

    def lost_hints(self) -> None:
        """All conversations are looked at again."""
        self._finder.lost_hints()

    async def round(self) -> float:
        """At most one post; seconds until the next round. Raises WebhookGone, StoreUnavailable."""
        means = self._means
        async with means.database.begin() as tx:
            claim = await webhooks.claim(tx, *self._key, means.replica, LEASE, alone=means.database.dialect == "sqlite")
        if claim is None:
            raise WebhookGone
        webhook, now = claim.webhook, means.clock()
        if not claim.mine:
            self._finder.lost_hints()
            return LOOK_AGAIN
        if webhook.dead:
            return LOOK_AGAIN
        if webhook.next_try_at is not None and webhook.next_try_at > now:
            return min((webhook.next_try_at - now).total_seconds(), LOOK_AGAIN)
        if not webhook.greeted:
            await greet(means, self._to)
        try:
            async with asyncio.timeout(FINDING_SECONDS):
                parcel = await self._finder.next(webhook, now)
        except (TranscriptAway, TimeoutError) as away:
            log.warning("webhook_transcript_away", workspace=webhook.workspace, code=str(away) or "timeout")
            return TRANSCRIPT_AWAY
        except EventUnknown:
            log.warning("webhook_event_unknown", workspace=webhook.workspace, system=webhook.system)
            await self.stop()  # a newer process can tell it
            return LOOK_AGAIN
        if parcel is None:
            return self._until_heartbeat(webhook, now)
        await self._deliver(webhook, parcel)
        return AT_ONCE

    async def stop(self) -> None:
        """Leave the system to another process at once. Raises StoreUnavailable."""
        async with self._means.database.begin() as tx:
            await webhooks.release(tx, *self._key, self._means.replica)

    async def _deliver(self, webhook: Webhook, parcel: Parcel) -> None:
        means, what = self._means, parcel.what
        if isinstance(what, Messages):
            async with means.database.begin() as tx:
                await webhooks.send_up_to(tx, *self._key, what.conversation_id, what.up_to)
        answer = await self._posted(webhook, parcel)
        failed = judge(answer, Failures(webhook.tries, webhook.failing_since), means.clock(), means.chance())
        means.figures.count(answer, failed)
        if failed is not None:
            await self._failed(webhook, failed)
            return
        async with means.database.begin() as tx:
            await webhooks.note_taken(tx, *self._key, means.clock())
            await self._settle(tx, what)
        await self.vouch(webhook.present)

    async def _posted(self, webhook: Webhook, parcel: Parcel) -> Answer:
        try:
            keys = keys_of(webhook, self._means.sealer, self._means.clock())
        except Unsealable:
            return Answer(problem="secret_unsealable")
        return await self._means.poster.post(webhook.url, keys, parcel)

    async def _settle(self, tx: Transaction, what: Event | Messages | Note | Heartbeat) -> None:
        """It was taken: go on after it."""
        match what:
            case Event(cursor, began, ended, whole):
                await attending.acknowledge(tx, *self._key, cursor)
                if whole:
                    await webhooks.close_readings(tx, *self._key)
                for of in sorted(ended):
                    await webhooks.close_reading(tx, *self._key, of)
                for of in sorted(began):
                    await webhooks.open_reading(tx, *self._key, of)
                self._finder.began(began)
            case Messages(of, up_to):
                await webhooks.note_read(tx, *self._key, of, up_to)
            case Note(of, number):
                await webhooks.note_noted(tx, *self._key, of, number)
            case Heartbeat():
                pass

    async def _failed(self, webhook: Webhook, failed: Failed) -> None:
        async with self._means.database.begin() as tx:
            await webhooks.note_failed(
                tx,
                *self._key,
                since=failed.since,
                tries=failed.tries,
                problem=failed.problem,
                next_try_at=failed.next_try_at,
            )
        facts = {"workspace": webhook.workspace, "system": webhook.system, "problem": failed.problem}
        if failed.next_try_at is None:
            log.error("webhook_disabled", tries=failed.tries, **facts)
        elif failed.tries == 1:
            log.warning("webhook_failing", **facts)

    async def vouch(self, present: frozenset[str]) -> None:
        """A sign of life counts for every agent who came by this system; those who count as offline excepted."""
        now = self._means.clock()
        lately = self._vouched_at is not None and (now - self._vouched_at).total_seconds() < self._means.pace.heartbeat
        if not present or lately:
            return
        async with self._means.switchboard.shift(self._to.workspace) as shift:
            await attending.hear_present(shift.tx, shift.workspace, sorted(present), shift.now)
            await self._means.switchboard.dispatch(shift)
        self._vouched_at = now

    def _until_heartbeat(self, webhook: Webhook, now: datetime) -> float:
        since = (now - webhook.heard_at).total_seconds() if webhook.heard_at else 0.0
        return min(max(self._means.pace.heartbeat - since, 0.05), LOOK_AGAIN)


def keys_of(webhook: Webhook, sealer: Sealer, now: datetime) -> Sequence[str]:
    """The secrets that are good now, the newest first. Raises Unsealable."""
    keys = [sealer.open(webhook.secret)]
    if webhook.older_secret is not None and webhook.older_until is not None and now < webhook.older_until:
        keys.append(sealer.open(webhook.older_secret))
    return keys
