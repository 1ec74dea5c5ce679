"""What nobody waits for is brought together: the newest stands for all, and nothing is lost while the bus is away."""

import asyncio

import pytest
from prometheus_client import CollectorRegistry, Counter

from tests.channels.waiting import until
from yizhan.channels import notes as notes_module
from yizhan.channels.contract import Fact, InboundMessage, InboundReceipt, InboundTyping, InboundVisit, NotAccepted
from yizhan.channels.notes import Notes
from yizhan.core.messages.address import Address
from yizhan.core.messages.command import Command, Visit
from yizhan.core.messages.content import Text
from yizhan.core.messages.ids import new_id
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.messages.receipt import Receipt, ReceiptState
from yizhan.core.runtime.clock import now


def address(customer: str = "c") -> Address:
    return Address("default", "website", "demo", customer)


def mark(state: ReceiptState, seq: int, customer: str = "c") -> InboundReceipt:
    return InboundReceipt(Receipt(new_id(), address(customer), state, now(), up_to_seq=seq))


def accepted(message_id: str, customer: str = "c") -> Receipt:
    return Receipt(new_id(), address(customer), ReceiptState.ACCEPTED, now(), message_id=message_id)


class Bus:
    def __init__(self) -> None:
        self.away = False
        self.flushes: list[list[Fact]] = []

    async def __call__(self, facts: list[Fact]) -> None:
        await asyncio.sleep(0)
        if self.away:
            raise NotAccepted(0.0)
        self.flushes.append(facts)

    def told(self) -> list[str]:
        return [named(fact) for flush in self.flushes for fact in flush]


def named(fact: Fact) -> str:
    match fact:
        case InboundReceipt(receipt):
            what = receipt.message_id or f"up to {receipt.up_to_seq}"
            return f"{receipt.address.customer} {receipt.state.name.lower()} {what}"
        case InboundVisit(command):
            assert isinstance(command.kind, Visit)
            return f"{command.address.customer} visits {command.kind.page_url}"
        case InboundTyping(where, _):
            return f"{where.customer} types"
        case _:
            return "?"


def notes_of(bus: Bus, window: float = 0.0) -> Notes:
    return Notes(bus, Counter("dropped", "x", registry=CollectorRegistry()), window=window)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        pytest.param([("delivered", 1), ("delivered", 2), ("delivered", 5)], ["c delivered up to 5"], id="the newest"),
        pytest.param([("delivered", 5), ("delivered", 2)], ["c delivered up to 5"], id="an old one changes nothing"),
        pytest.param([("delivered", 5), ("read", 5)], ["c read up to 5"], id="read includes delivered"),
        pytest.param([("read", 3), ("delivered", 5)], ["c delivered up to 5", "c read up to 3"], id="read less far"),
        pytest.param([("accepted", 5), ("delivered", 5)], ["c delivered up to 5"], id="delivered includes accepted"),
        pytest.param([("delivered", 5), ("accepted", 5)], ["c delivered up to 5"], id="in either order"),
        pytest.param(
            [("accepted", 6), ("delivered", 5)], ["c accepted m-6", "c delivered up to 5"], id="not yet delivered"
        ),
        pytest.param([("accepted", 1), ("accepted", 2)], ["c accepted m-1", "c accepted m-2"], id="nobody there"),
    ],
)
async def test_what_a_later_state_implies_is_left_out(given: list[tuple[str, int]], told: list[str]) -> None:
    bus = Bus()
    notes = notes_of(bus)
    for state, seq in given:
        if state == "accepted":
            notes.add_accepted(accepted(f"m-{seq}"), seq)
        else:
            notes.add(mark(ReceiptState[state.upper()], seq))
    await notes.flush()
    assert sorted(bus.told()) == sorted(told)


async def test_customers_do_not_mix_and_leave_together() -> None:
    bus = Bus()
    notes = notes_of(bus)
    notes.add(mark(ReceiptState.DELIVERED, 1, "a"))
    notes.add(mark(ReceiptState.DELIVERED, 2, "b"))
    await notes.flush()
    assert bus.told() == ["a delivered up to 1", "b delivered up to 2"]
    assert len(bus.flushes) == 1


