"""The erasure of a customer over all services: once, and to its end however often it is interrupted.

1. What is on its way is waited for, so that nothing is decided behind the erasure's back.
2. dialogue begins: in one transaction it erases what it has and writes down what the others find theirs by.
3. Every service erases its own, a transaction each; parked letters go. This is repeated until nothing is found, for what was in
   a consumer's hands in step 2 may have written something since. Then the files go.
4. What it was found by is forgotten, the embedded database's file is written anew, and there is a receipt.

Whoever was killed after step 2 is found there again, and goes on.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from yizhan.channels.store.personal import INVENTORY as CHANNELS, WAITING
from yizhan.console import store as console
from yizhan.core.messages.ids import NewId
from yizhan.core.runtime.clock import Clock
from yizhan.core.security.keys import Keyring
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreUnavailable
from yizhan.core.store.media import MediaStore
from yizhan.core.store.personal import Done, Inventory, Pseudonyms, Subject
from yizhan.dialogue.customers.erasing import Erasing, Request, check, finish, locked, note_done
from yizhan.dialogue.customers.files_in_use import in_use
from yizhan.dialogue.customers.problems import UnknownCustomer
from yizhan.dialogue.store.erasures import Erasure
from yizhan.privacy.in_flight import InFlight, Patience
from yizhan.privacy.receipt import Receipt, SignedReceipt, lines_of, signed, untouched
from yizhan.privacy.stores import INVENTORIES
from yizhan.routing.store.personal import served_now, unsettled_tickets

MEDIA = "media"
FILES = "files"
LETTERS = "dead letters"
MOST_PASSES = 10
TRIES_TO_FORGET = 5


class TicketsOpen(Exception):
    """Somebody still has to settle these. Whoever erases may say that they end with it."""

    def __init__(self, numbers: Sequence[str]) -> None:
        super().__init__(", ".join(numbers))
        self.numbers = numbers


class HandOffOpen(Exception):
    """routing looks for a human, or has given one, in these conversations."""

    def __init__(self, conversations: Sequence[str]) -> None:
        super().__init__(", ".join(conversations))
        self.conversations = conversations


class UnknownErasure(Exception):
    """No erasure that came to its end has this id."""


class NeverStill(Exception):
    """Something about the customer was found again and again. Doing it again is right."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """What an erasure works on. ``finder`` is dialogue's."""

    database: Database
    media: MediaStore
    in_flight: InFlight
    keyring: Keyring
    clock: Clock
    new_id: NewId
    inventories: Sequence[Inventory] = INVENTORIES

    @property
    def pseudonyms(self) -> Pseudonyms:
        return Pseudonyms(self.keyring)

    @property
    def finder(self) -> Erasing:
        return Erasing(self.database, self.pseudonyms, clock=self.clock, new_id=self.new_id)


@dataclass(frozen=True, slots=True)
class Inspected:
    """What would go, before anything does. ``resumes``: an erasure is under way already."""

    subject: Subject | None
    done: Sequence[tuple[str, Done]]
    resumes: bool = False


async def inspect(on: Deployment, workspace: str, customer_id: str, request: Request) -> Inspected:
    """What an erasure would find. Raises UnknownCustomer, InTheWay, HandOffOpen and TicketsOpen."""
    if await on.finder.under_way(workspace, customer_id) is not None:
        return Inspected(None, (), resumes=True)
    try:
        subject, places = await on.finder.subject(workspace, customer_id)
    except UnknownCustomer:
        if await on.finder.finished(workspace, customer_id) is None:
            raise
        return Inspected(None, ())
    check(places, replace(request, close=True))
    await _nobody_works_on_it(on, subject, request)
    check(places, request)
    async with on.database.read() as tx:
        done = [(one.service, item) for one in on.inventories for item in await one.count(tx, subject)]
    if subject.media:
        done.append((MEDIA, Done(FILES, len(subject.media))))
    return Inspected(subject, done)


async def erase(
    on: Deployment, workspace: str, customer_id: str, request: Request, patience: Patience | None = None
) -> SignedReceipt:
    """Erase a customer, or go on with it; the receipt. A customer who is erased already gets one that found nothing.

    Raises UnknownCustomer, InTheWay, HandOffOpen, TicketsOpen (nothing has happened then), StillOnItsWay, NeverStill,
    BusUnavailable and StoreUnavailable (what was begun goes on when it is asked for again).
    """
    waits = patience or Patience()
    erasure = await on.finder.under_way(workspace, customer_id)
    if erasure is None:
        try:
            erasure = await _begun(on, workspace, customer_id, request, waits)
        except UnknownCustomer:
            return await _nothing_left(on, workspace, customer_id, request)
    if erasure.subject is not None:
        await _sweep(on, erasure.id, erasure.subject, waits)
    erasure = await _finished(on, erasure)
    return signed(_receipt(on, erasure), on.keyring)


