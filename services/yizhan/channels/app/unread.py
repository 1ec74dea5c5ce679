"""Tells a customer's devices how many messages are unread, whenever one of them has read something."""

from yizhan.channels.app.conversation import AT_THE_END
from yizhan.channels.app.protocol import DIALECT
from yizhan.channels.screens.history import History, HistoryUnavailable
from yizhan.channels.screens.sessions import Sessions
from yizhan.channels.screens.tasks import Tasks
from yizhan.core.messages.address import Address


class UnreadTold:
    """A device counts what comes by itself; where the cursor moves, only dialogue knows what is left."""

    def __init__(self, sessions: Sessions, history: History, tasks: Tasks) -> None:
        self._sessions = sessions
        self._history = history
        self._tasks = tasks
        self._asking: set[Address] = set()
        self._again: set[Address] = set()

    def has_read(self, address: Address) -> None:
        """One look at a time: what moves meanwhile is looked at once more."""
        if address in self._asking:
            self._again.add(address)
            return
        self._asking.add(address)
        self._tasks.start(self._tell(address), "tell unread")

    async def _tell(self, address: Address) -> None:
        try:
            looking = True
            while looking:
                self._again.discard(address)
                try:
                    page = await self._history.after(address, AT_THE_END, 1)
                except HistoryUnavailable:
                    return  # the next frame or the next connection tells
                standing = DIALECT.standing(page)
                for client in self._sessions.of(address):
                    if standing is not None:
                        client.tell(standing)
                looking = address in self._again
        finally:
            self._asking.discard(address)
            self._again.discard(address)
