"""What a service keeps about one customer: an inventory of its tables, by which all of it is found, shown and erased.

Each service states its own inventory (``personal.py`` beside its tables). Every table is in it, also those that hold nothing
about customers: ``tests/contract/services/test_personal_data.py`` compares the inventories with a migrated database, so
that no table comes without anybody having asked whom it is about. The same goes for each column of a row that stays.
"""

import hmac
import uuid
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from yizhan.core.messages.address import Address
from yizhan.core.messages.moment import Moment
from yizhan.core.security.keys import Keyring
from yizhan.core.store.database import Transaction

PAGE = 500

Row = sa.RowMapping
Condition = sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose data it is, by everything that rows are found by. Pieces of it are personal data themselves.

    ``addresses`` are those of the conversations; ``keys`` what the inbox knows their messages by, ``media`` the ids of the
    files in them. ``until``: what is found by an address alone and is younger belongs to a conversation that began since.
    ``last_at``: when the last of the messages was decided.
    """

    workspace: str
    customer_id: str
    until: Moment
    identities: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()
    conversations: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    last_at: Moment | None = None

    @property
    def address_keys(self) -> tuple[str, ...]:
        return tuple(address.key() for address in self.addresses)

    @property
    def needles(self) -> tuple[bytes, ...]:
        """What is in the bytes of everything that concerns them: their ids at channels, and their conversations'."""
        names = {address.customer for address in self.addresses} | set(self.conversations)
        return tuple(sorted(name.encode() for name in names if name))

    def concerns(self, address: Address, conversation_id: str) -> bool:
        """Whether something with this address and conversation is about them; without a conversation the address decides."""
        if conversation_id:
            return conversation_id in self.conversations
        place = replace(address, thread="")
        return any(replace(known, thread="") == place for known in self.addresses)


class Pseudonyms:
    """Names that stay the same for the same id, also in another service, and that nobody without the secret can take back."""

    def __init__(self, keyring: Keyring) -> None:
        self._keys = [key.key for key in keyring.derived("erasure-pseudonym")]

    def of(self, value: str) -> str:
        """An id in the form of a UUID."""
        return str(uuid.UUID(bytes=self._digest(self._keys[0], value)[:16], version=5))

    def digest(self, value: str) -> str:
        """For receipts, which name nobody."""
        return self._digest(self._keys[0], value).hex()

    def digests(self, value: str) -> tuple[str, ...]:
        """``digest`` under every secret that is still known, the present one first."""
        return tuple(self._digest(key, value).hex() for key in self._keys)

    def _digest(self, key: bytes, value: str) -> bytes:
        return hmac.digest(key, value.encode(), "sha256")


class About(StrEnum):
    """What a table that holds nothing about a customer is about."""

    OPERATION = "operation"
    """The running of the service, and colleagues."""
    BUSINESS = "business"
    """What the business wrote: knowledge, replies, contracts."""
    FIGURES = "figures"
    """Sums in which nobody can be told from another."""
    IN_FLIGHT = "in_flight"
    """What is on its way: waited for, so that it is handled and gone."""


def _as_it_is(_: Row) -> Mapping[str, object]:
    return {}


@dataclass(frozen=True, slots=True)
class Deleted:
    """Rows about a customer go. ``shown``: how columns are shown to whoever they are about; None leaves a table out."""

    table: sa.Table
    of: Callable[[Subject], Condition]
    shown: Callable[[Row], Mapping[str, object]] | None = _as_it_is

    @property
    def name(self) -> str:
        return self.table.name


@dataclass(frozen=True, slots=True)
class Emptied:
    """Rows stay as figures and lose what tells whose they were. ``why`` says what they are kept for.

    ``values`` gives the columns that it changes (``changes``, all of them); ``stays`` are all others. ``unique``: columns
    that no two rows share and of which ``values`` changes some: a row whose new place is taken since the last time goes.
    Raises ValueError where it changes none of them: every row would find itself in its place.
    """

    table: sa.Table
    of: Callable[[Subject], Condition]
    values: Callable[[Row, Subject, Pseudonyms], Mapping[str, object]]
    changes: frozenset[str]
    stays: frozenset[str]
    why: str
    unique: tuple[str, ...] = ()
    shown: Callable[[Row], Mapping[str, object]] | None = _as_it_is

    def __post_init__(self) -> None:
        if self.unique and self.changes.isdisjoint(self.unique):
            raise ValueError(f"{self.name}: {self.unique} do not change")

    @property
    def name(self) -> str:
        return self.table.name


Holding = Deleted | Emptied


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a table's rows about somebody. ``why``: what the emptied ones are kept for."""

    table: str
    found: int
    erased: int = 0
    emptied: int = 0
    why: str = ""


