"""The cases of mailboxes, as they are kept: a mail's case is looked for, and kept before anything else is done with it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from yizhan.channels.accounts import Account
from yizhan.channels.email.addresses import can_be_written_to, normal
from yizhan.channels.email.filing import Clues, Filed, clues_of, file, plain_subject, subject_key
from yizhan.channels.email.ids import digest_of, kept
from yizhan.channels.email.letter import Automatic, Letter
from yizhan.channels.email.reply_token import ReplyTokens
from yizhan.channels.email.settings import EmailAccountSettings
from yizhan.channels.store import mail
from yizhan.channels.store.mail import CorrespondentRow, IdRow, ThreadRow
from yizhan.core.messages.address import Address
from yizhan.core.store.database import Database

CHANNEL = "email"

EmailAccount = Account[EmailAccountSettings]

MOST_MAILS = 24
"""Of a case, as many are looked at for what an answer refers to."""

TELL_AGAIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Case:
    """Where a mail belongs. ``ours``: it is one of our own mails, come back. ``linked``: the case that it only pointed into.
    ``answers_to``: the address that answers go to, empty where nobody can be written to.
    """

    address: Address
    sender: str
    own: bool
    linked: ThreadRow | None = None
    first: bool = True
    ours: bool = False
    answers_to: str = ""


class Desk:
    """Every method raises StoreError."""

    def __init__(self, database: Database, tokens: ReplyTokens) -> None:
        self._database = database
        self._tokens = tokens

    async def file(self, account: EmailAccount, letter: Letter, at: datetime) -> Case:
        """The case of a mail, kept with the mail's id."""
        settings = account.settings
        clues = clues_of(letter, settings.own, self._tokens)
        digest = digest_of(letter.message_id)
        rows = await mail.named(self._database, account.id, [*clues.digests, digest])
        if clues.own and any(row.message_id and row.digest == digest for row in rows):
            return Case(self._address(account, clues.sender, ""), clues.sender, own=True, ours=True)
        named: dict[str, list[str]] = {}
        for row in rows:
            named.setdefault(row.digest, []).append(row.thread)
        threads = list(dict.fromkeys([*clues.threads, *(row.thread for row in rows)]))
        known = await mail.threads(self._database, account.id, threads)
        people = await mail.people(self._database, account.id, threads) if threads else {}
        filed = file(account.id, letter, clues, self._tokens, known, named, people)
        filed = await self._by_subject(account, letter, clues, filed, at)
        address = self._address(account, filed.customer, filed.thread)
        here = (await mail.threads(self._database, account.id, [filed.thread])).get(filed.thread)
        await self._keep(letter, clues, filed, address, here, at)
        linked = known.get(filed.linked) if here is None else None
        answers_to = _answer_to(letter, address.customer) if here is None else here.answer_to
        return Case(address, clues.sender, clues.own, linked, first=here is None, answers_to=answers_to)

    async def bounced(self, account: str, message_id: str) -> tuple[IdRow, ThreadRow] | None:
        """The mail of ours that has this id, and its case."""
        rows = [row for row in await mail.named(self._database, account, [digest_of(message_id)]) if row.message_id]
        if not rows:
            return None
        threads = await mail.threads(self._database, account, [rows[0].thread])
        found = threads.get(rows[0].thread)
        return None if found is None else (rows[0], found)

    async def mark_bad(self, account: EmailAccount, customer: str, status: str, at: datetime) -> None:
        """Mail to this address came back."""
        row = CorrespondentRow(account.id, customer, self._address(account, customer, "").key(), at, status[:16])
        async with self._database.begin() as tx:
            await mail.mark_bad(tx, row, at)

    async def may_tell(self, account: EmailAccount, customer: str, at: datetime) -> bool:
        """Whether to tell an address's owner something that they are told once a day; noted as told."""
        row = CorrespondentRow(account.id, customer, self._address(account, customer, "").key())
        async with self._database.begin() as tx:
            return await mail.may_tell(tx, row, at, at - TELL_AGAIN)

    async def case(self, address: Address) -> ThreadRow | None:
        """The case at an address."""
        return await self.thread(address.account, address.thread)

    async def thread(self, account: str, thread: str) -> ThreadRow | None:
        """The case of this id."""
        return (await mail.threads(self._database, account, [thread])).get(thread)

    async def mails(self, address: Address) -> Sequence[IdRow]:
        """Mails of a case, oldest first: the first one and the last ones."""
        return await mail.mails_of(self._database, address.account, address.thread, MOST_MAILS)

    async def is_bad(self, account: str, customer: str) -> bool:
        found = await mail.correspondent(self._database, account, customer)
        return found is not None and found.bad_at is not None

    async def machine_sends(self, account: EmailAccount, row: IdRow, since: datetime, most: int) -> bool:
        """A mail that no person wrote is about to go out under this id; False: so many went there since."""
        person = CorrespondentRow(account.id, row.recipient, self._address(account, row.recipient, "").key())
        async with self._database.begin() as tx:
            return await mail.keep_machines_mail(tx, row, person, since, most)

    async def sending(self, row: IdRow) -> None:
        """A mail of ours is about to go out under this id."""
        async with self._database.begin() as tx:
            await mail.keep_ids(tx, [row])

    async def _by_subject(
        self, account: EmailAccount, letter: Letter, clues: Clues, filed: Filed, at: datetime
    ) -> Filed:
        """Where the account wants it: a mail that refers to nothing belongs to its sender's last case of that subject."""
        days = account.settings.match_subject_days
        key = subject_key(letter.subject)
        if filed.known or filed.linked or not days or not key or clues.digests or clues.own:
            return filed
        since = at - timedelta(days=days)
        row = await mail.of_subject(self._database, account.id, clues.sender, key, since)
        return filed if row is None else Filed(row.thread, row.customer, known=True)

    async def _keep(
        self, letter: Letter, clues: Clues, filed: Filed, address: Address, here: ThreadRow | None, at: datetime
    ) -> None:
        key = address.key()
        machine = letter.automatic is not None or clues.own
        row = ThreadRow(
            account=address.account,
            thread=address.thread,
            address_key=key,
            customer=address.customer,
            answer_to=_answer_to(letter, address.customer),
            name=letter.sender.name[:200],
            subject=plain_subject(letter.subject)[:500],
            subject_key=subject_key(letter.subject),
            linked_thread=filed.linked,
            automatic=machine if here is None or not clues.own else here.automatic,
            created_at=at,
            last_at=at,
        )
        digest = digest_of(letter.message_id)
        named = IdRow(address.account, digest, address.thread, key, kept(letter.message_id), "", "", machine, at)
        brought = _brought(letter, filed.customer) if clues.own and filed.known else []
        async with self._database.begin() as tx:
            await mail.keep_thread(tx, row)
            await mail.keep_ids(tx, [named])
            await mail.keep_people(tx, address.account, address.thread, key, brought)
            if letter.automatic is None:
                await mail.mark_good(tx, address.account, clues.sender)

    def _address(self, account: EmailAccount, customer: str, thread: str) -> Address:
        return Address(account.workspace, CHANNEL, account.id, customer, thread)


def content_key(letter: Letter) -> str:
    """The same for a mail that comes again, by whatever way, and another for two that share an id and nothing else."""
    whole = hashlib.sha256()
    parts = (letter.message_id, letter.sender.address, letter.subject, letter.full_text, letter.html)
    for part in parts:
        whole.update(f"{len(part)}:{part}".encode("utf-8", "surrogatepass"))
    for attachment in letter.attachments:
        whole.update(hashlib.sha256(attachment.data).digest())
    return whole.hexdigest()[:40]


def _answer_to(letter: Letter, customer: str) -> str:
    """Where answers in a case go that begins with this mail: to where it asks for, else to its sender."""
    if letter.automatic in (Automatic.BOUNCE, Automatic.OWN):
        return ""
    asked = next((known for box in letter.reply_to if (known := normal(box.address))), "")
    found = asked or customer
    return found if can_be_written_to(found) else ""


def _brought(letter: Letter, customer: str) -> list[str]:
    """Whom the business's own mail was sent to besides the customer."""
    found = (normal(box.address) for box in (*letter.to, *letter.cc))
    return sorted({one for one in found if one and one != customer})[:50]
