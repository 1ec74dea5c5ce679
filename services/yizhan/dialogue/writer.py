"""The single writer: takes a batch of what arrived on its partitions and makes it one transaction.

Parse, decide, store. Everything a batch changes (messages, states, timers, outgoing publications) is
committed together with the marks that make it happen only once; then it is published and announced.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from yizhan.core.bus import envelopes
from yizhan.core.bus.interface import Bus, Delivery, RetryLater
from yizhan.core.bus.topology import CONSOLE_LIVE
from yizhan.core.messages import command as k
from yizhan.core.messages.address import Address, partition
from yizhan.core.messages.ids import NewId
from yizhan.core.messages.message import AuthorKind, Message
from yizhan.core.messages.receipt import Receipt
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.bulk import Write
from yizhan.core.store.database import Database, Transaction
from yizhan.core.store.errors import IntegrityConflict, StoreUnavailable
from yizhan.core.store.inbox import Claim, Inbox
from yizhan.core.store.outbox import Outbox, OutboxRow, Pending
from yizhan.core.store.timers import Timers, TimerSetting
from yizhan.dialogue import commands, customer, reports, store
from yizhan.dialogue.answering import Answerer
from yizhan.dialogue.arrival import Arrival, parse
from yizhan.dialogue.conversation import Conversation
from yizhan.dialogue.decisions import Decision
from yizhan.dialogue.foreseeing import Foresee, foreseen, unforeseen
from yizhan.dialogue.jobs.finished import JobEnds
from yizhan.dialogue.models.use import NO_MODELS, ModelUse
from yizhan.dialogue.receipts import Marked, Moved, note
from yizhan.dialogue.recognition.policy import Recognising
from yizhan.dialogue.remembering import Remembering
from yizhan.dialogue.texts import Voice
from yizhan.dialogue.turn import Turn
from yizhan.pb.v1 import event_pb2
from yizhan.pb.v1.envelope_pb2 import Envelope

log = structlog.get_logger(__name__)

D = event_pb2.Disposition


@dataclass(frozen=True, slots=True)
class Rules:
    """What the writer needs to know of the deployment."""

    partitions: int
    voice: Voice
    idle_close: timedelta
    zone: ZoneInfo
    recognising: Recognising | None = None
    models: ModelUse = NO_MODELS


@dataclass(slots=True)
class Step:
    """A batch on its way through: the turns by address and what the receipts moved.

    ``passing``: what only an event is left of, since the conversation is erased.
    """

    turns: dict[str, Turn]
    known: frozenset[str]
    passing: list[Turn] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    marked: list[Marked] = field(default_factory=list)


class Writer:
    """Handles the inbound partitions of this process. ``handle`` is the bus handler."""

    def __init__(  # noqa: PLR0913 - what the service has, given by name
        self,
        *,
        database: Database,
        bus: Bus,
        inbox: Inbox,
        outbox: Outbox,
        timers: Timers,
        answerer: Answerer,
        job_ends: JobEnds,
        wake_jobs: Callable[[], None],
        count: Callable[[Iterable[Turn]], None] = lambda _: None,
        foresee: Foresee = unforeseen,
        rules: Rules,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._database = database
        self._bus = bus
        self._inbox = inbox
        self._outbox = outbox
        self._timers = timers
        self._remembering = Remembering(answerer, job_ends, rules.voice, rules.zone)
        self._wake_jobs = wake_jobs
        self._count = count
        self._foresee = foresee
        self._rules = rules
        self._clock = clock
        self._new_id = new_id
        self._publishing: asyncio.Queue[Pending] = asyncio.Queue(maxsize=8)

    async def handle(self, deliveries: Sequence[Delivery]) -> None:
        """One batch, one transaction. Raises RetryLater while the database is away; nothing has happened then."""
        arrivals = [parse(delivery.envelope) for delivery in deliveries]
        try:
            step, pending = await self._store(arrivals)
        except StoreUnavailable as error:
            log.warning("store_unavailable", batch=len(arrivals), reason=str(error))
            raise RetryLater(0.5) from error
        except IntegrityConflict as error:
            # Another process wrote the same conversation in the moment the partition changed hands. What it stored
            # is found on the next try, so nothing is lost and nothing happens twice.
            log.warning("write_conflict", batch=len(arrivals))
            raise RetryLater(0.1) from error
        if any(turn.jobs for turn in step.turns.values()):
            self._wake_jobs()
        self._count(step.turns.values())
        await self._publishing.put(pending)
        await self._announce(step)

    async def publish_committed(self) -> None:
        """Publish what was committed, in order; runs as long as the service does."""
        while True:
            pending = await self._publishing.get()
            try:
                await self._outbox.publish(pending)
            finally:
                self._publishing.task_done()

    async def published(self) -> None:
        """Returns when nothing committed waits to be published any more."""
        await self._publishing.join()

    async def _store(self, arrivals: Sequence[Arrival]) -> tuple[Step, Pending]:
        now = self._clock()
        async with self._database.begin() as tx:
            claims = await self._inbox.claim(tx, [(a.once, a.envelope_id) for a in arrivals if a.once])
            keys = sorted({arrival.address.key() for arrival in arrivals})
            known = await store.load(tx, keys)
            await self._foresee(foreseen(arrivals, claims.each, known))
            step = Step({key: self._turn(item, now) for key, item in known.items()}, frozenset(known))
            each = iter(claims.each)
            for arrival in arrivals:
                self._apply(step, arrival, next(each) if arrival.once else Claim.NEW, now)
            rows = await self._publications(tx, step)
            pending = await self._outbox.add(tx, rows, along=self._changes(step))
        return step, pending

    def _turn(self, conversation: Conversation, now: datetime) -> Turn:
        rules = self._rules
        return Turn(conversation, now, self._new_id, rules.voice, rules.idle_close, rules.recognising, rules.models)

    def _apply(self, step: Step, arrival: Arrival, claim: Claim, now: datetime) -> None:
        key = arrival.address.key()
        turn = step.turns.get(key)
        match arrival.what:
            case Message() as message:
                if claim is Claim.REDELIVERED:
                    return  # its effect, event included, was committed before
                if turn is None and claim is Claim.DUPLICATE:
                    self._pass_over(step, arrival, message, now)
                    return
                turn = turn or self._open(step, arrival.address, now)
                handled = self._receive(step, turn, message, claim)
                reports.handled(turn, arrival, message, handled)
            case Receipt() as receipt:
                if turn is None:
                    return
                noted = note(turn, receipt)
                if isinstance(noted, Moved):
                    step.moved.append(noted)
                elif isinstance(noted, Marked):
                    step.marked.append(noted)
            case k.Command() as command:
                if claim is not Claim.NEW:
                    return
                self._command(step, turn, command, now)

    def _pass_over(self, step: Step, arrival: Arrival, message: Message, now: datetime) -> None:
        """A repetition of what an erased customer wrote: it is counted, and brings nothing back."""
        turn = self._turn(Conversation(id=self._new_id(), address=arrival.address, first_seen_at=now), now)
        reports.handled(turn, arrival, message, customer.Handled(D.DISPOSITION_DUPLICATE, "none"))
        step.passing.append(turn)

    def _receive(self, step: Step, turn: Turn, message: Message, claim: Claim) -> customer.Handled:
        if claim is Claim.DUPLICATE:
            return customer.Handled(D.DISPOSITION_DUPLICATE, "none")
        if message.author.kind is AuthorKind.AGENT:
            return customer.overhear(turn, message)
        if message.author.kind is not AuthorKind.CUSTOMER:
            return customer.Handled(D.DISPOSITION_REFUSED, "not_a_customer")
        if message.automatic:
            return customer.set_aside(turn, message)
        handled, decision = self._remembering.receive(turn, message)
        step.decisions.append(decision)
        return handled

    def _command(self, step: Step, turn: Turn | None, command: k.Command, now: datetime) -> None:
        if isinstance(command.kind, k.Visit):
            customer.visit(turn or self._open(step, command.address, now), command.kind)
            return
        if isinstance(command.kind, k.NoteWindow):
            if turn is not None:  # who never wrote has no window that anybody looks at
                turn.note_window(command.kind.reply_window, command.at)
            return
        if turn is None:
            log.warning("command_for_unknown_conversation", command_id=command.id, kind=type(command.kind).__name__)
            return
        refused, decision = self._remembering.obey(turn, command)
        if decision is not None:
            step.decisions.append(decision)
        if refused:
            log.info(
                "command_refused",
                command_id=command.id,
                kind=type(command.kind).__name__,
                reason=refused,
                conversation_id=turn.conversation.id,
            )
            commands.refuse(turn, command, refused)

    def _open(self, step: Step, address: Address, now: datetime) -> Turn:
        turn = self._turn(Conversation(id=self._new_id(), address=address, first_seen_at=now), now)
        turn.open_session(first=True)
        step.turns[address.key()] = turn
        return turn

    def _changes(self, step: Step) -> list[Write]:
        turns = step.turns
        messages = [
            (message, turn.encoded[message.id].SerializeToString())
            for turn in turns.values()
            for message in turn.messages
        ]
        settings = [
            TimerSetting(
                turn.conversation.id,
                timer.purpose,
                timer.due_at,
                reports.timer_payload(turn.conversation.address, timer),
            )
            for turn in turns.values()
            for timer in turn.timers
        ]
        saved = store.saved(
            [turn.conversation for key, turn in turns.items() if key not in step.known],
            [turn.conversation for key, turn in turns.items() if key in step.known],
        )
        jobs = [(turn.conversation, job) for turn in turns.values() for job in turn.jobs]
        misses = [(turn.conversation, miss) for turn in turns.values() for miss in turn.misses]
        uses = [(turn.conversation, use) for turn in turns.values() for use in turn.suggestions]
        now = self._clock()
        return [
            *saved,
            store.appended(messages),
            store.noted_down([note for turn in turns.values() for note in turn.notes]),
            store.worded((turn.conversation, one) for turn in turns.values() for one in turn.recognised),
            store.reworded([(t.conversation.id, one.seq) for t in turns.values() for one in t.recognised if one.words]),
            store.remembered(step.decisions),
            self._timers.setting(settings),
            store.started(jobs, now),
            store.missed(misses, now),
            store.uses(uses, now),
            store.rated(rating for turn in turns.values() for rating in turn.ratings),
        ]

    async def _publications(self, tx: Transaction, step: Step) -> Sequence[OutboxRow]:
        """Everything to publish, each row with its partition: outbound messages first, then events."""
        by_id = {turn.conversation.id: turn for turn in step.turns.values()}
        reports.delivered(by_id, await store.reached(tx, step.moved), step.moved)
        reports.noted(by_id, await store.mark(tx, step.marked))
        rows: list[OutboxRow] = []
        for turn in step.turns.values():
            address = turn.conversation.address
            number = partition(address, self._rules.partitions)
            sent = (
                envelopes.outbound_encoded(turn.encoded[item.id], address, self._rules.partitions)
                for item in turn.outbound
            )
            rows += [OutboxRow(publication, number) for publication in sent]
            rows += [OutboxRow(envelopes.event(item), number) for item in turn.events]
        for turn in step.passing:
            number = partition(turn.conversation.address, self._rules.partitions)
            rows += [OutboxRow(envelopes.event(item), number) for item in turn.events]
        return rows

    async def _announce(self, step: Step) -> None:
        """Hints for screens that are open now; nothing is lost when they are."""
        screens: dict[str, list[Envelope]] = {CONSOLE_LIVE: []}
        for turn in step.turns.values():
            made = {id(hint): envelopes.live(hint) for hint in turn.console}
            screens[CONSOLE_LIVE] += made.values()
            shown = screens.setdefault(turn.conversation.address.channel, [])
            shown += [made[id(hint)] if id(hint) in made else envelopes.live(hint) for hint in turn.customer]
        for key, hints in screens.items():
            if hints:
                await self._bus.announce(key, hints)
