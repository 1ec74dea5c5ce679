"""What the simulator writes down: pushes and their attempts, what a customer saw, the calls of the API."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
Via = Literal["passive", "api", "event_code", "template"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One delivery of a push. ``status`` is 0 when no answer came; ``problem`` is empty when the answer was valid."""

    status: int
    body: str
    seconds: float
    timed_out: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class MenuItem:
    """``kind`` is click, view or miniprogram; only click comes back to the account."""

    id: str
    label: str
    kind: str = "click"
    url: str = ""


@dataclass(frozen=True, slots=True)
class Menu:
    head: str
    items: tuple[MenuItem, ...]
    tail: str


@dataclass(frozen=True, slots=True)
class Received:
    """One message as the customer sees it.

    ``kind`` is WeChat's msgtype, ``text`` its readable part (content, title or head), ``media`` the bytes behind its
    media id, ``raw`` the message as it was sent, ``at`` the platform's time, ``index`` its place among all messages
    that the platform showed to anybody.
    """

    kind: str
    text: str
    media: bytes | None
    menu: Menu | None
    raw: Json
    via: Via
    at: float
    index: int


@dataclass(slots=True)
class PushResult:
    """How a push went. ``key`` is what a receiver dedupes by; ``notice`` means that the customer saw 暂时无法提供服务."""

    key: str
    attempts: list[Attempt] = field(default_factory=list)
    reply: Received | None = None
    notice: bool = False
    accepted: bool = False
    """Some attempt was answered validly."""
    _done: asyncio.Event = field(default_factory=asyncio.Event)

    def finish(self) -> None:
        self._done.set()

    async def finished(self, within: float = 60.0) -> "PushResult":
        """Itself, when the last attempt of a push made with ``wait=False`` is over. Raises TimeoutError."""
        async with asyncio.timeout(within):
            await self._done.wait()
        return self


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """The answer to the platform's check of the URL; ``ok`` when it is the expected text and nothing else."""

    status: int
    body: str
    ok: bool


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API with what it was answered; ``errcode`` is None when no regular answer was given."""

    api: str
    path: str
    body: Json
    openid: str
    at: float
    errcode: int | None
