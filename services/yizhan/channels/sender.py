"""Sends one message to a customer: rendered, within what the platform allows, noted before and after each call."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import structlog

from yizhan.channels.contract import (
    Abilities,
    Channel,
    OutcomeUnknown,
    QuotaSpent,
    Refused,
    Renewing,
    RetryLater,
    SendError,
    Sent,
    TokenExpired,
    WindowClosed,
)
from yizhan.channels.ledger import AlreadyBegun, Ledger
from yizhan.channels.memory import Memory
from yizhan.channels.outcomes import (
    INTERRUPTED,
    NEXT_MESSAGE,
    PROVIDER_BUSY,
    QUOTA_SPENT,
    RETRIES_SPENT,
    WINDOW_CLOSED,
    Outcome,
    failure,
    held,
    success,
)
from yizhan.channels.render import MediaUrl, render
from yizhan.channels.store.sends import SendRow, SendState
from yizhan.channels.windows import Allowance, Purse, Windows
from yizhan.core.messages.address import Address
from yizhan.core.messages.message import Message
from yizhan.core.messages.receipt import ReceiptState
from yizhan.core.runtime.clock import Clock

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """``lanes`` conversations at a time, ``calls`` of the platform at a time.

    A call gets ``call`` seconds, a message with its retries ``patience`` seconds. Conversations are many more than calls:
    replies that go in the answers to pushes wait for the store alone, and those that wait together are written together.
    """

    lanes: int = 256
    calls: int = 32
    call: float = 20.0
    patience: float = 30.0
    remember: int = 20_000


DEFAULT_PACE = Pace()


class Replies(Protocol):
    """Replies inside the answers to pushes (``slots``)."""

    async def offer(self, part: Message, number: int) -> bool:
        """Put a part into the answer to the push that it replies to; False: that is not possible, and did not happen.

        Raises OutcomeUnknown, StoreError, AlreadyBegun.
        """

    def ready(self, address: Address) -> None:
        """Something more waits for a customer of an account that can write in answers only."""

    async def settle(self, message: Message) -> None:
        """Returns when a call for this customer cannot overtake what went in an answer just before."""


class Sender:
    """Sends for one channel. ``memory`` None: the channel's sends are repeatable."""

    def __init__(
        self,
        channel: Channel,
        *,
        clock: Clock,
        memory: Memory | None = None,
        replies: Replies | None = None,
        pace: Pace = DEFAULT_PACE,
        media_url: MediaUrl | None = None,
    ) -> None:
        self._channel = channel
        self._clock = clock
        self._memory = memory
        self._replies = replies
        self._pace = pace
        self._media_url = media_url
        self._calls = asyncio.Semaphore(pace.calls)

    async def send(self, message: Message, purse: Purse | None, known: Mapping[int, SendRow]) -> Outcome:
        """What became of the whole message; parts that went before are not sent again. Raises StoreError: nothing more is known then."""
        abilities = self._channel.abilities(message.address.account)
        try:
            parts = render(message, abilities, self._media_url)
        except Exception:
            # A mistake with one message is told as its failure; raised, it would stop everybody's behind it.
            log.exception("message_not_rendered", message_id=message.id)
            return Outcome(ReceiptState.FAILED, "not_renderable")
        deadline = asyncio.get_running_loop().time() + self._pace.patience
        ids: list[str] = []
        outcome = Outcome(ReceiptState.ACCEPTED)
        for number, shown in enumerate(parts):
            part = _Part(message, shown, number, abilities, purse, known.get(number), deadline)
            outcome = await self._send_part(part)
            if outcome.reason:
                return outcome
            if outcome.external_id:
                ids.append(outcome.external_id)
        return Outcome(outcome.state, external_id=",".join(ids))

    async def _send_part(self, part: "_Part") -> Outcome:
        if (before := part.outcome_before()) is not None:
            return before
        if self._memory is None:
            return await self._persist(part, None)
        await self._memory.menus.showing(part.whole)  # the part of a menu may be its numbered text
        try:
            if self._replies is not None and await self._replies.offer(part.shown, part.number):
                return Outcome(ReceiptState.ACCEPTED)
            if part.abilities.replies_only:
                return held(NEXT_MESSAGE)
            allowed = await self._allowed(part.purse, self._memory.windows)
            if allowed is not None and allowed.by is None:
                return held(QUOTA_SPENT if allowed.quota else WINDOW_CLOSED)
            if self._replies is not None:
                await self._replies.settle(part.shown)
            outcome = await self._noted(part, self._memory.ledger)
        except AlreadyBegun:
            return Outcome(ReceiptState.UNKNOWN, INTERRUPTED)
        except OutcomeUnknown as error:
            return failure(error, can_wait=True)
        if part.purse is not None and allowed is not None:
            await self._charged(part.purse, allowed, outcome, self._memory.windows)
        return outcome

    async def _allowed(self, purse: Purse | None, windows: Windows) -> Allowance | None:
        if purse is None:
            return None
        if not purse.loaded:
            purse.known((await windows.rows([purse.key]))[purse.key])
        return purse.allowance(self._clock())

    async def _noted(self, part: "_Part", ledger: Ledger) -> Outcome:
        """By the provider's API, noted in the ledger before and after."""
        entry = _Entry(ledger, part)
        outcome = await self._persist(part, entry)
        await entry.close(outcome)
        return outcome

    async def _charged(self, purse: Purse, allowed: Allowance, outcome: Outcome, windows: Windows) -> None:
        """What the call cost, or what the platform said of the window."""
        if outcome.reason == WINDOW_CLOSED:
            purse.closed()
            await windows.close(purse.key)
        elif outcome.reason == QUOTA_SPENT:
            purse.exhausted()
            await windows.exhaust(purse.key)
        elif outcome.state in _MAY_COUNT and allowed.by is not None:
            # A call whose outcome is not known counts as sent: the platform's own count is never below ours.
            purse.known(await windows.spend(purse.key, allowed.by))

    async def _persist(self, part: "_Part", entry: "_Entry | None") -> Outcome:
        """Call, again where that is certainly right, until the part's deadline."""
        renewed = False
        loop = asyncio.get_running_loop()
        while True:
            try:
                async with self._calls:
                    if entry is not None:
                        await entry.open()
                    return await self._call(part)
            except TokenExpired as error:
                if renewed or not isinstance(self._channel, Renewing):
                    return failure(error, can_wait=False)
                renewed = True
                try:
                    after = await self._renew(self._channel, part.shown.address.account, error.token)
                except Refused as refused:
                    return failure(refused, can_wait=False)
            except RetryLater as error:
                after = error.after
            if loop.time() + after > part.deadline:
                return self._later(after)
            await asyncio.sleep(after)

    def _later(self, after: float) -> Outcome:
        """It would take too long to wait for here."""
        if self._memory is None:
            return Outcome(ReceiptState.FAILED, RETRIES_SPENT)
        return held(PROVIDER_BUSY, self._clock() + timedelta(seconds=max(after, 1.0)))

    async def _call(self, part: "_Part") -> Outcome:
        """One call. Raises TokenExpired and RetryLater; everything else is an outcome."""
        try:
            async with asyncio.timeout(self._pace.call):
                sent: Sent = await self._channel.send(part.shown, part.number)
            return success(sent)
        except (TokenExpired, RetryLater):
            raise
        except OutcomeUnknown as error:
            if part.abilities.idempotent:
                raise RetryLater(1.0) from error
            return failure(error, can_wait=False)
        except (WindowClosed, QuotaSpent) as error:
            return failure(error, can_wait=self._memory is not None)
        except SendError as error:
            return failure(error, can_wait=False)
        except TimeoutError as error:
            if part.abilities.idempotent:
                raise RetryLater(1.0) from error
            return Outcome(ReceiptState.UNKNOWN, "timeout")
        except Exception:
            # A mistake in the adapter: the provider may have the message by now, so sending it again could double it.
            log.exception("channel_failed", message_id=part.whole.id, channel=self._channel.name)
            return Outcome(ReceiptState.UNKNOWN, "channel_error")

    async def _renew(self, channel: Renewing, account: str, token: str) -> float:
        """Get a new token; how long to wait before the next call. Raises Refused: the account gets no tokens any more."""
        try:
            async with asyncio.timeout(self._pace.call):
                await channel.renew(account, token)
        except RetryLater as error:
            return error.after
        except TimeoutError:
            return 1.0
        return 0.0


