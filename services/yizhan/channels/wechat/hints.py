"""Hints from dialogue and agents' screens: a push need not be kept waiting, somebody is typing. Losing one loses nothing."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import structlog

from yizhan.channels.contract import SendError
from yizhan.core.messages.address import Address
from yizhan.core.store.errors import StoreError
from yizhan.pb.v1 import message_pb2
from yizhan.pb.v1.envelope_pb2 import Envelope
from yizhan.pb.v1.live_pb2 import Live

log = structlog.get_logger(__name__)

TYPING_SECONDS = 10.0
"""How often the sign is renewed; WeChat shows it for 15 seconds."""

MOST_TYPING = 10_000
CALL_SECONDS = 5.0

ShowTyping = Callable[[Address], Awaitable[None]]
"""Raises a SendError."""

Collect = Callable[[str, bool], Awaitable[None]]
"""Takes the reply to a push of this process that another one has. Raises StoreError."""


class Hints:
    """``handle`` is the live handler of the channel. ``held`` is told of messages that nobody answers at once, ``ready`` of
    customers for whom another process keeps something, ``seen`` of every message that dialogue has.
    """

    def __init__(
        self,
        held: Callable[[str], None],
        ready: Callable[[Address], None],
        seen: Callable[[str], None],
        show_typing: ShowTyping,
        collect: Collect,
    ) -> None:
        self._held = held
        self._ready = ready
        self._collect = collect
        self._seen = seen
        self._show_typing = show_typing
        self._shown: OrderedDict[Address, float] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    async def handle(self, envelopes: Sequence[Envelope]) -> None:
        for envelope in envelopes:
            if envelope.WhichOneof("payload") == "live":
                self._take(envelope.live)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _take(self, hint: Live) -> None:
        match hint.WhichOneof("kind"):
            case "appended":
                self._seen(hint.appended.message.id)
                if hint.appended.held:
                    self._held(hint.appended.message.id)
            case "typing" if hint.typing.author.kind == message_pb2.AUTHOR_KIND_AGENT:
                self._typing(_address(hint))
            case "slot" if not hint.slot.slot_key:
                self._ready(_address(hint))
            case "slot":
                self._start(self._collected(hint.slot.slot_key, hint.slot.gone), "collect reply")
            case _:
                pass

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _collected(self, slot_key: str, gone: bool) -> None:
        try:
            await self._collect(slot_key, gone)
        except StoreError as error:
            log.warning("reply_not_collected", error=type(error).__name__)

    def _typing(self, address: Address) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._shown.get(address, -TYPING_SECONDS) < TYPING_SECONDS:
            return
        self._shown[address] = now
        self._shown.move_to_end(address)
        if len(self._shown) > MOST_TYPING:
            self._shown.popitem(last=False)
        self._start(self._show(address), "show typing")

    async def _show(self, address: Address) -> None:
        try:
            async with asyncio.timeout(CALL_SECONDS):
                await self._show_typing(address)
        except (SendError, TimeoutError) as error:
            log.info("typing_not_shown", account=address.account, error=type(error).__name__)


def _address(hint: Live) -> Address:
    pb = hint.address
    return Address(pb.workspace, pb.channel, pb.account, pb.customer, pb.thread)