class Inventory:
    """What one service keeps. ``holdings`` are erased in this order: what is found by way of another table comes first."""

    def __init__(self, service: str, holdings: Sequence[Holding], others: Mapping[About, Collection[sa.Table]]) -> None:
        self.service = service
        self.holdings = tuple(holdings)
        self.others = {table.name: about for about, tables in others.items() for table in tables}

    @property
    def tables(self) -> frozenset[str]:
        """Every table that somebody has thought about."""
        return frozenset(self.others) | {one.name for one in self.holdings}

    async def count(self, tx: Transaction, subject: Subject) -> Sequence[Done]:
        """What is there of somebody, table by table; tables with nothing are left out."""
        found = [Done(one.name, await _count(tx, one.table, one.of(subject))) for one in self.holdings]
        return [done for done in found if done.found]

    async def erase(self, tx: Transaction, subject: Subject, pseudonyms: Pseudonyms) -> Sequence[Done]:
        """Erase it in the caller's transaction. Done again it finds nothing, or what has come since."""
        done: list[Done] = []
        for one in self.holdings:
            if isinstance(one, Deleted):
                gone = (await tx.execute(one.table.delete().where(one.of(subject)))).rowcount
                done.append(Done(one.name, gone, erased=gone))
            else:
                done.append(await _empty(tx, one, subject, pseudonyms))
        return [each for each in done if each.found]

    async def shown(self, tx: Transaction, subject: Subject) -> AsyncIterator[tuple[str, Mapping[str, object]]]:
        """Everything about somebody that they are given to read: the table's name and a row of it, in order."""
        for one in self.holdings:
            if one.shown is None:
                continue
            query = sa.select(one.table).where(one.of(subject)).order_by(*one.table.primary_key.columns)
            for row in (await tx.execute(query)).mappings().all():
                yield one.name, _named(one.table, row) | dict(one.shown(row))

    async def rows(self, tx: Transaction, table: str, subject: Subject) -> Sequence[Mapping[str, object]]:
        """One table's rows about somebody, as they are stored, in order."""
        found: list[Mapping[str, object]] = []
        for one in self.holdings:
            if one.name == table:
                query = sa.select(one.table).where(one.of(subject)).order_by(*one.table.primary_key.columns)
                found += [_named(one.table, row) for row in (await tx.execute(query)).mappings()]
        return found


def _named(table: sa.Table, row: Row) -> dict[str, object]:
    return {column.name: row[column.name] for column in table.columns}


async def _count(tx: Transaction, table: sa.Table, condition: Condition) -> int:
    query = sa.select(sa.func.count()).select_from(table).where(condition)
    return (await tx.execute(query)).scalar_one()


async def _empty(tx: Transaction, one: Emptied, subject: Subject, pseudonyms: Pseudonyms) -> Done:
    rows = (await tx.execute(sa.select(one.table).where(one.of(subject)))).mappings().all()
    erased = 0
    for row in rows:
        values = one.values(row, subject, pseudonyms)
        if stray := values.keys() - one.changes:
            raise ValueError(f"{one.name} does not say that it changes {sorted(stray)}")
        same = sa.and_(*(column == row[column.name] for column in one.table.primary_key.columns))
        if one.unique and await _taken(tx, one, row, values):
            await tx.execute(one.table.delete().where(same))
            erased += 1
        else:
            await tx.execute(one.table.update().where(same).values(values))
    return Done(one.name, len(rows), erased=erased, emptied=len(rows) - erased, why=one.why if rows else "")


async def _taken(tx: Transaction, one: Emptied, row: Row, values: Mapping[str, object]) -> bool:
    wanted = {name: values.get(name, row[name]) for name in one.unique}
    alike = sa.and_(*(one.table.c[name] == wanted[name] for name in one.unique))
    return (await tx.execute(sa.select(sa.literal(1)).where(alike).limit(1))).first() is not None


class contains(sa.ColumnElement[bool]):  # noqa: N801 - reads as the SQL function that it is
    """Whether a column of bytes holds these bytes somewhere."""

    type = sa.Boolean()
    inherit_cache = False

    def __init__(self, column: sa.ColumnElement[Any], wanted: bytes) -> None:
        self.column = column
        self.wanted: sa.ColumnElement[bytes] = sa.bindparam("wanted", wanted, type_=sa.LargeBinary(), unique=True)


@compiles(contains, "postgresql")
def _contains_postgresql(element: contains, compiler: SQLCompiler, **kw: Any) -> str:
    return f"position({compiler.process(element.wanted, **kw)} IN {compiler.process(element.column, **kw)}) > 0"


@compiles(contains, "sqlite")
def _contains_sqlite(element: contains, compiler: SQLCompiler, **kw: Any) -> str:
    return f"instr({compiler.process(element.column, **kw)}, {compiler.process(element.wanted, **kw)}) > 0"


def contains_any(column: sa.ColumnElement[Any], wanted: Collection[bytes]) -> Condition:
    """Whether a column of bytes holds any of these."""
    return sa.or_(sa.false(), *(contains(column, one) for one in sorted(wanted)))
