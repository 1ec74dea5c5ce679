"""A business in whose every table something about a customer lies, and who looks for it afterwards."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa

from tests.contract.services.conftest import NOON
from tests.contract.services.customer_bench import Shop
from tests.contract.services.knowledge_bench import SHOP
from yizhan.core.bus.interface import DeadLetter
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Text
from yizhan.core.messages.ids import new_id
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.runtime.clock import monotonic
from yizhan.core.security.keys import Keyring
from yizhan.core.store.database import Database
from yizhan.core.store.media import MediaStore
from yizhan.core.store.outbox import unpublished
from yizhan.core.store.personal import Deleted, Emptied, Holding, Inventory
from yizhan.core.store.tables import UtcDateTime
from yizhan.dialogue.store import outbox
from yizhan.pb.v1 import message_pb2, routing_pb2
from yizhan.pb.v1.envelope_pb2 import Envelope
from yizhan.pb.v1.event_pb2 import Event
from yizhan.privacy.erasing import Deployment
from yizhan.privacy.in_flight import InFlight, Patience
from yizhan.privacy.stores import INVENTORIES
from yizhan.routing.store.addresses import address_text

SECRET = "k" * 40
AT_ONCE = Patience(within=0.0, settle=0.0, handing_over=0.0)
EARLIER = NOON - timedelta(days=1)


class StillBus:
    """A bus with nothing on it but parked letters."""

    def __init__(self) -> None:
        self.letters: list[DeadLetter] = []
        self.in_queues = 0

    async def waiting(self, _queues: Sequence[str], _concerns: Callable[[Envelope], bool]) -> int:
        return self.in_queues

    async def dead_letters(self, _queue: str | None = None, *, limit: int = 100) -> Sequence[DeadLetter]:
        return self.letters[:limit]

    async def discard(self, letter_id: str) -> bool:
        before = len(self.letters)
        self.letters = [letter for letter in self.letters if letter.id != letter_id]
        return len(self.letters) < before


def deployment(shop: Shop, home: Path, bus: StillBus, inventories: Sequence[Inventory] = INVENTORIES) -> Deployment:
    return Deployment(
        database=shop.database,
        media=MediaStore("", home),
        in_flight=InFlight(shop.database, cast(Any, bus), 16, monotonic),
        keyring=Keyring((SECRET,)),
        clock=shop.clock,
        new_id=new_id,
        inventories=inventories,
    )


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with one conversation, and a word of their own that nobody else writes."""

    address: Address
    word: str
    conversation_id: str
    identity_id: str
    message_id: str
    case_id: str = field(default_factory=new_id)
    ticket_id: str = field(default_factory=new_id)

    @property
    def number(self) -> int:
        """A whole number that nobody else has."""
        return int(self.conversation_id[-12:], 16)

    @property
    def traces(self) -> tuple[str, ...]:
        return (self.word, self.address.customer, self.conversation_id, self.identity_id)

    def message(self) -> bytes:
        form = message_pb2.Message(id=self.message_id, conversation_id=self.conversation_id)
        form.address.customer = self.address.customer
        form.content.text.text = self.word
        return form.SerializeToString()

    def event(self) -> bytes:
        told = routing_pb2.AttendEvent(cursor=1)
        card = told.offer.offer
        card.customer_name = card.last_text = card.note = self.word
        card.conversation_id = self.conversation_id
        card.address.customer = self.address.customer
        return told.SerializeToString()

    def result(self) -> bytes:
        answer = routing_pb2.AttendResult(request_id="r")
        answer.assignment.conversation_id = self.conversation_id
        answer.assignment.address.customer = self.address.customer
        return answer.SerializeToString()


async def arrive(shop: Shop, address: Address, word: str) -> Person:
    """They write, are answered, and go."""
    author = Author(AuthorKind.CUSTOMER, address.customer)
    key = f"{address.customer}:1"
    await shop.take(Message(new_id(), address, author, Text("你好"), shop.clock.at, dedupe_key=key, customer_name=word))
    conversation = await shop.conversation(address)
    identity_id = await shop.identity_of(address)
    async with shop.database.read() as tx:
        query = sa.text("SELECT id FROM messages WHERE conversation_id = :id ORDER BY seq")
        if shop.database.dialect == "postgresql":
            query = sa.text("SELECT id FROM dialogue.messages WHERE conversation_id = :id ORDER BY seq")
        message_id = (await tx.execute(query, {"id": conversation.id})).scalars().first()
    assert message_id is not None
    return Person(address, word, conversation.id, identity_id, message_id)


async def sent(shop: Shop) -> Sequence[Event]:
    """What was committed to go out has gone; the events of it."""
    async with shop.database.begin() as tx:
        rows = await unpublished(tx, outbox)
        await tx.execute(outbox.delete())
    return [row.event for row in rows if row.HasField("event")]


async def fill(database: Database, who: Person) -> None:
    """A row about them in every table that holds something about customers, where the writer has not made one."""
    async with database.begin() as tx:
        for inventory in INVENTORIES:
            done = set[str]()
            for holding in reversed(inventory.holdings):  # what is erased last is what others refer to
                if holding.name not in _MADE_BY_THE_WRITER and holding.name not in done:
                    await tx.execute(holding.table.insert(), [_row(holding, who)])
                    done.add(holding.name)


