"""What is looked for."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum

from yizhan.core.messages.message import AuthorKind


class Speaker(IntEnum):
    """Who said it. The numbers are those of ``yizhan.v1.Speaker``, and for messages those of ``AuthorKind``."""

    CUSTOMER = AuthorKind.CUSTOMER
    ASSISTANT = AuthorKind.BOT
    AGENT = AuthorKind.AGENT
    SYSTEM = AuthorKind.SYSTEM
    NOTE = 5


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks: whispers are for their agent and their author, and for whoever reads all of them."""

    id: str
    reads_whispers: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """All of these hold for what is found; an empty one lets everything through. ``since`` is within, ``until`` is not."""

    workspace: str
    query: str
    reader: Reader
    named: tuple[str, str] = ("", "")
    """The conversation and the customer that were asked for."""
    conversation_ids: tuple[str, ...] | None = None
    """Only in these, which may be none: what ``named`` comes to now."""
    channels: tuple[str, ...] = ()
    speakers: tuple[Speaker, ...] = ()
    agent_id: str = ""
    """Said or noted by this agent."""
    since: datetime | None = None
    until: datetime | None = None

    def mark(self) -> str:
        """The same for the same question, so that a page token of another one is known."""
        asked = replace(self, conversation_ids=None)
        return hashlib.sha256(repr(asked).encode()).hexdigest()[:12]