async def test_the_last_visit_and_typing_stand_for_all() -> None:
    bus = Bus()
    notes = notes_of(bus)
    for url in ("https://a.example", "https://b.example"):
        notes.add(InboundVisit(Command(new_id(), address(), now(), Visit(page_url=url))))
        notes.add(InboundTyping(address(), Author(AuthorKind.CUSTOMER)))
    await notes.flush()
    assert bus.told() == ["c visits https://b.example", "c types"]


async def test_what_waits_leaves_within_the_window_and_not_before() -> None:
    bus = Bus()
    notes = notes_of(bus, window=0.3)
    running = asyncio.create_task(notes.run())
    notes.add(mark(ReceiptState.DELIVERED, 1))
    await asyncio.sleep(0.1)
    notes.add(mark(ReceiptState.DELIVERED, 2))
    assert bus.flushes == []
    await until(lambda: bool(bus.flushes))
    assert bus.told() == ["c delivered up to 2"]
    notes.add(mark(ReceiptState.READ, 2))
    await until(lambda: len(bus.flushes) == 2)
    assert bus.told() == ["c delivered up to 2", "c read up to 2"]
    running.cancel()
    await asyncio.wait({running})


async def test_with_the_oldest_leaves_what_is_ripe_and_the_rest_waits_for_its_own_time() -> None:
    bus = Bus()
    notes = notes_of(bus, window=0.9)
    running = asyncio.create_task(notes.run())
    loop = asyncio.get_running_loop()
    began = loop.time()
    for customer, at in (("oldest", 0.0), ("ripe", 0.3), ("fresh", 0.7)):
        await asyncio.sleep(began + at - loop.time())
        notes.add(mark(ReceiptState.DELIVERED, 1, customer))
    assert bus.flushes == []
    await until(lambda: bool(bus.flushes))
    assert bus.told() == ["oldest delivered up to 1", "ripe delivered up to 1"]
    await until(lambda: len(bus.flushes) == 2)
    assert loop.time() - began >= 0.7 + 0.9
    assert bus.told()[2:] == ["fresh delivered up to 1"]
    running.cancel()
    await asyncio.wait({running})


async def test_nothing_is_lost_while_the_bus_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes_module, "RETRY_SECONDS", 0.02)
    bus = Bus()
    bus.away = True
    notes = notes_of(bus)
    running = asyncio.create_task(notes.run())
    notes.add(mark(ReceiptState.DELIVERED, 1, "a"))
    notes.add(InboundTyping(address("a"), Author(AuthorKind.CUSTOMER)))
    await asyncio.sleep(0.03)
    notes.add(mark(ReceiptState.DELIVERED, 3, "a"))
    notes.add(mark(ReceiptState.READ, 1, "b"))
    await asyncio.sleep(0.03)
    bus.away = False
    await until(lambda: bool(bus.flushes))
    assert bus.told() == ["a delivered up to 3", "b read up to 1"]
    running.cancel()
    await asyncio.wait({running})


async def test_a_flush_that_is_cut_short_is_made_up_for_at_the_end() -> None:
    bus = Bus()
    notes = notes_of(bus)
    notes.add(mark(ReceiptState.DELIVERED, 1))
    flushing = asyncio.create_task(notes.flush())
    await asyncio.sleep(0)
    flushing.cancel()
    await asyncio.wait({flushing})
    await notes.flush()
    assert bus.told() == ["c delivered up to 1"]


async def test_a_flush_at_the_end_says_when_the_bus_is_away() -> None:
    bus = Bus()
    bus.away = True
    notes = notes_of(bus)
    notes.add(mark(ReceiptState.DELIVERED, 1))
    with pytest.raises(NotAccepted):
        await notes.flush()


async def test_memory_is_bounded_when_the_bus_stays_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes_module, "MAX_ADDRESSES", 3)
    bus = Bus()
    dropped = Counter("dropped", "x", registry=CollectorRegistry())
    notes = Notes(bus, dropped, window=9.0)
    for number in range(5):
        notes.add(mark(ReceiptState.DELIVERED, 1, f"c{number}"))
    await notes.flush()
    assert bus.told() == [f"c{number} delivered up to 1" for number in (2, 3, 4)]
    assert dropped._value.get() == 2


async def test_a_message_is_too_important_for_a_note() -> None:
    message = Message(new_id(), address(), Author(AuthorKind.CUSTOMER), Text("x"), now())
    with pytest.raises(TypeError):
        notes_of(Bus()).add(InboundMessage(message))
