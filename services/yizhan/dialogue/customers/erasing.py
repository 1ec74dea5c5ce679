"""The erasure of a customer, as far as dialogue goes: it knows who they are, so it begins and it keeps the record.

Beginning is one transaction: the customer's conversations are locked, what is in the way is named, everything that dialogue
has is erased, and what other services find their rows by is written down. Whoever is killed after that finds it there and goes
on; it goes when the erasure is finished.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from google.protobuf.message import DecodeError

from yizhan.core.messages.ids import NewId
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database, Transaction
from yizhan.core.store.personal import Done, Pseudonyms, Subject
from yizhan.dialogue.arrival import message_key
from yizhan.dialogue.conversation import WAITING, State
from yizhan.dialogue.customers.files_in_use import media_in
from yizhan.dialogue.customers.following import Following
from yizhan.dialogue.customers.membership import members_of
from yizhan.dialogue.store import customers, erasures as store
from yizhan.dialogue.store.erasures import Erasure, Theirs
from yizhan.dialogue.store.personal import INVENTORY
from yizhan.pb.v1.message_pb2 import Message

SERVED = WAITING | {State.ASSIGNED}
OPEN = SERVED | {State.BOT, State.TICKETED}


class InTheWay(Exception):
    """A conversation is not over. ``places`` are conversations, with the agent's name where one has it."""

    def __init__(self, places: Sequence[Theirs]) -> None:
        super().__init__(", ".join(place.id for place in places))
        self.places = places


class ServedNow(InTheWay):
    """A human has one of their conversations, or is being looked for."""


class StillOpen(InTheWay):
    """The assistant has one of their conversations. Whoever erases may say that it ends with that."""


@dataclass(frozen=True, slots=True)
class Request:
    """Who wants it, and why; ``reason`` is kept and printed on the receipt. ``close``: open conversations end with it."""

    by: str
    reason: str = ""
    close: bool = False


class Erasing:
    """Every method may raise StoreUnavailable."""

    def __init__(self, database: Database, pseudonyms: Pseudonyms, *, clock: Clock, new_id: NewId) -> None:
        self._database = database
        self._pseudonyms = pseudonyms
        self._clock = clock
        self._new_id = new_id

    async def subject(self, workspace: str, customer_id: str) -> tuple[Subject, Sequence[Theirs]]:
        """Whose data it is, and their conversations. Raises UnknownCustomer."""
        await Following(self._database).catch_up()
        async with self._database.read() as tx:
            return await _subject(tx, workspace, customer_id, self._clock(), lock=False)

    async def under_way(self, workspace: str, customer_id: str) -> Erasure | None:
        """The erasure of this customer that was begun and not finished."""
        digests = self._pseudonyms.digests(customer_id)
        async with self._database.read() as tx:
            found = await store.under_way(tx, workspace)
        return next((one for one in found if one.customer in digests or _names(one, customer_id)), None)

    async def finished(self, workspace: str, customer_id: str) -> Erasure | None:
        """The last erasure that was asked for by this id and came to its end."""
        async with self._database.read() as tx:
            return await store.finished(tx, workspace, self._pseudonyms.digests(customer_id))

    async def erasure(self, workspace: str, erasure_id: str) -> Erasure | None:
        """An erasure by its own id, finished or not."""
        async with self._database.read() as tx:
            return await store.by_id(tx, workspace, erasure_id)

    async def begin(self, workspace: str, customer_id: str, request: Request) -> Erasure:
        """Erase what dialogue has, and write down what the others find theirs by; all of it or nothing.

        Raises UnknownCustomer, ServedNow and StillOpen.
        """
        async with self._database.begin() as tx:
            subject, places = await _subject(tx, workspace, customer_id, self._clock(), lock=True)
            check(places, request)
            erasure = Erasure(
                id=self._new_id(),
                workspace=workspace,
                customer=self._pseudonyms.digest(customer_id),
                begun_at=subject.until,
                begun_by=request.by,
                reason=request.reason,
                subject=subject,
                done={INVENTORY.service: list(await INVENTORY.erase(tx, subject, self._pseudonyms))},
            )
            await store.insert(tx, erasure)
        return erasure


def _names(erasure: Erasure, customer_id: str) -> bool:
    """Whether it is this customer's, whichever of their ids it was begun by."""
    subject = erasure.subject
    return subject is not None and customer_id in {subject.customer_id, *subject.identities}


def check(places: Sequence[Theirs], request: Request) -> None:
    """Whether an erasure may begin now. Raises ServedNow and StillOpen."""
    if served := [place for place in places if place.state in SERVED]:
        raise ServedNow(served)
    if left := [place for place in places if place.state in OPEN and not request.close]:
        raise StillOpen(left)


async def locked(tx: Transaction, erasure_id: str) -> Erasure:
    """Raises LookupError: there is none."""
    erasure = await store.locked(tx, erasure_id)
    if erasure is None:
        raise LookupError(erasure_id)
    return erasure


async def finish(tx: Transaction, erasure_id: str, now: datetime) -> Erasure:
    """Everything is gone: forget by what it was found. Who asks twice is given the same."""
    erasure = await locked(tx, erasure_id)
    if erasure.finished_at is None:
        erasure = replace(erasure, subject=None, finished_at=now)
        await store.save(tx, erasure)
    return erasure


async def note_done(tx: Transaction, erasure_id: str, service: str, done: Sequence[Done]) -> None:
    """Put down what became of a service's rows, in the transaction in which it did."""
    if not done:
        return
    erasure = await locked(tx, erasure_id)
    kept: Mapping[str, list[Done]] = erasure.done | {service: [*erasure.done.get(service, ()), *done]}
    await store.save(tx, replace(erasure, done=dict(kept)))


async def _subject(
    tx: Transaction, workspace: str, customer_id: str, now: datetime, *, lock: bool
) -> tuple[Subject, Sequence[Theirs]]:
    members = await members_of(tx, workspace, customer_id)
    if lock:
        await customers.lock(tx, workspace, [members.customer_id], members.ids)
        members = await members_of(tx, workspace, customer_id)
    places = await store.theirs(tx, members.identities, lock=lock)
    messages, keys, media = list[str](), list[str](), set[str]()
    last_at: datetime | None = None
    for place in places:
        seq = 0
        while page := await store.bodies(tx, place.id, seq):
            for one in page:
                messages.append(one.id)
                keys.append(_key(one.id, one.body, place))
                media |= media_in(one.body)
            seq = page[-1].seq
            last_at = max(last_at or page[-1].at, page[-1].at)
    subject = Subject(
        workspace=workspace,
        customer_id=members.customer_id,
        until=now,
        identities=tuple(members.ids),
        addresses=tuple(dict.fromkeys(place.address for place in places)),
        conversations=tuple(place.id for place in places),
        messages=tuple(messages),
        keys=tuple(keys),
        media=tuple(sorted(media)),
        last_at=last_at,
    )
    return subject, places


def _key(message_id: str, body: bytes, place: Theirs) -> str:
    try:
        known = Message.FromString(body).dedupe_key
    except DecodeError:
        known = ""
    return message_key(place.address.channel, place.address.account, known or message_id)
