"""What customers send: checked, given an id, made durable in the order of sending, and only then answered."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from yizhan.channels.contract import Accept, InboundMessage, NotAccepted
from yizhan.channels.screens.tasks import Tasks
from yizhan.channels.screens.view import Json, moment
from yizhan.channels.screens.visitor import Visitor
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content
from yizhan.core.messages.ids import NewId
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.runtime.clock import Clock

REMEMBERED = 50_000
MAX_BATCH = 50


@dataclass(frozen=True, slots=True)
class Draft:
    """A message on its way in. ``client_id`` is the client's own name for it: sent again, it is still one message."""

    client_id: str
    content: Content


@dataclass(frozen=True, slots=True)
class Accepted:
    """Durable: it will be in the transcript."""

    client_id: str
    message_id: str
    received_at: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Not taken. ``retry``: the same may be taken after ``retry_after`` seconds."""

    client_id: str
    code: str
    title: str
    retry: bool = False
    retry_after: float | None = None

    def problem(self) -> Json:
        """As clients see it in a frame."""
        shown: Json = {"code": self.code, "title": self.title, "retry": self.retry}
        if self.retry_after is not None:
            shown["retry_after"] = self.retry_after
        return shown


Answer = Accepted | Refusal


def not_taken(client_id: str, after: float) -> Refusal:
    """The bus is away: nothing is lost, as nothing was promised."""
    return Refusal(client_id, "unavailable", "Not available at the moment", retry=True, retry_after=after)


class Intake:
    """Makes drafts durable. A client id that was answered before gets the same answer again."""

    def __init__(self, accept: Accept, *, clock: Clock, new_id: NewId) -> None:
        self._accept = accept
        self._clock = clock
        self._new_id = new_id
        self._known: OrderedDict[tuple[Address, str], Accepted | Message | asyncio.Future[Answer]] = OrderedDict()

    def answered(self, visitor: Visitor, client_id: str) -> Accepted | None:
        """The answer that this client id has got, if it is remembered."""
        known = self._known.get((visitor.address, client_id))
        return known if isinstance(known, Accepted) else None

    async def take(self, visitor: Visitor, drafts: Sequence[Draft]) -> list[Answer]:
        """One answer for each draft. All that are new become durable together, in order, or none is accepted."""
        loop = asyncio.get_running_loop()
        answers: list[Answer | asyncio.Future[Answer]] = []
        fresh: dict[str, tuple[Message, asyncio.Future[Answer]]] = {}
        for draft in drafts:
            known = self._known.get((visitor.address, draft.client_id))
            if isinstance(known, (Accepted, asyncio.Future)):
                answers.append(known)
                continue
            message = known if isinstance(known, Message) else self._message(visitor, draft)
            future: asyncio.Future[Answer] = loop.create_future()
            fresh[draft.client_id] = (message, future)
            self._remember(visitor, draft.client_id, future)
            answers.append(future)
        if fresh:
            await self._make_durable(visitor, fresh)
        return [answer if isinstance(answer, (Accepted, Refusal)) else await answer for answer in answers]

    async def _make_durable(self, visitor: Visitor, fresh: dict[str, tuple[Message, "asyncio.Future[Answer]"]]) -> None:
        after = 1.0
        durable = False
        try:
            await self._accept([InboundMessage(message) for message, _ in fresh.values()])
            durable = True
        except NotAccepted as error:
            after = error.after
        finally:
            for client_id, (message, future) in fresh.items():
                answer = Accepted(client_id, message.id, moment(message.received_at))
                future.set_result(answer if durable else not_taken(client_id, after))
                # A message that was turned back keeps its id: the bus may have it after all.
                self._remember(visitor, client_id, answer if durable else message)

    def _message(self, visitor: Visitor, draft: Draft) -> Message:
        return Message(
            id=self._new_id(),
            address=visitor.address,
            author=Author(AuthorKind.CUSTOMER, visitor.id, visitor.name),
            content=draft.content,
            received_at=self._clock(),
            external_id=draft.client_id,
            dedupe_key=f"{visitor.id}:{draft.client_id}",
            locale=visitor.locale,
            customer_name=visitor.name,
        )

    def _remember(self, visitor: Visitor, client_id: str, what: "Accepted | Message | asyncio.Future[Answer]") -> None:
        key = (visitor.address, client_id)
        self._known[key] = what
        self._known.move_to_end(key)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)


class Lane:
    """The sends of one connection, in order. The next ones are read while the first are on their way to the bus.

    What waits leaves together. When it is turned back, everything that waits behind it is turned back too, so that a
    later message never overtakes an earlier one that has to be sent again.
    """

    MAX_WAITING = 100

    def __init__(self, intake: Intake, visitor: Visitor, answer: Callable[[Answer], None], tasks: Tasks) -> None:
        self._intake = intake
        self._visitor = visitor
        self._answer = answer
        self._tasks = tasks
        self._waiting: list[Draft | Refusal] = []
        self._running: asyncio.Task[None] | None = None
        self._room: asyncio.Event | None = None

    async def put(self, draft: Draft | Refusal) -> None:
        """Queue a draft; its answer comes by ``answer``. Waits only when too many are on their way.

        What is refused already queues as well, so that answers come in the order of sending.
        """
        if isinstance(draft, Refusal) and self._running is None:
            self._answer(draft)
            return
        self._waiting.append(draft)
        if self._running is None:
            self._running = self._tasks.started(self._run(), "send lane")
        while len(self._waiting) >= self.MAX_WAITING:
            self._room = asyncio.Event()
            await self._room.wait()

    async def idle(self) -> None:
        """Returns when everything was answered."""
        if self._running is not None:
            await asyncio.wait({self._running})

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
                drafts = [item for item in batch if isinstance(item, Draft)]
                answers = await self._intake.take(self._visitor, drafts)
                following = iter(answers)
                for item in batch:
                    self._answer(item if isinstance(item, Refusal) else next(following))
                if self._room is not None:
                    self._room.set()
                turned_back = next((item for item in answers if isinstance(item, Refusal)), None)
                if turned_back is not None:
                    self._turn_back_waiting(turned_back.retry_after or 1.0)
        finally:
            self._running = None
            if self._room is not None:
                self._room.set()

    def _turn_back_waiting(self, after: float) -> None:
        behind, self._waiting = self._waiting, []
        for item in behind:
            self._answer(item if isinstance(item, Refusal) else not_taken(item.client_id, after))
