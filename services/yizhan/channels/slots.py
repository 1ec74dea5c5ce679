"""Replies inside the answers to pushes: the way out that costs no call and no quota, open for a few seconds after each push.

A slot is open from before the push's facts are on the bus (a reply can be faster than the confirm) until a reply was handed
over to the answer or the time was up. Both are decided without waiting in between, in the one process that holds the
request: whoever finds the slot closed sends by the platform's API, and never is a message sent both ways.

A reply may be on its way into an answer when the connection breaks. The platform then pushes again, and the repetition gets
the same reply; only when no repetition comes is the outcome unknown.
"""

import asyncio
import itertools
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import structlog

from yizhan.channels.contract import (
    Answer,
    Answering,
    Call,
    Fact,
    InboundMessage,
    OutcomeUnknown,
    ReplySlot,
    SendError,
)
from yizhan.channels.elsewhere import Elsewhere
from yizhan.channels.slot import NOTHING, Attempt, Entry, Given, Outcome, Phase
from yizhan.channels.slot_needs import DEFAULT_TIMING, SlotLedger, Timing, WaitingReplies
from yizhan.channels.store.sends import SendState
from yizhan.core.messages.address import Address
from yizhan.core.messages.message import Message
from yizhan.core.store.errors import StoreError

log = structlog.get_logger(__name__)

LOOK_UP_SECONDS = 1.0
RENDER_SECONDS = 0.25
"""What making the answer may take when the reply came in the last moment."""


