"""Queries on the cases of mailboxes: whose a mail is, what it answers, and how many mails a machine has sent somebody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from yizhan.channels.store.tables import mail_correspondents, mail_ids, mail_people, mail_threads
from yizhan.core.store.database import Database, Transaction
from yizhan.core.store.tables import among


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """One case. ``answer_to`` empty: nobody can be written to. ``linked_thread``: the case that its first mail pointed into."""

    account: str
    thread: str
    address_key: str
    customer: str
    answer_to: str
    name: str = field(repr=False)
    subject: str = field(repr=False)
    subject_key: str
    linked_thread: str
    automatic: bool
    created_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class IdRow:
    """One mail of a case. ``message_id`` empty: the customer's. ``mail_id`` empty: it cannot be referred to."""

    account: str
    digest: str
    thread: str
    address_key: str
    mail_id: str
    message_id: str
    recipient: str
    automatic: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class CorrespondentRow:
    """``bad_at``: mail to this address came back then, and nothing has come from it since."""

    account: str
    customer: str
    address_key: str
    bad_at: datetime | None = None
    bad_status: str = ""
    told_at: datetime | None = None


async def threads(database: Database, account: str, names: Sequence[str]) -> Mapping[str, ThreadRow]:
    """Those of the cases that there are. Raises StoreError."""
    query = sa.select(mail_threads).where(mail_threads.c.account == account, among(mail_threads.c.thread, names))
    async with database.read() as tx:
        return {row.thread: ThreadRow(*row) for row in await tx.execute(query)}


async def of_subject(
    database: Database, account: str, customer: str, subject_key: str, since: datetime
) -> ThreadRow | None:
    """The customer's newest case of this subject. Raises StoreError."""
    c = mail_threads.c
    same = sa.and_(c.account == account, c.customer == customer, c.subject_key == subject_key, c.last_at >= since)
    query = sa.select(mail_threads).where(same).order_by(c.last_at.desc()).limit(1)
    async with database.read() as tx:
        row = (await tx.execute(query)).one_or_none()
    return None if row is None else ThreadRow(*row)


async def named(database: Database, account: str, digests: Sequence[str]) -> Sequence[IdRow]:
    """The mails that have these ids, each as often as it belongs to a case. Raises StoreError."""
    query = sa.select(mail_ids).where(mail_ids.c.account == account, among(mail_ids.c.digest, digests))
    async with database.read() as tx:
        return [IdRow(*row) for row in await tx.execute(query)]


async def mails_of(database: Database, account: str, thread: str, most: int) -> Sequence[IdRow]:
    """The first mail of a case and its last ones, oldest first, at most so many. Raises StoreError."""
    same = sa.and_(mail_ids.c.account == account, mail_ids.c.thread == thread)
    order = (mail_ids.c.at, mail_ids.c.digest)
    async with database.read() as tx:
        first = (await tx.execute(sa.select(mail_ids).where(same).order_by(*order).limit(1))).all()
        backwards = sa.select(mail_ids).where(same).order_by(*(column.desc() for column in order)).limit(most - 1)
        last = (await tx.execute(backwards)).all()
    found = [IdRow(*row) for row in (*first, *reversed(last))]
    return list({row.digest: row for row in found}.values())


async def people(database: Database, account: str, names: Sequence[str]) -> Mapping[str, frozenset[str]]:
    """Who takes part in these cases besides their customers. Raises StoreError."""
    query = sa.select(mail_people).where(mail_people.c.account == account, among(mail_people.c.thread, names))
    found: dict[str, set[str]] = {}
    async with database.read() as tx:
        for row in await tx.execute(query):
            found.setdefault(row.thread, set()).add(row.person)
    return {thread: frozenset(persons) for thread, persons in found.items()}


async def correspondent(database: Database, account: str, customer: str) -> CorrespondentRow | None:
    """What is known of an address. Raises StoreError."""
    c = mail_correspondents.c
    query = sa.select(mail_correspondents).where(c.account == account, c.customer == customer)
    async with database.read() as tx:
        row = (await tx.execute(query)).one_or_none()
    return None if row is None else CorrespondentRow(*row[:6])


async def keep_thread(tx: Transaction, row: ThreadRow) -> None:
    """A mail of a case came: the case is made where there is none; where there is one it stays whose it is."""
    insert = _insert(tx, mail_threads).values(**_values(row))
    newest = {"last_at": _later(tx, insert.excluded.last_at), "automatic": insert.excluded.automatic}
    await tx.execute(insert.on_conflict_do_update(index_elements=["account", "thread"], set_=newest))


