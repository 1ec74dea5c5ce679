"""An editor's work on misses: the list, one group with its proposal, writing it into the draft, dismissing it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from yizhan.core.messages import content as c
from yizhan.core.messages.codec import message_from_proto
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database
from yizhan.dialogue.drafts import NotInDraft
from yizhan.dialogue.knowledge.entry import Entry, id_of
from yizhan.dialogue.knowledge.export import to_jsonl
from yizhan.dialogue.knowledge.files.problems import RowProblem
from yizhan.dialogue.knowledge.intents import greeting
from yizhan.dialogue.knowledge.normalise import normalise
from yizhan.dialogue.knowledge.parse import parse
from yizhan.dialogue.knowledge_desk import KnowledgeDesk
from yizhan.dialogue.misses.groups import Groups
from yizhan.dialogue.misses.miss import MissState
from yizhan.dialogue.misses.standing import (
    Near,
    Standing,
    has_draft,
    masked,
    nearest,
    representative,
    standing,
)
from yizhan.dialogue.store import agent_replies, misses as store
from yizhan.dialogue.store.drafts import DraftRow
from yizhan.dialogue.store.misses import GroupRow, Worded
from yizhan.pb.v1 import message_pb2

MOST_WORDINGS = 50
MOST_PROPOSED = 20
MOST_REPLIES = 5
CONVERSATIONS_LOOKED_AT = 20
AGENT_MESSAGES_LOOKED_AT = 5
MOST_REASON = 500


class UnknownGroup(Exception):
    """The workspace has no such group, or all of its misses were erased."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What an agent said first after a question, masked. ``private``: there was personal data in it."""

    text: str
    private: bool
    conversation_id: str
    agent_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Details:
    """``wordings`` as they were written; ``proposal`` has an answer only where an agent gave one."""

    standing: Standing
    wordings: tuple[Worded, ...]
    replies: tuple[Reply, ...]
    proposal: Entry
    near: tuple[Near, ...] = ()


@dataclass(frozen=True, slots=True)
class Drafted:
    """What was written into the draft, or, with problems, was not."""

    entry: Entry
    row: DraftRow | None
    problems: tuple[RowProblem, ...] = ()