_MADE_BY_THE_WRITER = frozenset({"conversations", "identities", "identity_conversations", "dialogue_inbox"})


def _row(holding: Holding, who: Person) -> dict[str, object]:
    """Their word wherever there may be one, and what makes it theirs."""
    open_to_words = holding.changes if isinstance(holding, Emptied) else None
    row = {column.name: _value(column, who, open_to_words) for column in holding.table.columns}
    return row | {name: value for name, value in _keys(who).items() if name in row} | _special(holding.name, who)


def _value(column: sa.Column[Any], who: Person, open_to_words: frozenset[str] | None) -> object:
    match column.type:
        case UtcDateTime():
            return EARLIER
        case sa.Boolean():
            return False
        case sa.Integer() | sa.BigInteger() | sa.SmallInteger():
            return who.number % 10_000 if column.primary_key else 1
        case sa.JSON():
            return [who.word]
        case sa.LargeBinary():
            return f'"{who.word}"'.encode()
        case _:
            words = open_to_words is None or column.name in open_to_words
            text = who.word if words else "x"
            whole = f"{text}-{new_id()[-6:]}" if column.primary_key else text
            return whole[: getattr(column.type, "length", None)]


def _keys(who: Person) -> Mapping[str, object]:
    return {
        "workspace": SHOP,
        "conversation_id": who.conversation_id,
        "identity_id": who.identity_id,
        "address_key": who.address.key(),
        "case_id": who.case_id,
        "ticket_id": who.ticket_id,
    }


def _special(table: str, who: Person) -> dict[str, object]:
    """What must be of a form, by table."""
    match table:
        case "messages":
            return {"seq": 999, "id": new_id(), "body": who.message(), "author_kind": 1}
        case "decisions":
            return {"id": new_id(), "command": None}
        case "jobs":
            return {"id": new_id()}
        case "searchable" | "message_terms":
            return {"number": who.number, "seq": 999, "note": None} if table == "searchable" else {"number": who.number}
        case "messages_reworded":
            return {"seq": 999}
        case "dialogue_timers":
            return {"case_id": who.conversation_id}
        case "tickets":
            return {
                "id": who.ticket_id,
                "number": f"T-{who.ticket_id[-8:]}",
                "address": address_text(who.address),
                "status": "closed",
                "merged_into": "",
                "kind": "other",
                "source": "handoff",
            }
        case "ticket_labels":
            return {"kind": "tag"}
        case "ticket_events":
            return {"kind": "title", "by_role": "customer"}
        case "cases":
            return {"id": who.case_id, "address": address_text(who.address), "state": "done"}
        case "attend_events":
            return {"body": who.event()}
        case "attend_requests":
            return {"result": who.result()}
        case "ledger":
            return {"case_key": f"{who.conversation_id}:s1"}
        case "sends":
            return {"message_id": who.message_id}
        case "waiting":
            return {"message_id": new_id(), "body": who.message()}
        case "customer_links":
            return {"kind": 1}
        case _:
            return {}


async def dump(database: Database) -> Mapping[str, Sequence[tuple[object, ...]]]:
    """Every row of every table, whoever's."""
    found: dict[str, Sequence[tuple[object, ...]]] = {}
    async with database.read() as tx:
        for schema, name in await tx.run_sync(lambda connection: sorted(_tables(connection))):
            place = f'"{schema}"."{name}"' if schema else f'"{name}"'
            rows = await tx.execute(sa.text(f"SELECT * FROM {place}"))
            found[name] = sorted((tuple(row) for row in rows), key=repr)
    return found


async def tables(database: Database) -> frozenset[str]:
    """The names of every table in the database, those of Alembic left out."""
    async with database.read() as tx:
        found = await tx.run_sync(_tables)
    return frozenset(name for _, name in found)


def _tables(connection: sa.Connection) -> set[tuple[str, str]]:
    inspector = sa.inspect(connection)
    if connection.dialect.name == "sqlite":
        found = {("", name) for name in inspector.get_table_names()}
    else:
        schemas = set(inspector.get_schema_names()) - {"information_schema"}
        found = {(schema, name) for schema in schemas for name in inspector.get_table_names(schema=schema)}
    return {(schema, name) for schema, name in found if not name.endswith("alembic_version")}


def naming(rows: Mapping[str, Sequence[tuple[object, ...]]], traces: Sequence[str]) -> Mapping[str, list[str]]:
    """Which tables hold which of these, in whatever column and form."""
    found: dict[str, list[str]] = {}
    for name, of_table in rows.items():
        text = repr(of_table)
        if here := [trace for trace in traces if trace in text]:
            found[name] = here
    return found


__all__ = [
    "AT_ONCE",
    "Deleted",
    "Person",
    "StillBus",
    "arrive",
    "deployment",
    "dump",
    "fill",
    "naming",
    "sent",
    "tables",
]
