"""What is kept of each customer for a while: who serves them, and codes that let one message through, each used once.

That a code is being used, and by which message, is noted before the call: whether a call without an answer did it nobody can
tell, and the message must not go another way as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from yizhan.channels.store import customer_state as store
from yizhan.channels.store.customer_state import StateRow
from yizhan.channels.wechat.kf.states import ENDED, SESSION, SESSION_KNOWN, TAKEN, WELCOME
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content, Menu, Text
from yizhan.core.messages.message import AuthorKind, Message
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database

KEPT = timedelta(days=7)
"""After it has run out: as long as the ledger of sends, whose repetitions must find it."""

_USED = ".used"
_SPENT = "-"


@dataclass(frozen=True, slots=True)
class Code:
    """``by``: the platform's id of our message that is being, or was, sent with it; empty: unused."""

    name: str
    value: str = field(repr=False)
    until: datetime
    by: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """``session``: the ``service_state`` last seen, empty where it has to be looked at."""

    session: str
    codes: tuple[Code, ...]

    def for_message(self, message: Message, msgid: str, now: datetime) -> Code | None:
        """The code that this message was begun with, else a good one that it may use; None: it goes without."""
        begun = next((code for code in self.codes if code.by == msgid), None)
        usable = (code for code in self.codes if not code.by and now < code.until and _may_use(message, code.name))
        return begun or next(usable, None)


def _may_use(message: Message, name: str) -> bool:
    """When a servicer takes a session one text may still follow: people's own, since the assistant's would interrupt."""
    content: Content = message.content
    if name == TAKEN:
        return isinstance(content, Text) and message.author.kind is AuthorKind.AGENT
    return isinstance(content, Text | Menu)


class Customers:
    """Of all accounts. Every method raises StoreError when the database is away."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def known(self, address: Address) -> Known:
        rows = await store.read(self._database, address.key())
        session = rows.get(SESSION)
        seen = session.value if session is not None and self._clock() < session.until else ""
        codes = (_code(rows[name], rows.get(name + _USED)) for name in (WELCOME, ENDED, TAKEN) if name in rows)
        return Known(seen, tuple(codes))

    async def note(self, rows: Sequence[StateRow]) -> None:
        """What the platform told."""
        async with self._database.begin() as tx:
            await store.put(tx, rows)

    async def serves(self, address: Address, state: int | None) -> None:
        """Who serves the customer was looked at just now; None: nobody, so that the next time it is looked at again."""
        seen = "" if state is None else str(state)
        await self.note([StateRow(address.key(), SESSION, seen, self._clock() + SESSION_KNOWN)])

    async def begin(self, address: Address, code: Code, msgid: str) -> bool:
        """The message is about to be sent with the code. False: another one was quicker."""
        name = code.name + _USED
        async with self._database.begin() as tx:
            used = await store.lock(tx, address.key(), name)
            if used is not None and used.value == f"{code.value} {_SPENT}":
                return False
            if used is not None and used.value.startswith(f"{code.value} ") and used.value != f"{code.value} {msgid}":
                return False
            await store.put(tx, [StateRow(address.key(), name, f"{code.value} {msgid}", code.until)])
        return True

    async def give_back(self, address: Address, code: Code, *, good: bool) -> None:
        """The message was certainly not sent with it; ``good``: the code may serve again."""
        value = "" if good else f"{code.value} {_SPENT}"
        await self.note([StateRow(address.key(), code.name + _USED, value, code.until)])

    async def forget(self) -> int:
        """Remove what nothing can ask for any more; how many."""
        async with self._database.begin() as tx:
            return await store.forget(tx, self._clock() - KEPT)


def _code(row: StateRow, used: StateRow | None) -> Code:
    value, _, by = used.value.rpartition(" ") if used is not None else ("", "", "")
    return Code(row.name, row.value, row.until, by if value == row.value else "")
