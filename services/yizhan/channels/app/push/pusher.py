"""Tells devices of messages that were not seen in time: at most once successfully each, and never on a guess.

A row is claimed, committed, called, and what came of it is written. Who dies in between leaves a claimed row, which becomes
"unknown" and is not tried again: the device may have been told. Any number of processes may do this side by side.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

import structlog

from yizhan.channels.accounts import Account, AccountBook
from yizhan.channels.app.conversation import AT_THE_END
from yizhan.channels.app.figures import AppFigures
from yizhan.channels.app.push.notice import (
    Gone,
    Later,
    Notice,
    Outcome,
    Refused,
    Told,
    Unknown,
    body_of,
    collapse_key,
)
from yizhan.channels.app.push.presence import Presence
from yizhan.channels.app.push.services import PushServices
from yizhan.channels.app.settings import AppAccountSettings
from yizhan.channels.screens.history import History, HistoryUnavailable, Page
from yizhan.channels.screens.tasks import Tasks
from yizhan.channels.store import devices, pushes
from yizhan.channels.store.devices import DeviceRow
from yizhan.channels.store.pushes import PushRow, PushState
from yizhan.core.messages.address import Address
from yizhan.core.messages.message import Message
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreError

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
MOST_ROWS = 500
SIDE_BY_SIDE = 32
MOST_TRIES = 6
FIRST_PAUSE = 2.0
LONGEST_PAUSE = 300.0
OLDEST = timedelta(hours=1)
"""Nobody wants to be told of a message an hour late."""

STRANDED = timedelta(minutes=2)
"""Longer than any call, its replaced tokens included."""

DRAIN_SECONDS = 5.0
KEEP = timedelta(days=7)
TIDY_SECONDS = 60.0
TIDY_ROWS = 5000

PushAccount = Account[AppAccountSettings]


class Pusher:
    """``after``: how long to wait before looking again at a message that a connected screen has not confirmed."""

    def __init__(
        self,
        database: Database,
        accounts: AccountBook[AppAccountSettings],
        history: History,
        presence: Presence,
        services: PushServices,
        figures: AppFigures,
        clock: Clock,
        after: timedelta,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._history = history
        self._presence = presence
        self._services = services
        self._figures = figures
        self._clock = clock
        self._after = after
        self._free = asyncio.Semaphore(SIDE_BY_SIDE)
        self._calls = Tasks()

    async def run(self) -> None:
        """Until cancelled. With the database away nothing is claimed, and so nothing is told."""
        while True:
            try:
                more = await self.look()
            except StoreError as error:
                log.warning("pushes_not_read", error=type(error).__name__)
                more = False
            if not more:
                await asyncio.sleep(LOOK_SECONDS)

    async def finished(self) -> None:
        """Returns when the calls in hand have ended, or have had their time."""
        await self._calls.stop(DRAIN_SECONDS)

    async def tidy(self) -> None:
        """Until cancelled: what nobody will finish is unknown, what is old is forgotten, what waits is counted."""
        while True:
            try:
                await self.tidy_once()
            except StoreError as error:
                log.warning("pushes_not_tidied", error=type(error).__name__)
            await asyncio.sleep(TIDY_SECONDS)

    async def tidy_once(self) -> None:
        """Raises StoreError."""
        now = self._clock()
        async with self._database.begin() as tx:
            stranded = await pushes.strand(tx, now - STRANDED)
            await pushes.drop_old(tx, now - KEEP, TIDY_ROWS)
        if stranded:
            log.warning("pushes_interrupted", count=len(stranded))
        for platform in stranded:
            self._figures.pushed(platform, "unknown")
        self._figures.waiting(await pushes.waiting(self._database))

    async def look(self) -> bool:
        """Deal with what is due; whether there may be more. Raises StoreError."""
        rows = await pushes.due(self._database, self._clock(), MOST_ROWS)
        if not rows:
            return False
        by_address: dict[Address, list[PushRow]] = defaultdict(list)
        for row in rows:
            by_address[Address.of_key(row.address_key)].append(row)
        connected = await self._presence.connected(by_address)
        async with asyncio.TaskGroup() as group:
            for address, planned in by_address.items():
                group.create_task(self._customer(address, planned, connected=address in connected))
        return len(rows) == MOST_ROWS

    async def _customer(self, address: Address, rows: Sequence[PushRow], *, connected: bool) -> None:
        """One customer's rows; what goes wrong with them stops nobody else's."""
        async with self._free:
            try:
                page = await self._history.after(address, AT_THE_END, 1)
                unseen = await self._unseen(rows, page, connected=connected)
                if unseen:
                    await self._tell(address, unseen, page)
            except (HistoryUnavailable, StoreError) as error:
                log.warning("push_put_off", rows=len(rows), error=type(error).__name__)
                await self._put_off(rows)

    async def _put_off(self, rows: Sequence[PushRow]) -> None:
        try:
            async with self._database.begin() as tx:
                await pushes.postpone(tx, rows, PushState.PLANNED, self._clock() + self._after)
        except StoreError:
            pass  # they are due as they were

    async def _unseen(self, rows: Sequence[PushRow], page: Page, *, connected: bool) -> Sequence[PushRow]:
        """What a connected screen has is quiet; what it has not confirmed is looked at again, as it may be gone."""
        now = self._clock()
        has = page.delivered if connected else 0
        quiet = [row for row in rows if row.seq <= max(page.read, has)]
        old = [row for row in rows if row not in quiet and now - row.planned_at > OLDEST]
        left = [row for row in rows if row not in quiet and row not in old]
        async with self._database.begin() as tx:
            for given, state, reason in ((quiet, PushState.QUIET, ""), (old, PushState.FAILED, "too_old")):
                await pushes.decide(tx, given, PushState.PLANNED, state, reason)
            if connected:
                await pushes.postpone(tx, left, PushState.PLANNED, now + self._after)
        for row in quiet:
            self._figures.pushed(row.platform, "quiet")
        for row in old:
            self._figures.pushed(row.platform, "failed")
        return [] if connected else left

    async def _tell(self, address: Address, rows: Sequence[PushRow], page: Page) -> None:
        account = self._accounts.get(address.account)
        known = {device.device: device for device in await devices.of(self._database, address.key())}
        for row in rows:
            device = known.get(row.device)
            if account is None or device is None:
                await self._close(row, PushState.PLANNED, PushState.FAILED, "no_device" if account else "no_account")
                continue
            message = await self._message(account, address, row)
            notice = Notice(
                message_id=row.message_id,
                seq=row.seq,
                device=device,
                address=address,
                title=account.settings.title or account.name,
                body=body_of(message, device.locale or account.settings.locale),
                badge=page.unread,
                collapse=collapse_key(address),
            )
            # A call that has begun ends, also where everything else is stopping: its outcome would not be known.
            await asyncio.shield(self._calls.started(self._call(account, row, notice), "push"))

    async def _message(self, account: PushAccount, address: Address, row: PushRow) -> Message | None:
        """What was written, where the business wants it shown."""
        if account.settings.push.preview == "none":
            return None
        found = (await self._history.before(address, row.seq + 1, 1)).messages
        return found[0] if found and found[0].id == row.message_id else None

    async def _call(self, account: PushAccount, row: PushRow, notice: Notice) -> None:
        async with self._database.begin() as tx:
            if not await pushes.claim(tx, row, self._clock()):
                return
        try:
            outcome = await self._services.tell(account.settings.push, notice)
        except Exception:
            # A mistake of ours, after which nobody knows whether the device was told.
            log.exception("push_failed", platform=row.platform)
            outcome = Unknown("our_mistake")
        await self._note(row, notice.device, outcome)

    async def _note(self, row: PushRow, device: DeviceRow, outcome: Outcome) -> None:
        calling = PushState.CALLING
        match outcome:
            case Told():
                await self._close(row, calling, PushState.SENT, "")
            case Unknown(reason):
                await self._close(row, calling, PushState.UNKNOWN, reason)
            case Refused(reason):
                log.warning("push_refused", platform=row.platform, reason=reason)
                await self._close(row, calling, PushState.FAILED, reason)
            case Gone(reason):
                await self._close(row, calling, PushState.FAILED, reason)
                async with self._database.begin() as tx:
                    if await devices.forget_token(tx, device):
                        self._figures.device_gone(row.platform)
            case Later(reason, after):
                await self._again(row, reason, after)

    async def _again(self, row: PushRow, reason: str, after: float) -> None:
        if row.tries + 1 >= MOST_TRIES:
            await self._close(row, PushState.CALLING, PushState.FAILED, reason)
            return
        pause = min(max(after, FIRST_PAUSE * 2**row.tries), max(after, LONGEST_PAUSE))
        async with self._database.begin() as tx:
            await pushes.postpone(tx, [row], PushState.CALLING, self._clock() + timedelta(seconds=pause))
        self._figures.pushed(row.platform, "again")

    async def _close(self, row: PushRow, before: PushState, after: PushState, reason: str) -> None:
        async with self._database.begin() as tx:
            decided = await pushes.decide(tx, [row], before, after, reason)
        if decided:
            self._figures.pushed(row.platform, after.name.lower())
