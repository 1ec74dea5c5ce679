"""Reads a conversation's last session and sums it up."""

import asyncio
from dataclasses import dataclass
from functools import partial

from yizhan.core.store.database import Database
from yizhan.dialogue.customers.cards import ReleaseOf
from yizhan.dialogue.customers.excerpt import worth_wording
from yizhan.dialogue.customers.last_session import last_session
from yizhan.dialogue.customers.summary import Line, summarise


@dataclass(frozen=True, slots=True)
class Summary:
    """``handoff_reason`` is empty where there was no hand-off; ``worth_wording``: a model might say it better."""

    session: int
    handoff_reason: str
    lines: tuple[Line, ...]
    worth_wording: bool


class Summaries:
    def __init__(self, database: Database, release_of: ReleaseOf) -> None:
        self._database = database
        self._release_of = release_of

    async def of(self, workspace: str, conversation_id: str) -> Summary:
        """Raises UnknownConversation and StoreUnavailable."""
        session = await last_session(self._database, workspace, conversation_id)
        release = self._release_of(workspace)
        answered = {one.entry_id for one in session.said if one.entry_id}
        entries = [release.entry(one) for one in sorted(answered)] if release else []
        titles = {entry.id: entry.question for entry in entries if entry}
        lines = await asyncio.to_thread(
            partial(summarise, session.said, handoff_at=session.handoff_at, task=session.task, titles=titles)
        )
        return Summary(session.number, session.handoff_reason, lines, worth_wording(session))
