"""What is made of one mail of a mailbox: its case, its contents as messages, what it says of mails of ours."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from yizhan.channels.contract import Fact, InboundReceipt
from yizhan.channels.email.desk import Case, Desk, EmailAccount, content_key
from yizhan.channels.email.facts import Arrived, bounced, is_about_the_address, said, too_large, unreadable
from yizhan.channels.email.figures import EmailFigures
from yizhan.channels.email.imap import Fetched
from yizhan.channels.email.letter import Automatic, Bounce, Letter, Mailbox
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content
from yizhan.core.messages.ids import NewId
from yizhan.core.messages.receipt import Receipt, ReceiptState
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.errors import StoreError

log = structlog.get_logger(__name__)

REMEMBERED = 20_000
"""Mails that are known again without asking: copies come by several ways, and folders are gone through again."""

MOST_BOUNCES = 50
"""Recipients of one report."""

Read = Callable[[bytes, datetime], Letter]
"""Reads a raw mail. Raises nothing."""

Become = Callable[[Letter], Awaitable[Sequence[Content]]]
"""What is shown of a mail, its files kept. Raises StoreError."""

TellTooLarge = Callable[[EmailAccount, Case, Letter], Awaitable[None]]
"""Lets a sender know that a mail was not read. Raises nothing."""


class Takings:
    """Takes mails of all accounts."""

    def __init__(
        self,
        desk: Desk,
        read: Read,
        become: Become,
        tell: TellTooLarge,
        figures: EmailFigures,
        *,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._desk = desk
        self._read = read
        self._become = become
        self._tell = tell
        self._figures = figures
        self._clock = clock
        self._new_id = new_id
        self._durable: OrderedDict[tuple[str, str], None] = OrderedDict()

    def batch(self, account: EmailAccount) -> "Batch":
        """For mails that become durable together."""
        return Batch(self, account)

    async def taken(self, batch: "Batch", mail: Fetched) -> Sequence[Fact]:
        """One that cannot be understood is said to be there: it holds up nobody else's, and stays in the mailbox."""
        account = batch.account
        try:
            return await self._understood(batch, mail)
        except StoreError:
            raise
        except Exception:
            # A mistake with one mail; raised, it would be met again and again, and nothing behind it be read.
            log.exception("mail_not_understood", account=account.id, uid=mail.uid, size=mail.size)
        self._figures.read("unreadable")
        digest = hashlib.sha256(mail.raw).hexdigest()
        letter = Letter(f"<unreadable-{digest[:40]}@invalid>", Mailbox(""), "", "", "")
        return await self._kept(batch, letter, (unreadable(""),), self._clock())

    async def settled(self, batch: "Batch") -> None:
        """What was taken is durable: it is known when it comes again, and senders hear what was not read."""
        for key in batch.keys:
            self._durable[(batch.account.id, key)] = None
        while len(self._durable) > REMEMBERED:
            self._durable.popitem(last=False)
        for case, letter in batch.large:
            await self._tell(batch.account, case, letter)

    async def _understood(self, batch: "Batch", mail: Fetched) -> Sequence[Fact]:
        account = batch.account
        at = self._clock()
        letter = await asyncio.to_thread(self._read, mail.raw, at)  # a large one takes its time
        if letter.sender.address in account.settings.own:
            letter = replace(letter, automatic=letter.automatic or Automatic.OWN)
        reported = await self._reported(account, letter, at)
        if reported:
            self._figures.read("bounce")
            return reported
        contents = (too_large(mail.size, letter.subject),) if not mail.whole else await self._become(letter)
        return await self._kept(batch, letter, contents, at, mail)

    async def _kept(
        self, batch: "Batch", letter: Letter, contents: Sequence[Content], at: datetime, mail: Fetched | None = None
    ) -> Sequence[Fact]:
        key = content_key(letter)
        if key in batch.keys or (batch.account.id, key) in self._durable:
            self._figures.read("repeated")
            return ()
        case = await self._desk.file(batch.account, letter, at)
        if case.ours:
            self._figures.read("ours")
            return ()
        if mail is not None:
            self._figures.read(_kind(letter, mail, case))
            if not mail.whole and letter.automatic is None:
                batch.large.append((case, letter))
        batch.keys.add(key)
        return said(Arrived(letter, case, key, at), contents, self._new_id)

    async def _reported(self, account: EmailAccount, letter: Letter, at: datetime) -> Sequence[Fact]:
        """What the mail says of mails of ours; empty where it is about none that is known."""
        facts: list[Fact] = []
        for bounce in _bounces(letter):
            found = await self._desk.bounced(account.id, bounce.message_id) if bounce.message_id else None
            if found is None:
                continue
            if is_about_the_address(bounce):
                await self._desk.mark_bad(account, found[1].customer, bounce.status, at)
            facts += bounced(bounce, *found, account.workspace, at, self._new_id)
        if (
            letter.read_message_id
            and (seen := await self._desk.bounced(account.id, letter.read_message_id)) is not None
        ):
            row, thread = seen
            address = Address(account.workspace, "email", account.id, thread.customer, thread.thread)
            facts.append(InboundReceipt(Receipt(self._new_id(), address, ReceiptState.READ, at, row.message_id)))
        return facts


@dataclass(slots=True)
class Batch:
    """Mails of one mailbox that become durable together. ``large``: those of which the headers alone were read."""

    takings: Takings
    account: EmailAccount
    keys: set[str] = field(default_factory=set)
    large: list[tuple[Case, Letter]] = field(default_factory=list)

    async def take(self, mail: Fetched) -> Sequence[Fact]:
        """A mail's facts; what it belongs to is kept. Raises StoreError."""
        return await self.takings.taken(self, mail)

    async def settled(self) -> None:
        """The facts are durable. Raises nothing."""
        await self.takings.settled(self)


def _bounces(letter: Letter) -> Sequence[Bounce]:
    found = letter.bounces or (() if letter.bounce is None else (letter.bounce,))
    return found[:MOST_BOUNCES]


def _kind(letter: Letter, mail: Fetched, case: Case) -> str:
    if case.own:
        return "own"
    if not mail.whole:
        return "too_large"
    return "person" if letter.automatic is None else "automatic"