async def receipt_of(on: Deployment, workspace: str, erasure_id: str) -> SignedReceipt:
    """The receipt of an erasure that came to its end, once more. Raises UnknownErasure and StoreUnavailable."""
    erasure = await on.finder.erasure(workspace, erasure_id)
    if erasure is None or erasure.finished_at is None:
        raise UnknownErasure(erasure_id)
    return signed(_receipt(on, erasure), on.keyring)


async def _begun(on: Deployment, workspace: str, customer_id: str, request: Request, waits: Patience) -> Erasure:
    subject, places = await on.finder.subject(workspace, customer_id)
    check(places, request)
    await _nobody_works_on_it(on, subject, request)
    await on.in_flight.drained(subject, waits.within)
    return await on.finder.begin(workspace, customer_id, request)


async def _nobody_works_on_it(on: Deployment, subject: Subject, request: Request) -> None:
    async with on.database.read() as tx:
        if served := await served_now(tx, subject):
            raise HandOffOpen(served)
        if not request.close and (numbers := await unsettled_tickets(tx, subject)):
            raise TicketsOpen(numbers)


async def _sweep(on: Deployment, erasure_id: str, subject: Subject, waits: Patience) -> None:
    """Pass after pass until one finds nothing; between two, what is in hand comes to its end."""
    for number in range(MOST_PASSES):
        await on.in_flight.drained(subject, waits.within)
        done = await _pass(on, erasure_id, subject)
        if number and not done:
            break
        known = await on.finder.erasure(subject.workspace, erasure_id)
        await asyncio.sleep(
            waits.after_a_pass(
                subject,
                on.clock(),
                at_a_platform=known is not None and CHANNELS.service in known.done,
                waited=any(one.table == WAITING for one in done),
            )
        )
    else:
        raise NeverStill(erasure_id)
    await _remove_files(on, erasure_id, subject)


async def _pass(on: Deployment, erasure_id: str, subject: Subject) -> Sequence[Done]:
    found: list[Done] = []
    for inventory in on.inventories:
        async with on.database.begin() as tx:
            done = await inventory.erase(tx, subject, on.pseudonyms)
            await note_done(tx, erasure_id, inventory.service, done)
        found += done
    if letters := await on.in_flight.discard_letters(subject):
        found.append(Done(LETTERS, letters, erased=letters))
        async with on.database.begin() as tx:
            await note_done(tx, erasure_id, "bus", found[-1:])
    return found


async def _remove_files(on: Deployment, erasure_id: str, subject: Subject) -> None:
    """Noted before it is done, and once: who is killed in between removes them when they go on."""
    stay = await in_use(on.database, subject)
    theirs = [media_id for media_id in subject.media if media_id not in stay]
    there = sum([await on.media.find(media_id) is not None for media_id in theirs])
    done = [Done(FILES, there, erased=there)]
    done += [Done(FILES, count, why=use.value) for use, count in sorted(Counter(stay.values()).items())]
    async with on.database.begin() as tx:
        if MEDIA not in (await locked(tx, erasure_id)).done:
            await note_done(tx, erasure_id, MEDIA, [one for one in done if one.found])
    for media_id in theirs:
        await on.media.remove(media_id)


async def _finished(on: Deployment, erasure: Erasure) -> Erasure:
    async with on.database.begin() as tx:
        finished = await finish(tx, erasure.id, on.clock())
        await console.note(tx, erasure.workspace, on.clock(), "cli", "customer_erased", erasure.id)
    await _forget(on.database)
    return finished


async def _forget(database: Database) -> None:
    for left in reversed(range(TRIES_TO_FORGET)):
        try:
            await database.forget_deleted()
        except StoreUnavailable:
            if not left:
                raise
            await asyncio.sleep(1.0)
        else:
            return


async def _nothing_left(on: Deployment, workspace: str, customer_id: str, request: Request) -> SignedReceipt:
    earlier = await on.finder.finished(workspace, customer_id)
    if earlier is None or earlier.finished_at is None:
        raise UnknownCustomer(customer_id)
    await _forget(on.database)  # whoever was killed between finishing and this
    now = on.clock()
    again = replace(
        earlier, id=on.new_id(), begun_at=now, finished_at=now, begun_by=request.by, reason=request.reason, done={}
    )
    return signed(_receipt(on, again, earlier.id), on.keyring)


def _receipt(on: Deployment, erasure: Erasure, earlier: str = "") -> Receipt:
    if erasure.finished_at is None:
        raise ValueError("an erasure that is under way has no receipt")
    lines = lines_of(erasure.done)
    return Receipt(
        id=erasure.id,
        workspace=erasure.workspace,
        customer=f"hmac-sha256:{erasure.customer}",
        begun_at=erasure.begun_at,
        finished_at=erasure.finished_at,
        by=erasure.begun_by,
        reason=erasure.reason,
        earlier=earlier,
        found=sum(line.found for line in lines),
        lines=lines,
        untouched=untouched({one.service: one.others for one in on.inventories}),
    )
