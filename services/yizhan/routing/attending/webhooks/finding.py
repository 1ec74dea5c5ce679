"""What a system is to be told next: kept events first, then what was said in conversations that its agents have."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from yizhan.routing.attending.webhooks import parcel as parcels
from yizhan.routing.attending.webhooks.greeting import greet
from yizhan.routing.attending.webhooks.means import Means, WebhookGone
from yizhan.routing.attending.webhooks.parcel import Event, Parcel, To
from yizhan.routing.attending.webhooks.transcripts import TranscriptAway
from yizhan.routing.store import attending, webhooks
from yizhan.routing.store.attending import System
from yizhan.routing.store.webhooks import Reading, Webhook

log = structlog.get_logger(__name__)


class Finder:
    """Of one system. The transcript is the truth; hints only say where to look."""

    def __init__(self, means: Means, to: To) -> None:
        self._means = means
        self._to = to
        self._open: frozenset[str] = frozenset()
        self._behind: set[str] = set()
        self._all_behind = True

    def concerns(self, conversation_id: str) -> bool:
        """Something was said there; False: that is nothing to this system."""
        if conversation_id not in self._open:
            return False
        self._behind.add(conversation_id)
        return True

    def lost_hints(self) -> None:
        """All conversations are looked at again."""
        self._all_behind = True

    def began(self, conversations: frozenset[str]) -> None:
        """It knows now that its agents have these."""
        self._open |= conversations
        self._behind |= conversations

    async def next(self, webhook: Webhook, now: datetime) -> Parcel | None:
        """None: nothing, and it was heard of lately. Raises TranscriptAway, EventUnknown, WebhookGone, StoreUnavailable."""
        workspace, name = self._to.workspace, self._to.system
        async with self._means.database.read() as tx:
            system = await attending.load_system(tx, workspace, name)
            if system is None:
                raise WebhookGone
            kept = await attending.events_after(tx, workspace, name, system.acknowledged, 1)
            readings = await webhooks.open_readings(tx, workspace, name)
            present = await attending.counted_present(tx, workspace, sorted(webhook.present))
        self._open = frozenset(reading.conversation_id for reading in readings)
        if (kept[0][0] if kept else system.last_cursor + 1) != system.acknowledged + 1:
            log.warning("webhook_events_forgotten", workspace=workspace, system=name)
            await greet(self._means, self._to)
            return await self.next(webhook, now)
        if kept:
            event = parcels.of_event(self._to, system.session, *kept[0])
            return await self._before(event, readings, system) or event
        quiet = webhook.heard_at is None or (now - webhook.heard_at).total_seconds() >= self._means.pace.heartbeat
        try:
            found = await self._said(readings, system)
        except TranscriptAway:
            if not quiet:
                raise
            found = None  # the system's agents are there all the same
        if found is None and quiet:
            seconds = self._means.pace.silence
            return parcels.of_heartbeat(self._to, self._means.new_id(), now, present, seconds)
        return found

    async def _before(self, event: Parcel, readings: Sequence[Reading], system: System) -> Parcel | None:
        """What was said in a conversation is told before that it is over."""
        ended = event.what.ended if isinstance(event.what, Event) else frozenset()
        for reading in readings:
            if reading.conversation_id in ended and (found := await self._said_in(reading, system)) is not None:
                return found
        return None

    async def _said(self, readings: Sequence[Reading], system: System) -> Parcel | None:
        """The next messages or note of conversations where there may be some."""
        if self._all_behind:
            self._all_behind = False
            self._behind |= self._open
        self._behind &= self._open
        for reading in readings:
            if reading.conversation_id not in self._behind:
                continue
            self._behind.discard(reading.conversation_id)  # a hint that comes meanwhile puts it back
            told_all = False
            try:
                found = await self._said_in(reading, system)
                told_all = found is None
            finally:
                if not told_all:
                    self._behind.add(reading.conversation_id)
            if found is not None:
                return found
        return None

    async def _said_in(self, reading: Reading, system: System) -> Parcel | None:
        transcripts, workspace, of = self._means.transcripts, self._to.workspace, reading.conversation_id
        messages = await transcripts.messages(workspace, of, reading.seq)
        if reading.sending:
            messages = [one for one in messages if one.message.seq <= reading.sending]
        if messages:
            return parcels.of_messages(self._to, of, messages, self._means.media_url)
        passed_over = 0
        for note in await transcripts.notes(workspace, of, reading.note):
            if not note.whisper_to or system.has(note.whisper_to):
                return parcels.of_note(self._to, note)
            passed_over = note.number
        if passed_over:
            async with self._means.database.begin() as tx:
                await webhooks.note_noted(tx, workspace, system.name, of, passed_over)
        return None
