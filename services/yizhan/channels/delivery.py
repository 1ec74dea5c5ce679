"""The way out: takes what dialogue hands over, lets the channel send it, and tells what became of it.

Messages of one conversation go one after the other, conversations go side by side. What was handed over is remembered
for a while, so that a batch that comes again is not sent again.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

import structlog

from yizhan.channels.contract import (
    Channel,
    InboundReceipt,
    NotAccepted,
    OutcomeUnknown,
    QuotaSpent,
    Refused,
    Renewing,
    RetryLater,
    SendError,
    TokenExpired,
    WindowClosed,
)
from yizhan.channels.figures import Figures
from yizhan.channels.render import MediaUrl, render
from yizhan.core.bus import interface as bus
from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import Undecodable, message_from_proto
from yizhan.core.messages.ids import NewId
from yizhan.core.messages.message import Message
from yizhan.core.messages.receipt import Receipt, ReceiptState
from yizhan.core.runtime.clock import Clock

log = structlog.get_logger(__name__)

Tell = Callable[[list[InboundReceipt]], Awaitable[None]]
"""Makes receipts durable. Raises NotAccepted."""


@dataclass(frozen=True, slots=True)
class Pace:
    """``lanes`` conversations at a time; a call gets ``call`` seconds, a message with its retries ``patience`` seconds."""

    lanes: int = 32
    call: float = 20.0
    patience: float = 30.0
    remember: int = 20_000


DEFAULT_PACE = Pace()


@dataclass(frozen=True, slots=True)
class _Outcome:
    """``reason`` is a code, empty when all is well; ``detail`` the provider's own words."""

    state: ReceiptState
    reason: str = ""
    detail: str = ""
    external_id: str = ""


class Deliveries:
    """Handles batches of ``outbound.<channel>.<partition>``."""

    def __init__(
        self,
        channel: Channel,
        tell: Tell,
        tell_accepted: Callable[[Receipt, int], None],
        figures: Figures,
        *,
        clock: Clock,
        new_id: NewId,
        pace: Pace = DEFAULT_PACE,
        media_url: MediaUrl | None = None,
    ) -> None:
        """``tell_accepted`` takes a receipt that a screen's own report may overtake, and the seq of its message."""
        self._channel = channel
        self._tell = tell
        self._tell_accepted = tell_accepted
        self._figures = figures
        self._clock = clock
        self._new_id = new_id
        self._pace = pace
        self._media_url = media_url
        self._handed: OrderedDict[str, Receipt] = OrderedDict()

    async def handle(self, deliveries: Sequence[bus.Delivery]) -> None:
        """Returns when every message has an outcome that is told. Raises bus.RetryLater, or Undecodable for what is no message."""
        lanes: dict[Address, list[Message]] = {}
        for delivery in deliveries:
            message = _message(delivery)
            lanes.setdefault(message.address, []).append(message)
        told: list[InboundReceipt] = []
        todo = iter(lanes.values())
        workers = [
            asyncio.create_task(self._work(todo, told), name="deliver")
            for _ in range(min(self._pace.lanes, len(lanes)))
        ]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
        if told:
            try:
                await self._tell(told)
            except NotAccepted as error:
                raise bus.RetryLater(error.after) from error

    async def _work(self, todo: Iterator[list[Message]], told: list[InboundReceipt]) -> None:
        for lane in todo:
            for message in lane:
                receipt = await self._deliver(message)
                if receipt.state is ReceiptState.ACCEPTED and self._channel.abilities.confirms_delivery:
                    self._tell_accepted(receipt, message.seq)
                else:
                    told.append(InboundReceipt(receipt))

    async def _deliver(self, message: Message) -> Receipt:
        known = self._handed.get(message.id)
        if known is not None:
            self._figures.sent("repeated")
            return known
        outcome = await self._hand_over(message)
        if outcome.reason:
            log.warning(
                "message_not_sent", message_id=message.id, account=message.address.account, reason=outcome.reason
            )
        self._figures.sent(outcome.reason or "sent")
        receipt = Receipt(
            id=self._new_id(),
            address=message.address,
            state=outcome.state,
            at=self._clock(),
            message_id=message.id,
            external_id=outcome.external_id,
            reason=outcome.reason,
            detail=outcome.detail,
        )
        self._handed[message.id] = receipt
        if len(self._handed) > self._pace.remember:
            self._handed.popitem(last=False)
        return receipt

    async def _hand_over(self, message: Message) -> _Outcome:
        try:
            parts = render(message, self._channel.abilities, self._media_url)
        except Exception:
            log.exception("message_not_rendered", message_id=message.id)
            return _Outcome(ReceiptState.FAILED, "not_renderable")
        deadline = asyncio.get_running_loop().time() + self._pace.patience
        ids: list[str] = []
        outcome = _Outcome(ReceiptState.ACCEPTED)
        for part in parts:
            outcome = await self._persist(part, deadline)
            if outcome.reason:
                return outcome
            if outcome.external_id:
                ids.append(outcome.external_id)
        return _Outcome(outcome.state, external_id=",".join(ids))

    async def _persist(self, part: Message, deadline: float) -> _Outcome:
        """Send one part, again where that is certainly right, until ``deadline``."""
        renewed = False
        loop = asyncio.get_running_loop()
        while True:
            try:
                return await self._call(part)
            except TokenExpired as error:
                if renewed or not isinstance(self._channel, Renewing):
                    return _failure(error)
                renewed = True
                after = await self._renew(self._channel, part.address.account)
            except RetryLater as error:
                after = error.after
            if loop.time() + after > deadline:
                return _Outcome(ReceiptState.FAILED, "retries_spent")
            await asyncio.sleep(after)

    async def _call(self, part: Message) -> _Outcome:
        """One call. Raises TokenExpired and RetryLater; everything else is an outcome."""
        try:
            async with asyncio.timeout(self._pace.call):
                sent = await self._channel.send(part)
        except (TokenExpired, RetryLater):
            raise
        except SendError as error:
            return _failure(error)
        except TimeoutError:
            return _Outcome(ReceiptState.UNKNOWN, "timeout")
        except Exception:
            # A mistake in the adapter: the provider may have the message by now, so sending it again could double it.
            log.exception("channel_failed", message_id=part.id, channel=self._channel.name)
            return _Outcome(ReceiptState.UNKNOWN, "channel_error")
        return _Outcome(sent.state, external_id=",".join(sent.external_ids))

    async def _renew(self, channel: Renewing, account: str) -> float:
        """Get a new token; how long to wait before the next call."""
        try:
            async with asyncio.timeout(self._pace.call):
                await channel.renew(account)
        except RetryLater as error:
            return error.after
        except TimeoutError:
            return 1.0
        return 0.0


def _failure(error: SendError) -> _Outcome:
    """What each error means to people: the one place that says so."""
    match error:
        case WindowClosed():
            return _Outcome(ReceiptState.FAILED, "window_closed")
        case QuotaSpent():
            return _Outcome(ReceiptState.FAILED, "quota_spent")
        case TokenExpired():
            return _Outcome(ReceiptState.FAILED, "token_expired")
        case Refused(code=code, text=text):
            return _Outcome(ReceiptState.FAILED, "refused", f"{code} {text}".strip())
        case OutcomeUnknown():
            return _Outcome(ReceiptState.UNKNOWN, "outcome_unknown")
        case _:
            raise TypeError(f"{type(error).__name__} is not in the closed set of send errors")


def _message(delivery: bus.Delivery) -> Message:
    if delivery.envelope.WhichOneof("payload") != "message":
        raise Undecodable("not a message to a customer")
    return message_from_proto(delivery.envelope.message)
