"""A customer's phone: what it shows, and waiting for it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypedDict

from tests.simulators.wechat.quota import Quota
from tests.simulators.wechat.records import MenuItem, Received
from tests.simulators.wechat.stage import Stage


class PushOptions(TypedDict, total=False):
    """What a test may choose about a push; see ``Follower``."""

    msg_id: int
    create_time: int
    signed_at: int
    raw: str
    copies: int
    wait: bool
    unseen: bool
    """The customer did not cause it, and gets no notice when it is not taken."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the chat as the phone shows it: ``said`` by the customer, ``received``, or a ``notice``."""

    at: float
    said: dict[str, Any] | None = None
    received: Received | None = None
    notice: str = ""


class Person:
    """One customer towards one account. ``received`` is in the order the customer sees it."""

    def __init__(self, stage: Stage, openid: str, quota: Quota) -> None:
        self.stage = stage
        self.openid = openid
        self.quota = quota
        self.received: list[Received] = []
        self.chat: list[Line] = []
        self.notices = 0
        """How often the phone showed 暂时无法提供服务."""
        self._changed = asyncio.Event()

    def show(self, message: Received) -> None:
        self.received.append(message)
        self.chat.append(Line(message.at, received=message))
        self._changed.set()

    def note(self, notice: str) -> None:
        self.notices += 1
        self.chat.append(Line(self.stage.now(), notice=notice))
        self._changed.set()

    def speak(self, said: dict[str, Any]) -> None:
        self.chat.append(Line(self.stage.now(), said=said))

    @property
    def texts(self) -> list[str]:
        """The readable part of everything received."""
        return [message.text for message in self.received]

    async def sees(self, wanted: int | str | Callable[[Received], bool], within: float = 30.0) -> Received:
        """The message that is wanted, when it is there: the n-th, one with this text in it, or one that fits.

        Raises TimeoutError.
        """
        try:
            async with asyncio.timeout(within):
                while (found := self._find(wanted)) is None:
                    self._changed.clear()
                    await self._changed.wait()
                return found
        except TimeoutError:
            raise TimeoutError(f"{self.openid} did not see {wanted!r} but {self.texts!r}") from None

    def menu_item(self, wanted: str) -> MenuItem:
        """The item of that id or label in the latest menu that has it. Raises LookupError."""
        for message in reversed(self.received):
            for item in message.menu.items if message.menu else ():
                if item.kind == "click" and wanted in {item.id, item.label}:
                    return item
        raise LookupError(f"{self.openid} has no menu with {wanted!r}")

    def _find(self, wanted: int | str | Callable[[Received], bool]) -> Received | None:
        if isinstance(wanted, int):
            return self.received[wanted - 1] if len(self.received) >= wanted else None
        if isinstance(wanted, str):
            return next((message for message in self.received if wanted in message.text), None)
        return next((message for message in self.received if wanted(message)), None)