class MissDesk:
    """Reads and writes for the editors. Everything may raise StoreUnavailable."""

    def __init__(self, database: Database, knowledge: KnowledgeDesk, groups: Groups, *, clock: Clock) -> None:
        self._database = database
        self._drafts = knowledge.drafts
        self._library = knowledge.library
        self._publisher = knowledge.publisher
        self._groups = groups
        self._clock = clock

    async def list(
        self, workspace: str, state: MissState, *, offset: int, limit: int
    ) -> tuple[Sequence[Standing], int]:
        """Groups by rank, and how many misses are in none yet."""
        behind = await self._groups.catch_up(workspace)
        async with self._database.read() as tx:
            rows = await store.list_groups(tx, workspace, state, self._clock(), offset=offset, limit=limit)
        return [await self._standing(workspace, row) for row in rows], behind

    async def group(self, workspace: str, group_id: str) -> Standing:
        """Raises UnknownGroup."""
        return await self._standing(workspace, await self._row(workspace, group_id))

    async def details(self, workspace: str, group_id: str) -> Details:
        """Raises UnknownGroup."""
        found = await self.group(workspace, group_id)
        async with self._database.read() as tx:
            wordings = await store.wordings(tx, workspace, group_id, MOST_WORDINGS)
        replies = await self._replies(workspace, group_id)
        answer = next((one.text for one in replies if not one.private), "")
        others = [text for text in _plain(wordings) if normalise(text) != normalise(found.question)]
        proposal = Entry("", found.question, tuple(others[:MOST_PROPOSED]), answer)
        served = self._library.served(workspace)
        near = await asyncio.to_thread(nearest, found.question, served, self._clock())
        return Details(found, tuple(wordings), tuple(replies), proposal, near)

    async def draft_new(self, workspace: str, group_id: str, entry: Entry | None, *, by: str) -> Drafted:
        """Write an entry, or the proposal. Doing it again with the same entry changes nothing.

        Raises UnknownGroup, and StaleRevision where there is another entry with its id.
        """
        written = entry or (await self.details(workspace, group_id)).proposal
        await self._row(workspace, group_id)
        written = written if written.id else replace(written, id=id_of(written.question))
        checked = await _checked(written)
        if not isinstance(checked, Entry):
            return Drafted(written, None, checked)
        found = await self._drafts.entry(workspace, checked.id)
        row = found[1] if found and found[0] == checked else None
        row = row or await self._drafts.put_entry(workspace, checked, seen=0, by=by)
        await self._mark(workspace, group_id, checked.id, by)
        return Drafted(checked, row)

    async def draft_into(
        self, workspace: str, group_id: str, entry_id: str, paraphrases: Sequence[str], *, by: str
    ) -> Drafted:
        """Add wordings to an entry of the draft; none given: all that are proposed. Those that it has are left out.

        Raises UnknownGroup, NotInDraft and StaleRevision.
        """
        details = await self.details(workspace, group_id)
        found = await self._drafts.entry(workspace, entry_id)
        if found is None:
            raise NotInDraft(entry_id)
        entry, row = found
        known = {normalise(one) for one in entry.phrasings}
        wished = paraphrases or (_plain(details.wordings)[:MOST_PROPOSED])
        added = {normalise(text): text for text in wished if normalise(text) not in known}
        if added:
            changed = replace(entry, paraphrases=(*entry.paraphrases, *added.values()))
            checked = await _checked(changed)
            if not isinstance(checked, Entry):
                return Drafted(changed, None, checked)
            entry = checked
            row = await self._drafts.put_entry(workspace, entry, seen=row.revision, by=by)
        await self._mark(workspace, group_id, entry.id, by)
        return Drafted(entry, row)

    async def dismiss(self, workspace: str, group_id: str, *, reason: str, by: str) -> Standing:
        """Take a group off the list of what is to be done. Raises UnknownGroup."""
        at, why = self._clock(), reason.strip()[:MOST_REASON]
        async with self._database.begin() as tx:
            if not await store.set_dismissed(tx, workspace, group_id, reason=why, at=at, by=by[:100]):
                raise UnknownGroup(group_id)
        return await self.group(workspace, group_id)

    async def reopen(self, workspace: str, group_id: str) -> Standing:
        """Put it back. Raises UnknownGroup."""
        async with self._database.begin() as tx:
            if not await store.set_open(tx, workspace, group_id):
                raise UnknownGroup(group_id)
        return await self.group(workspace, group_id)

    async def _mark(self, workspace: str, group_id: str, entry_id: str, by: str) -> None:
        async with self._database.begin() as tx:
            await store.set_drafted(tx, workspace, group_id, entry_id=entry_id, at=self._clock(), by=by[:100])

    async def _row(self, workspace: str, group_id: str) -> GroupRow:
        async with self._database.read() as tx:
            row = await store.group(tx, workspace, group_id, self._clock())
        if row is None:
            raise UnknownGroup(group_id)
        return row

    async def _standing(self, workspace: str, row: GroupRow) -> Standing:
        served = self._library.served(workspace)
        since = await self._published_at(workspace) if has_draft(row, served) else None
        async with self._database.read() as tx:
            facts = await store.facts(tx, workspace, row.id)
            wordings = await store.wordings(tx, workspace, row.id, MOST_REPLIES)
            again = since is not None and await store.missed_since(tx, workspace, row.id, since)
        question = representative(wordings)
        return await asyncio.to_thread(standing, row, facts, question, served, self._clock(), missed_again=again)

    async def _published_at(self, workspace: str) -> datetime | None:
        current = await self._publisher.published(workspace)
        return current.published_at if current else None

    async def _replies(self, workspace: str, group_id: str) -> Sequence[Reply]:
        replies: list[Reply] = []
        async with self._database.read() as tx:
            for conversation_id, message_id in await store.newest_conversations(
                tx, workspace, group_id, CONVERSATIONS_LOOKED_AT
            ):
                bodies = await agent_replies.said_after(tx, conversation_id, message_id, AGENT_MESSAGES_LOOKED_AT)
                reply = _reply(conversation_id, bodies)
                replies += [reply] if reply else []
                if len(replies) == MOST_REPLIES:
                    break
        return replies


def _reply(conversation_id: str, bodies: Sequence[bytes]) -> Reply | None:
    """The first words that are more than a greeting."""
    for body in bodies:
        message = message_from_proto(message_pb2.Message.FromString(body))
        if isinstance(message.content, c.Text) and not greeting(message.content.text):
            text, private = masked(message.content.text)
            return Reply(text, private, conversation_id, message.author.name, message.decided_at or message.received_at)
    return None


def _plain(wordings: Sequence[Worded]) -> list[str]:
    """Those without personal data; masked ones would be no wordings that anybody uses."""
    return [one.text for one in wordings if not masked(one.text)[1]]


async def _checked(entry: Entry) -> Entry | tuple[RowProblem, ...]:
    """What files may hold is what may be drafted."""
    parsed = await asyncio.to_thread(parse, "entry.jsonl", to_jsonl([entry]))
    return parsed.entries[0] if parsed.entries else parsed.problems