class Slots:
    """The slots of one channel in this process. ``waiting`` is for accounts that can write in answers only."""

    def __init__(
        self,
        answering: Answering,
        ledger: SlotLedger,
        waiting: WaitingReplies | None = None,
        *,
        elsewhere: Elsewhere | None = None,
        timing: Timing = DEFAULT_TIMING,
    ) -> None:
        """``elsewhere``: replies whose pushes other processes have; None: there is one process."""
        self._elsewhere = elsewhere
        self._answering = answering
        self._ledger = ledger
        self._waiting = waiting
        self._timing = timing
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._by_message: dict[str, Entry] = {}
        self._by_address: dict[Address, list[Entry]] = {}
        self._led: OrderedDict[Address, float] = OrderedDict()
        self._followers: set[asyncio.Task[None]] = set()

    @property
    def open(self) -> int:
        """How many pushes are waiting for their answers or for being repeated."""
        followed = sum(bool(entry.attempts or entry.expiry) for entry in self._entries.values())
        return followed + len(self._followers)

    # --- the side of the request -----------------------------------------------------------------------------------

    def enter(self, slot: ReplySlot, call: Call, deadline: float, alive: Callable[[], bool]) -> Attempt:
        """A request came that can carry a reply, the first or a repetition. Every attempt ends with ``leave`` or ``wrote``."""
        entry = self._entry(slot)
        # Between two attempts nobody listens to ``ready``: what came meanwhile is looked for at once.
        entry.ready = entry.ready or (entry.calls > 0 and not entry.attempts)
        entry.calls += 1
        if entry.expiry is not None:
            entry.expiry.cancel()
            entry.expiry = None
        attempt = Attempt(entry, call, deadline, alive)
        entry.attempts.append(attempt)
        if len(entry.attempts) == 1 and entry.undecided:
            self._index(entry)
        return attempt

    def stamped(self, slot: ReplySlot, facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
        """The facts of a push with its ticket on their messages, so that a reply finds it from another process."""
        if self._elsewhere is None or slot.only:
            return facts
        ticket = self._elsewhere.ticket(self.key(slot), slot.within).pack()
        return tuple(
            replace(fact, message=replace(fact.message, channel_data=ticket))
            if isinstance(fact, InboundMessage) and not fact.message.channel_data
            else fact
            for fact in facts
        )

    def expect(self, slot: ReplySlot, message_ids: frozenset[str]) -> None:
        """The push's messages, before they are on the bus: what replies to one of them goes into the answer."""
        entry = self._entry(slot)
        self._unindex(entry)
        entry.message_ids = message_ids
        if entry.attempts and entry.undecided:
            self._index(entry)

    async def wait(self, attempt: Attempt, plain: Answer) -> Given:
        """What to answer: a reply, or ``plain`` when there is none in time. The push's facts are durable."""
        entry = attempt.entry
        loop = asyncio.get_running_loop()
        await self._look_up(attempt)
        while True:
            attempt.wake.clear()
            if entry.phase is Phase.HANDED:
                return await self._with_reply(attempt, plain)
            if entry.phase is Phase.CLOSED:
                return Given(plain)
            late = loop.time() >= attempt.deadline
            if self._may_take(attempt) and (late or entry.ready or entry.hurried):
                await self._take(attempt, late)
                if entry.phase is not Phase.OPEN:
                    continue
            if late or (entry.hurried and entry.phase is Phase.OPEN):
                return self._without_reply(attempt, plain)
            with suppress(TimeoutError):
                async with asyncio.timeout_at(attempt.deadline):
                    await attempt.wake.wait()

    def writing(self, attempt: Attempt) -> bool:
        """The answer with the reply is about to be written. False: it cannot be, and the attempt is over."""
        if attempt.entry.phase is Phase.HANDED and attempt.alive():
            attempt.entry.begun = True
            return True
        self.leave(attempt)
        return False

    def wrote(self, attempt: Attempt) -> None:
        """The answer with the reply was written."""
        entry = attempt.entry
        if not entry.outcome.done():
            self._lead(entry.slot.address)
        entry.resolve(Outcome.WRITTEN)
        self.leave(attempt)

    def leave(self, attempt: Attempt) -> None:
        """The attempt is over: answered plainly, broken, or the push was not accepted. Safe to call again."""
        entry = attempt.entry
        if attempt not in entry.attempts:
            return
        entry.attempts.remove(attempt)
        if not entry.attempts:
            self._unindex(entry)
            self._abandoned(entry)

    # --- the side of delivery --------------------------------------------------------------------------------------

    async def offer(self, part: Message, number: int) -> bool:
        """Put a part into the answer to the push that it replies to. False: that did not happen and never will.

        Raises OutcomeUnknown, and StoreError and AlreadyBegun of the ledger.
        """
        entry = self._by_message.get(part.in_reply_to)
        carried = self._answering.carries(part)
        if entry is None and self._elsewhere is not None:
            given = await self._elsewhere.offer(part, number, carried=carried)
            if given:
                self._lead(part.address)
            return given
        if entry is None or entry.slot.only or entry.phase is not Phase.OPEN:
            return False
        if not carried:
            # The reply goes another way, so nobody waits for it here.
            entry.close()
            self._unindex(entry)
            return False
        entry.phase = Phase.CLAIMED
        try:
            row = await self._ledger.begin_reply(part, number, entry.key)
        except BaseException:
            # Perhaps noted all the same; nothing else may take the slot then.
            entry.close()
            self._unindex(entry)
            raise
        handed = entry.hand((part,))
        self._unindex(entry)
        outcome = await asyncio.shield(entry.outcome) if handed else Outcome.NOT_WRITTEN
        if outcome is Outcome.NOT_WRITTEN:
            return not await self._ledger.withdraw(row)
        try:
            await self._ledger.finish(row, SendState.SENT if outcome is Outcome.WRITTEN else SendState.UNKNOWN)
        except StoreError as error:
            log.warning("reply_not_noted", message_id=part.id, error=type(error).__name__)
        if outcome is Outcome.UNSURE:
            raise OutcomeUnknown
        return True

    async def settle(self, message: Message) -> None:
        """Returns when a call for this customer cannot overtake what went in an answer just before."""
        until = self._led.get(message.address, 0.0)
        left = until - asyncio.get_running_loop().time()
        if left > 0:
            await asyncio.sleep(left)

    def ready(self, address: Address) -> None:
        """Something more waits for a customer of an account that can write in answers only."""
        for entry in self._by_address.get(address, ()):
            entry.ready = True
            entry.notify()

    async def collect(self, slot_key: str, *, gone: bool) -> None:
        """Another process has the reply to a push that this one holds (or sends it another way). Raises StoreError."""
        entry = self._entries.get(slot_key)
        if entry is None or entry.phase is not Phase.OPEN or not entry.attempts:
            return
        if gone:
            entry.close()
            self._unindex(entry)
        else:
            await self._given_before(entry)

    def key(self, slot: ReplySlot) -> str:
        """The slot's key among those of all accounts."""
        return f"{slot.address.channel}:{slot.address.account}:{slot.key}"

    def held(self, message_id: str) -> None:
        """Nobody answers this message at once: the platform need not wait. Losing this costs only time."""
        entry = self._by_message.get(message_id)
        if entry is None or entry.phase is not Phase.OPEN:
            return
        if entry.slot.only:
            entry.hurried = True
            entry.notify()
        else:
            entry.close()
            self._unindex(entry)

    async def stop(self) -> None:
        """Give up telling what became of taken replies; call it when no request is in hand any more."""
        for entry in self._entries.values():
            if entry.expiry is not None:
                entry.resolve(Outcome.UNSURE)
        if self._followers:
            await asyncio.wait(self._followers, timeout=2.0)
        for task in self._followers:
            task.cancel()

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _look_up(self, attempt: Attempt) -> None:
        """A repetition may come to another process than the push itself, or to this one's next life."""
        entry = attempt.entry
        if entry.looked_up or not entry.undecided:
            return
        entry.looked_up = True
        try:
            async with asyncio.timeout(LOOK_UP_SECONDS):
                # What was claimed meanwhile may be the very row that was found: its own way goes on.
                if await self._ledger.used(entry.key) and entry.phase is Phase.OPEN:
                    await self._given_before(entry)
        except (StoreError, TimeoutError) as error:
            log.warning("slot_not_looked_up", error=type(error).__name__)

    async def _given_before(self, entry: Entry) -> None:
        entry.phase = Phase.CLAIMED
        messages: tuple[Message, ...] = ()
        try:
            messages = await self._ledger.replied(entry.key)
        finally:
            if not messages and entry.phase is Phase.CLAIMED:
                entry.phase = Phase.OPEN
        if messages and entry.phase is Phase.CLAIMED:
            entry.phase, entry.messages, entry.begun = Phase.HANDED, messages, True
            entry.notify()
            self._unindex(entry)

    def _may_take(self, attempt: Attempt) -> bool:
        return attempt.entry.slot.only and attempt.entry.phase is Phase.OPEN and attempt.alive()

    async def _take(self, attempt: Attempt, late: bool) -> None:
        """Claim the slot for what waits; it is open again when nothing does."""
        entry = attempt.entry
        if self._waiting is None:
            return
        entry.phase, entry.ready = Phase.CLAIMED, False
        messages: tuple[Message, ...] = ()
        try:
            if not late and not entry.hurried:
                left = attempt.deadline - asyncio.get_running_loop().time()
                await asyncio.sleep(max(0.0, min(self._timing.gather, left)))
            messages = await self._waiting.take(entry.slot.address, entry.key, self._answering.merged)
        except StoreError as error:
            log.warning("waiting_replies_not_taken", error=type(error).__name__)
        finally:
            if not messages and entry.phase is Phase.CLAIMED:
                entry.phase = Phase.OPEN
        if not messages:
            return
        if not entry.hand(messages):
            entry.resolve(Outcome.NOT_WRITTEN)
        self._unindex(entry)
        follower = asyncio.create_task(self._follow(entry, self._waiting), name="taken replies")
        self._followers.add(follower)
        follower.add_done_callback(self._followers.discard)

    async def _follow(self, entry: Entry, waiting: WaitingReplies) -> None:
        outcome = await asyncio.shield(entry.outcome)
        tell = {
            Outcome.WRITTEN: waiting.given,
            Outcome.NOT_WRITTEN: waiting.not_given,
            Outcome.UNSURE: waiting.unsure,
        }[outcome]
        try:
            await tell(entry.key)
        except StoreError as error:
            log.warning("taken_replies_not_noted", outcome=outcome.name, error=type(error).__name__)

    async def _with_reply(self, attempt: Attempt, plain: Answer) -> Given:
        """Made for each attempt anew: the platform's answer may have to name what this very call said."""
        entry = attempt.entry
        try:
            async with asyncio.timeout_at(attempt.deadline + RENDER_SECONDS):
                answer = await self._answering.answer(attempt.call, entry.slot, entry.messages)
        except (SendError, TimeoutError) as error:
            log.warning("reply_not_carried", channel=entry.slot.address.channel, error=type(error).__name__)
        except Exception:
            # A mistake in the channel's rendering: the push still gets its answer, and the reply goes by the API.
            log.exception("reply_not_carried", channel=entry.slot.address.channel)
        else:
            return Given(answer, replied=True)
        self.leave(attempt)
        return Given(plain)

    def _without_reply(self, attempt: Attempt, plain: Answer) -> Given:
        """The time is up, or nobody is going to reply. A broken attempt decides nothing for the others."""
        entry = attempt.entry
        # A push without a message asks nothing: no reply to it is on its way.
        hoping = entry.slot.only and entry.message_ids and not entry.hurried
        if not attempt.alive() or (hoping and entry.calls < self._timing.repeats):
            self.leave(attempt)
            return NOTHING
        entry.close()
        self._unindex(entry)
        return Given(plain)

    def _abandoned(self, entry: Entry) -> None:
        """Nobody is there any more to be answered."""
        if entry.phase is not Phase.HANDED or entry.outcome.done():
            return
        if entry.begun:
            loop = asyncio.get_running_loop()
            entry.expiry = loop.call_later(self._timing.patience, self._expired, entry)
            return
        entry.close()
        entry.resolve(Outcome.NOT_WRITTEN)

    def _expired(self, entry: Entry) -> None:
        entry.expiry = None
        entry.resolve(Outcome.UNSURE)

    def _entry(self, slot: ReplySlot) -> Entry:
        key = self.key(slot)
        entry = self._entries.get(key)
        if entry is None:
            entry = Entry(key, slot, asyncio.get_running_loop().create_future())
            self._entries[key] = entry
            self._forget_oldest()
        return entry

    def _forget_oldest(self) -> None:
        excess = max(0, len(self._entries) - self._timing.remember)
        for entry in list(itertools.islice(self._entries.values(), excess)):
            if not entry.attempts and entry.expiry is None:
                del self._entries[entry.key]

    def _index(self, entry: Entry) -> None:
        for message_id in entry.message_ids:
            self._by_message[message_id] = entry
        if entry.slot.only:
            self._by_address.setdefault(entry.slot.address, []).append(entry)

    def _unindex(self, entry: Entry) -> None:
        for message_id in entry.message_ids:
            self._by_message.pop(message_id, None)
        others = self._by_address.get(entry.slot.address)
        if others is not None and entry in others:
            others.remove(entry)
            if not others:
                del self._by_address[entry.slot.address]

    def _lead(self, address: Address) -> None:
        now = asyncio.get_running_loop().time()
        while self._led and next(iter(self._led.values())) <= now:
            self._led.popitem(last=False)
        self._led.pop(address, None)
        self._led[address] = now + self._timing.lead
