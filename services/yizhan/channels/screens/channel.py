"""Customers' own screens as a channel: what they can show, what clients call, and how a message reaches them."""

from collections.abc import Sequence

from aiohttp import web

from yizhan.channels.contract import Abilities, MenuStyle, Sent
from yizhan.channels.screens.live import LivePush
from yizhan.core.messages.content import (
    Choice,
    File,
    GoodsCard,
    Image,
    Link,
    Location,
    LogisticsCard,
    Menu,
    OrderCard,
    RefundCard,
    Text,
    TimelineEvent,
    Video,
    Voice,
)
from yizhan.core.messages.message import Message

WHOLE = 1 << 30
"""Longer than any text: a message is one line of the transcript, and a second piece of it would be taken for the first."""

ABILITIES = Abilities(
    kinds=frozenset(
        {
            Text,
            Image,
            Voice,
            Video,
            File,
            Location,
            Link,
            Menu,
            Choice,
            GoodsCard,
            OrderCard,
            LogisticsCard,
            RefundCard,
            TimelineEvent,
        }
    ),
    menu=MenuStyle.BUTTONS,
    max_text=WHOLE,
    repeatable=True,
    confirms_delivery=True,
)
"""Our own client shows everything, at any time, as often as one likes."""


class ScreenChannel:
    """Sending is pushing to whoever is connected here; everybody else fetches from the transcript when they come.

    So it cannot fail: a message that is in the transcript is on its way.
    """

    def __init__(self, name: str, live: LivePush, routes: Sequence[web.AbstractRouteDef]) -> None:
        self._name = name
        self._live = live
        self._routes = tuple(routes)

    @property
    def name(self) -> str:
        return self._name

    def abilities(self, account: str) -> Abilities:  # noqa: ARG002 - every account can show everything
        return ABILITIES

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        return self._routes

    async def send(self, message: Message, part: int) -> Sent:  # noqa: ARG002 - it has one part
        self._live.message(message)
        return Sent()
