"""Receipts, visits and typing that nobody waits for, gathered per customer so that the newest stands for all.

A screen acknowledges every message; dialogue needs to know only how far it got. What is noted within ``window`` seconds
for one address leaves as a few publications, together with what waits of others, and stays here while the bus is away.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from prometheus_client import Counter

from yizhan.channels.contract import (
    Fact,
    InboundGone,
    InboundMessage,
    InboundReceipt,
    InboundTrigger,
    InboundTyping,
    InboundVisit,
    NotAccepted,
)
from yizhan.core.messages.address import Address
from yizhan.core.messages.command import Command
from yizhan.core.messages.receipt import Receipt, ReceiptState

MAX_ADDRESSES = 50_000
"""More customers than this wait only when the bus is away for long; then the oldest are forgotten, and counted."""

WINDOW_SECONDS = 0.3
"""How long a note may wait for company."""

RIPE = 1 / 3
"""The part of the window that a note waits in any case: a screen's own report may overtake a mere "accepted"."""

RETRY_SECONDS = 1.0
MAX_FLUSH = 500


class Bring(Protocol):
    async def __call__(self, facts: list[Fact]) -> None:
        """Makes the facts durable. Raises NotAccepted."""


@dataclass(slots=True)
class _Waiting:
    """What is known of one customer and not yet told."""

    due: float
    accepted: dict[int, Receipt] = field(default_factory=dict)
    marks: dict[ReceiptState, Receipt] = field(default_factory=dict)
    visit: Command | None = None
    typing: InboundTyping | None = None

    def add(self, fact: Fact) -> None:
        match fact:
            case InboundReceipt(receipt) if receipt.up_to_seq:
                known = self.marks.get(receipt.state)
                if known is None or known.up_to_seq < receipt.up_to_seq:
                    self.marks[receipt.state] = receipt
            case InboundVisit(command):
                self.visit = command
            case InboundTyping():
                self.typing = fact
            case _:
                raise TypeError(f"a {type(fact).__name__} that nobody waits for must be a mark up to a seq")

    @property
    def empty(self) -> bool:
        return not (self.accepted or self.marks or self.visit or self.typing)

    def absorb(self, newer: "_Waiting") -> None:
        """What was noted while this was on its way and came back. A hint of typing is stale by then."""
        self.accepted |= newer.accepted
        for mark in newer.marks.values():
            self.add(InboundReceipt(mark))
        self.visit = newer.visit or self.visit
        self.typing = newer.typing

    def facts(self) -> Iterator[Fact]:
        """The newest of each kind; what a later state implies is left out."""
        if self.visit is not None:
            yield InboundVisit(self.visit)
        reached = 0
        told: list[Receipt] = []
        for state in (ReceiptState.READ, ReceiptState.DELIVERED):
            mark = self.marks.get(state)
            if mark is not None and mark.up_to_seq > reached:
                reached = mark.up_to_seq
                told.append(mark)
        for seq, receipt in self.accepted.items():
            if seq > reached:
                yield InboundReceipt(receipt)
        for mark in reversed(told):
            yield InboundReceipt(mark)
        if self.typing is not None:
            yield self.typing


class Notes:
    """Brings noted facts to the bus within ``window`` seconds, as long as ``run`` runs."""

    def __init__(self, bring: Bring, dropped: Counter, *, window: float = WINDOW_SECONDS) -> None:
        self._bring = bring
        self._dropped = dropped
        self._window = window
        self._waiting: dict[Address, _Waiting] = {}
        self._some = asyncio.Event()

    def add(self, fact: Fact) -> None:
        """Remember a receipt up to a seq, a visit or typing."""
        self._of(_address(fact)).add(fact)

    def add_accepted(self, receipt: Receipt, seq: int) -> None:
        """Remember that one message was accepted; told only if no screen reports it delivered within the window."""
        self._of(receipt.address).accepted[seq] = receipt

    def take_visit(self, address: Address) -> InboundVisit | None:
        """The visit that waits, for whoever brings it to the bus now: a greeting comes before the first answer."""
        waiting = self._waiting.get(address)
        if waiting is None or waiting.visit is None:
            return None
        visit, waiting.visit = InboundVisit(waiting.visit), None
        if waiting.empty:
            del self._waiting[address]
        return visit

    def put_back(self, visit: InboundVisit) -> None:
        """A visit that was taken and not brought; one that was noted meanwhile stands for it."""
        waiting = self._of(visit.command.address)
        waiting.visit = waiting.visit or visit.command

    def _of(self, address: Address) -> _Waiting:
        waiting = self._waiting.get(address)
        if waiting is None:
            if len(self._waiting) >= MAX_ADDRESSES:
                del self._waiting[next(iter(self._waiting))]
                self._dropped.inc()
            waiting = self._waiting[address] = _Waiting(asyncio.get_running_loop().time() + self._window)
            self._some.set()
        return waiting

    async def run(self) -> None:
        """Flush what is due, until cancelled. Call ``flush`` afterwards for the rest."""
        loop = asyncio.get_running_loop()
        while True:
            await self._some.wait()
            wait = next(iter(self._waiting.values())).due - loop.time() if self._waiting else 0.0
            if wait > 0:
                await asyncio.sleep(wait)
            try:
                # With the oldest goes whatever is ripe: few large flushes instead of one for each customer.
                await self._flush(loop.time() + (1 - RIPE) * self._window)
            except NotAccepted as error:
                await asyncio.sleep(max(RETRY_SECONDS, error.after))
            if not self._waiting:
                self._some.clear()

    async def flush(self) -> None:
        """Bring everything now. Raises NotAccepted; what was not brought is kept."""
        while self._waiting:
            await self._flush(float("inf"))

    async def _flush(self, due_by: float) -> None:
        taken: dict[Address, _Waiting] = {}
        for address, waiting in self._waiting.items():
            if waiting.due > due_by or len(taken) >= MAX_FLUSH:
                break
            taken[address] = waiting
        if not taken:
            return
        for address in taken:
            del self._waiting[address]
        try:
            await self._bring([fact for waiting in taken.values() for fact in waiting.facts()])
        except BaseException:
            self._put_back(taken)
            raise

    def _put_back(self, taken: dict[Address, _Waiting]) -> None:
        """In front again, with whatever was noted for the same customer meanwhile on top."""
        newer, self._waiting = self._waiting, taken
        for waiting in taken.values():
            waiting.typing = None
        for address, waiting in newer.items():
            if address in taken:
                taken[address].absorb(waiting)
            else:
                taken[address] = waiting
        self._some.set()


def _address(fact: Fact) -> Address:
    match fact:
        case InboundReceipt(receipt):
            return receipt.address
        case InboundVisit(command):
            return command.address
        case InboundTyping(address, _):
            return address
        case InboundTrigger(address) | InboundGone(address):
            return address
        case InboundMessage(message):
            return message.address