async def keep_ids(tx: Transaction, rows: Sequence[IdRow]) -> None:
    """Mails belong to cases; what is known of one stays."""
    for row in rows:
        insert = _insert(tx, mail_ids).values(**_values(row))
        await tx.execute(insert.on_conflict_do_nothing(index_elements=["account", "digest", "thread"]))


async def keep_machines_mail(
    tx: Transaction, row: IdRow, correspondent: CorrespondentRow, since: datetime, most: int
) -> bool:
    """A mail that no person wrote is about to go out. False: so many went to its recipient since, and it is not kept.

    Whoever asks for the same recipient meanwhile waits. One that was kept before is counted once and may go.
    """
    person = mail_correspondents.c
    made = _insert(tx, mail_correspondents).values({**_values(correspondent), "at": row.at})
    await tx.execute(made.on_conflict_do_nothing(index_elements=["account", "customer"]))
    same = sa.and_(person.account == correspondent.account, person.customer == correspondent.customer)
    await tx.execute(sa.select(person.customer).where(same).with_for_update())
    c = mail_ids.c
    others = sa.or_(c.digest != row.digest, c.thread != row.thread)
    to_them = sa.and_(c.account == row.account, c.recipient == row.recipient, c.at >= since, c.automatic.is_(True))
    count = sa.select(sa.func.count()).select_from(mail_ids).where(to_them, c.message_id != "", others)
    if (await tx.execute(count)).scalar_one() >= most:
        return False
    await keep_ids(tx, [row])
    return True


async def keep_people(tx: Transaction, account: str, thread: str, address_key: str, persons: Sequence[str]) -> None:
    """The business brought these into a case."""
    for person in persons:
        values = {"account": account, "thread": thread, "person": person, "address_key": address_key}
        insert = _insert(tx, mail_people).values(**values)
        await tx.execute(insert.on_conflict_do_nothing(index_elements=["account", "thread", "person"]))


async def mark_bad(tx: Transaction, row: CorrespondentRow, at: datetime) -> None:
    """Mail to this address came back."""
    values = {**_values(row), "told_at": None, "at": at}
    insert = _insert(tx, mail_correspondents).values(**values)
    changed = {"bad_at": insert.excluded.bad_at, "bad_status": insert.excluded.bad_status, "at": at}
    await tx.execute(insert.on_conflict_do_update(index_elements=["account", "customer"], set_=changed))


async def mark_good(tx: Transaction, account: str, customer: str) -> None:
    """Somebody wrote from this address."""
    c = mail_correspondents.c
    same = sa.and_(c.account == account, c.customer == customer, c.bad_at.is_not(None))
    await tx.execute(sa.update(mail_correspondents).where(same).values(bad_at=None, bad_status=""))


async def may_tell(tx: Transaction, row: CorrespondentRow, at: datetime, before: datetime) -> bool:
    """Note that its owner is told now; False: they were told since ``before``."""
    insert = _insert(tx, mail_correspondents).values({**_values(row), "told_at": at, "at": at})
    c = mail_correspondents.c
    told = insert.on_conflict_do_update(
        index_elements=["account", "customer"],
        set_={"told_at": at, "at": at},
        where=sa.or_(c.told_at.is_(None), c.told_at < before),
    ).returning(c.customer)
    return (await tx.execute(told)).first() is not None


async def forget(tx: Transaction, before: datetime, most: int) -> int:
    """Remove what nothing has been added to since; at most so many rows of each table. How many cases and mails went."""
    gone = 0
    for table, moment in (
        (mail_ids, mail_ids.c.at),
        (mail_threads, mail_threads.c.last_at),
        (mail_correspondents, mail_correspondents.c.at),
    ):
        keys = sa.tuple_(*table.primary_key.columns)
        old = sa.select(*table.primary_key.columns).where(moment < before).limit(most)
        gone += (await tx.execute(sa.delete(table).where(keys.in_(old)))).rowcount
    there = sa.exists().where(
        mail_threads.c.account == mail_people.c.account, mail_threads.c.thread == mail_people.c.thread
    )
    await tx.execute(sa.delete(mail_people).where(~there))
    return gone


def _later(tx: Transaction, given: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    greatest = sa.func.greatest if tx.dialect.name == "postgresql" else sa.func.max
    found: sa.ColumnElement[Any] = greatest(mail_threads.c.last_at, given)
    return found


def _insert(tx: Transaction, table: sa.Table) -> Any:
    dialect: Any = postgresql if tx.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


def _values(row: ThreadRow | IdRow | CorrespondentRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in type(row).__dataclass_fields__}
