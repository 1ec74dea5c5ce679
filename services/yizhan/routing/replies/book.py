"""The canned replies of workspaces: kept, changed under a revision, found and filled in."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from yizhan.core.messages.ids import NewId
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database, Transaction
from yizhan.core.store.errors import IntegrityConflict
from yizhan.routing.replies.refusals import MayNotShare, ReplyChanged, ShortcutTaken, TooManyReplies, UnknownReply
from yizhan.routing.replies.reply import CannedReply, checked
from yizhan.routing.replies.search import search
from yizhan.routing.replies.variables import Rendered, Variable, render
from yizhan.routing.store import replies as store
from yizhan.routing.store.tickets import open_tickets_of

MOST_SHARED = 2000
MOST_OWN = 300
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks. ``may_share``: editors and supervisors change what is shared."""

    id: str
    may_share: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an agent looks for, for which conversation; ``values`` are what the caller knows of it."""

    query: str
    conversation_id: str = ""
    language: str = ""
    values: Mapping[Variable, str] | None = None
    limit: int = 10


class ReplyBook:
    """Every method raises StoreUnavailable."""

    def __init__(self, database: Database, *, clock: Clock, new_id: NewId) -> None:
        self._database = database
        self._clock = clock
        self._new_id = new_id

    async def everything(self, workspace: str, viewer: str) -> tuple[Sequence[CannedReply], str]:
        """What one may use, in the order of folder and title; and the name of the business."""
        async with self._database.read() as tx:
            return await store.load_replies(tx, workspace, viewer), await store.workspace_name(tx, workspace)

    async def put(self, given: CannedReply, by: Person) -> CannedReply:
        """Keep a new one (no id), or a change of the revision that was read. Raises ReplyRefused."""
        reply = replace(checked(given), updated_at=self._clock(), updated_by=by.id)
        _check_owner(reply.owner_id, by)
        try:
            async with self._database.begin() as tx:
                return await (self._change(tx, reply, by) if reply.id else self._add(tx, reply))
        except IntegrityConflict as error:
            raise ShortcutTaken from error

    async def delete(self, workspace: str, reply_id: str, seen: int, by: Person) -> None:
        """Raises ReplyRefused."""
        async with self._database.begin() as tx:
            await _own(tx, workspace, reply_id, by)
            if not await store.delete_reply(tx, reply_id, seen):
                raise ReplyChanged

    async def found(self, workspace: str, viewer: str, wanted: Wanted) -> Sequence[tuple[CannedReply, Rendered]]:
        """What fits, best first, each with what is known filled in."""
        async with self._database.read() as tx:
            replies = await store.load_replies(tx, workspace, viewer)
            values = dict(wanted.values or {})
            values[Variable.WORKSPACE_NAME] = await store.workspace_name(tx, workspace)
            if wanted.conversation_id:
                tickets = await open_tickets_of(tx, workspace, wanted.conversation_id)
                values[Variable.TICKET_NUMBER] = max((ticket.number for ticket in tickets), default="")
        # A thread: reading thousands for the first time takes longer than others should wait.
        best = await asyncio.to_thread(search, replies, wanted.query, language=wanted.language, limit=wanted.limit)
        return [(reply, render(reply.text, values, reply.language or wanted.language)) for reply in best]

    async def use(self, workspace: str, reply_id: str, viewer: str) -> None:
        """Raises UnknownReply."""
        async with self._database.begin() as tx:
            reply = await store.load_reply(tx, workspace, reply_id)
            if reply is None or not (reply.shared or reply.owner_id == viewer):
                raise UnknownReply
            await store.count_use(tx, reply_id)

    async def name(self, workspace: str, name: str) -> None:
        """How replies call the business from now on."""
        async with self._database.begin() as tx:
            await store.set_workspace_name(tx, workspace, " ".join(name.split())[:LONGEST_NAME])

    async def _add(self, tx: Transaction, reply: CannedReply) -> CannedReply:
        most = MOST_SHARED if reply.shared else MOST_OWN
        if await store.count_replies(tx, reply.workspace, reply.owner_id) >= most:
            raise TooManyReplies
        new = replace(reply, id=self._new_id(), revision=1, uses=0)
        await store.insert_reply(tx, new)
        return new

    async def _change(self, tx: Transaction, reply: CannedReply, by: Person) -> CannedReply:
        known = await _own(tx, reply.workspace, reply.id, by)
        new = replace(reply, revision=reply.revision + 1, uses=known.uses)
        if not await store.save_reply(tx, new, reply.revision):
            raise ReplyChanged
        return new


def _check_owner(owner_id: str, by: Person) -> None:
    if not owner_id and not by.may_share:
        raise MayNotShare
    if owner_id and owner_id != by.id:
        raise UnknownReply


async def _own(tx: Transaction, workspace: str, reply_id: str, by: Person) -> CannedReply:
    """One that this person may change. What is somebody else's own is not there for anybody else."""
    reply = await store.load_reply(tx, workspace, reply_id)
    if reply is None:
        raise UnknownReply
    _check_owner(reply.owner_id, by)
    return reply
