"""Reads mailboxes: mail after mail into its case, the cursor moved when everything is durable, and marked only then.

A folder is read by one replica at a time. What was given and not committed (a crash, a turn lost) is given again, and known
by its contents downstream.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import structlog

from yizhan.channels.contract import Fact, NotAccepted, Pulled, Refused, RetryLater, SendError
from yizhan.channels.email.box import Box
from yizhan.channels.email.desk import EmailAccount
from yizhan.channels.email.figures import EmailFigures
from yizhan.channels.email.mailboxes import Mailbox, Mailboxes
from yizhan.channels.email.position import Position
from yizhan.channels.email.taking import Batch, Takings
from yizhan.channels.email.trouble import MailboxTrouble, Reason
from yizhan.channels.turns import Turn, Turns
from yizhan.core.runtime.clock import Clock

log = structlog.get_logger(__name__)

WAIT_SECONDS = 45.0
"""How long a server is waited for to tell of something; then it is asked, whatever it says. A pull may take a minute."""

ELSEWHERE_SECONDS = 5.0
"""How often it is looked whether another replica has given up a mailbox."""

MOST_MAILS = 50
MOST_BYTES = 8 << 20
"""Of one pull; a mail that is larger comes alone."""

AWAY_SECONDS = (2.0, 300.0)
LASTING_SECONDS = (30.0, 900.0)
"""Between two tries of a mailbox: the first time, and at most. Servers lock out who keeps trying with a wrong password."""

Token = Callable[[EmailAccount], Awaitable[str]]
"""The access token of an account that signs in with such. Raises Refused and RetryLater."""


@dataclass(slots=True)
class _Reading:
    """A folder that is read here. ``failures`` in a row; ``box`` None: not connected."""

    box: Box | None = None
    idles: bool = True
    failures: int = 0


class Intake:
    """``largest``: the most bytes of a mail that is fetched whole. ``close`` at the end."""

    def __init__(
        self,
        mailboxes: Mailboxes,
        turns: Turns,
        takings: Takings,
        token: Token,
        figures: EmailFigures,
        clock: Clock,
        *,
        largest: int,
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        self._mailboxes = mailboxes
        self._turns = turns
        self._takings = takings
        self._token = token
        self._figures = figures
        self._clock = clock
        self._largest = largest
        self._wait_seconds = wait_seconds
        self._readings: dict[str, _Reading] = {}

    def sources(self) -> frozenset[str]:
        """What is to be read. A folder that is not any more is let go."""
        names = self._mailboxes.names()
        for gone in self._readings.keys() - names:
            reading = self._readings.pop(gone)
            if reading.box is not None:
                reading.box.cut()
            account = gone.partition("/")[0]
            if not any(name.startswith(f"{account}/") for name in names):
                self._figures.gone(account)
        return names

    async def pull(self, name: str) -> Pulled:
        """What is new in a folder; waits for it. Raises RetryLater and StoreError."""
        mailbox = self._mailboxes.find(name)
        if mailbox is None:
            return Pulled()
        reading = self._readings.setdefault(name, _Reading())
        turn = await self._turns.take(mailbox.source)
        if turn is None:
            await self._not_mine(mailbox, reading)
            return Pulled()
        try:
            async with self._turns.kept(turn):
                pulled = await self._read(mailbox, reading, turn)
        except MailboxTrouble as trouble:
            await self._turns.release(mailbox.source)
            raise self._failed(mailbox, reading, trouble) from trouble
        except BaseException:
            self._let_go(reading)
            await self._turns.release(mailbox.source)
            raise
        reading.failures = 0
        self._figures.state(mailbox.account.id, "reading")
        return pulled

    async def close(self) -> None:
        """Say goodbye everywhere, and let others read."""
        boxes = [reading.box for reading in self._readings.values() if reading.box is not None]
        self._readings.clear()
        await asyncio.gather(*(box.leave() for box in boxes))
        await self._turns.close()

    # --- one folder ---

    async def _read(self, mailbox: Mailbox, reading: _Reading, turn: Turn) -> Pulled:
        box = await self._connected(mailbox, reading)
        settings = mailbox.account.settings
        known, at = Position.parse(turn.row.position), self._clock()
        look = await box.look(known, mailbox.account.created_at - settings.back, at, MOST_MAILS)
        if look.uids:
            return await self._taken(mailbox, box, turn, look.position, look.uids)
        if known != look.position:
            return Pulled(commit=partial(self._passed, turn, look.position), more=True)
        return Pulled(more=await self._news(box, reading, settings.poll_seconds))

    async def _taken(self, mailbox: Mailbox, box: Box, turn: Turn, position: Position, uids: Sequence[int]) -> Pulled:
        batch = self._takings.batch(mailbox.account)
        haul = await box.fetch(uids, self._largest, MOST_BYTES)
        facts: list[Fact] = []
        for mail in haul.mails:
            facts += await batch.take(mail)
        position = position.after(haul.passed, self._clock())
        marked = [mail.uid for mail in haul.mails]
        return Pulled(tuple(facts), partial(self._commit, batch, box, turn, position, marked), more=True)

    async def _commit(self, batch: Batch, box: Box, turn: Turn, position: Position, uids: Sequence[int]) -> None:
        """The facts are durable: the cursor moves, and then the mails are marked."""
        if not await self._moved(turn, position):
            return
        await batch.settled()
        if batch.account.settings.after_reading == "leave" or not uids:
            return
        try:
            await box.mark(uids)
        except MailboxTrouble as trouble:
            # They were taken, whether they look like it or not.
            self._figures.not_marked(len(uids))
            log.warning("mails_not_marked", account=batch.account.id, reason=str(trouble.reason), mails=len(uids))

    async def _passed(self, turn: Turn, position: Position) -> None:
        """There was nothing to take on the way."""
        await self._moved(turn, position)

    async def _moved(self, turn: Turn, position: Position) -> bool:
        moved = await self._turns.move(turn, position.text(), more=True)
        if not moved:
            log.warning("mailbox_turn_lost", account=turn.source.account)
        return moved

    async def _news(self, box: Box, reading: _Reading, poll_seconds: float) -> bool:
        """Until the server tells of something, or it is time to ask; whether it told."""
        if reading.idles:
            try:
                return await box.wait(min(self._wait_seconds, poll_seconds))
            except MailboxTrouble as trouble:
                if trouble.reason is not Reason.PROTOCOL:
                    raise
                reading.idles = False  # it says that it can, and cannot: it is asked now and then
                raise
        await asyncio.sleep(min(self._wait_seconds, poll_seconds))
        return True

    async def _connected(self, mailbox: Mailbox, reading: _Reading) -> Box:
        if reading.box is not None and not reading.box.closed:
            return reading.box
        settings = mailbox.account.settings
        token = await self._access(mailbox.account) if settings.oauth is not None else ""
        box = Box(settings, mailbox.folder)
        reading.box = box
        await box.open(token)
        reading.idles = reading.idles and await box.idles()
        log.info("mailbox_open", account=mailbox.account.id, idles=reading.idles)
        return box

    async def _access(self, account: EmailAccount) -> str:
        try:
            return await self._token(account)
        except Refused as refused:
            raise MailboxTrouble(Reason.TOKEN, refused.text) from refused
        except (SendError, NotAccepted) as error:
            raise MailboxTrouble(Reason.UNREACHABLE) from error

    async def _not_mine(self, mailbox: Mailbox, reading: _Reading) -> None:
        if reading.box is not None:
            await reading.box.leave()
            reading.box = None
        self._figures.state(mailbox.account.id, "elsewhere")
        await asyncio.sleep(ELSEWHERE_SECONDS)

    def _failed(self, mailbox: Mailbox, reading: _Reading, trouble: MailboxTrouble) -> RetryLater:
        """Nothing can be read now: when to try again, later each time."""
        self._let_go(reading)
        least, most = LASTING_SECONDS if trouble.lasting else AWAY_SECONDS
        after = min(most, least * 2 ** min(reading.failures, 12)) * (0.75 + random.random() / 2)  # noqa: S311 - no secret
        reading.failures += 1
        account = mailbox.account.id
        self._figures.trouble(trouble.reason)
        self._figures.state(account, "refused" if trouble.lasting else "away")
        log.warning("mailbox_away", account=account, reason=str(trouble.reason), retry_after=round(after, 1))
        return RetryLater(after)

    def _let_go(self, reading: _Reading) -> None:
        if reading.box is not None:
            reading.box.cut()
            reading.box = None