_MAY_COUNT = (ReceiptState.ACCEPTED, ReceiptState.DELIVERED, ReceiptState.READ, ReceiptState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class _Part:
    """One part of a message on its way: as it is ``shown``, by its ``number``, with what is known of it from before (``row``).

    ``deadline`` is the loop's time until which it is tried.
    """

    whole: Message
    shown: Message
    number: int
    abilities: Abilities
    purse: Purse | None
    row: SendRow | None
    deadline: float

    def outcome_before(self) -> Outcome | None:
        """What is known of it already; None: it may be sent (again)."""
        row = self.row
        match row:
            case SendRow(state=SendState.SENT):
                return Outcome(ReceiptState.ACCEPTED, external_id=row.external_id)
            case SendRow(state=SendState.FAILED):
                return Outcome(ReceiptState.FAILED, row.reason, row.detail)
            case SendRow(state=SendState.UNKNOWN):
                return Outcome(ReceiptState.UNKNOWN, row.reason, row.detail)
            case SendRow(state=SendState.CALLING) if not self.abilities.idempotent:
                return Outcome(ReceiptState.UNKNOWN, INTERRUPTED)
            case _:
                return None


@dataclass(slots=True)
class _Entry:
    """What the ledger says of a part: that it is being called, and what came of it. Both raise StoreError."""

    ledger: Ledger
    part: _Part
    row: SendRow | None = None

    async def open(self) -> None:
        """Its turn to be called has come. Noted earlier, nobody would know after a crash that it was not sent."""
        if self.row is not None:
            return
        before = self.part.row
        if before is not None and before.state is SendState.CALLING:
            self.row = before
        else:
            self.row = await self.ledger.begin(self.part.shown, self.part.number)

    async def close(self, outcome: Outcome) -> None:
        """What became of it; nothing when it was never called."""
        if self.row is not None:
            await self.ledger.finish(
                self.row,
                outcome.send_state,
                external_id=outcome.external_id,
                reason=outcome.reason,
                detail=outcome.detail,
            )
