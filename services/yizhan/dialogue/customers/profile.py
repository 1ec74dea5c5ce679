"""A customer's profile (画像), read from what is on record anyway: nothing of it is kept."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from yizhan.core.messages.codec import moment
from yizhan.core.store.database import Transaction
from yizhan.dialogue.conversation import Conversation
from yizhan.dialogue.customers.figures import (
    QUARTER,
    Figures,
    HandedOff,
    Past,
    Spoken,
    figures,
    handed_off,
    ordered,
    topics,
)
from yizhan.dialogue.customers.rating import Rated
from yizhan.dialogue.customers.value_rules import Given, Rule, value_tags
from yizhan.dialogue.customers.view import CustomerView
from yizhan.dialogue.store import customers_profile as store
from yizhan.dialogue.store.conversations import conversation_by_id
from yizhan.dialogue.store.customers_profile import Face, Said
from yizhan.dialogue.store.customers_ratings import ratings_of
from yizhan.dialogue.tasks.state import Phase
from yizhan.pb.v1 import message_pb2

MOST_SAID = 2_000
"""Messages of the last quarter that are looked at, the newest."""

MOST_DECIDED = 1_000
MOST_TASKS = 5


@dataclass(frozen=True, slots=True)
class ChannelUse:
    """How often a customer came to one account of a channel."""

    channel: str
    account: str
    conversations: int
    sessions: int
    messages: int
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Profile:
    """Counts by name have the greatest first. ``partial``: there was more in the last quarter than is looked at."""

    channels: tuple[ChannelUse, ...]
    topics: Sequence[tuple[str, int]]
    handoffs: Sequence[tuple[str, int]]
    misses: Sequence[tuple[str, int]]
    ratings: Sequence[Rated]
    figures: Figures
    value_tags: Sequence[Given]
    in_task: tuple[Conversation, ...]
    partial: bool


async def read_profile(
    tx: Transaction,
    workspace: str,
    view: CustomerView,
    faces: Sequence[Face],
    *,
    categories: Mapping[str, str],
    rules: Sequence[Rule],
    now: datetime,
) -> Profile:
    """``categories`` of entries by their ids; ``faces`` of the customer, newest first."""
    ids = [one.identity.id for one in view.identities]
    since = now - QUARTER
    said = await store.said_since(tx, ids, since, MOST_SAID)
    asked = [one.id for one in said if one.by_customer][:MOST_DECIDED]
    decided = await store.decided(tx, asked)
    otherwise = await store.decided_otherwise(tx, ids, since, MOST_DECIDED)
    misses = await store.missed(tx, ids)
    ratings = await ratings_of(tx, ids)
    in_task = await _in_task(tx, workspace, faces)
    spoken, handoffs = await asyncio.to_thread(partial(_read, said, [*decided, *otherwise]))
    channels = used(view)
    past = Past(
        conversations=sum(one.conversations for one in channels),
        sessions=sum(one.sessions for one in channels),
        channels=len({one.channel for one in channels}),
        first_seen_at=view.first_seen_at,
        last_seen_at=view.last_seen_at,
        spoken=spoken,
        handoffs=handoffs,
        ratings=ratings,
    )
    reckoned = figures(past, now)
    return Profile(
        channels=channels,
        topics=topics(spoken, categories),
        handoffs=ordered(Counter(one.reason for one in handoffs)),
        misses=ordered(misses),
        ratings=ratings,
        figures=reckoned,
        value_tags=value_tags(rules, reckoned),
        in_task=in_task,
        partial=len(said) == MOST_SAID,
    )


def used(view: CustomerView) -> tuple[ChannelUse, ...]:
    """By account, the most messages first."""
    found: dict[tuple[str, str], ChannelUse] = {}
    for one in view.identities:
        use, known = one.use, found.get(one.identity.place)
        found[one.identity.place] = ChannelUse(
            *one.identity.place,
            conversations=use.conversations + (known.conversations if known else 0),
            sessions=use.sessions + (known.sessions if known else 0),
            messages=use.messages + (known.messages if known else 0),
            first_seen_at=min(use.first_seen_at, known.first_seen_at) if known else use.first_seen_at,
            last_seen_at=max(use.last_seen_at, known.last_seen_at) if known else use.last_seen_at,
        )
    return tuple(sorted(found.values(), key=lambda one: (-one.messages, one.channel, one.account)))


async def _in_task(tx: Transaction, workspace: str, faces: Sequence[Face]) -> tuple[Conversation, ...]:
    """The conversations in which something is done step by step and not over."""
    ids = [face.conversation_id for face in faces if face.in_task][:MOST_TASKS]
    found = [await conversation_by_id(tx, workspace, one) for one in ids]
    return tuple(one for one in found if one and one.task and one.task.phase is not Phase.DONE)


def _read(said: Sequence[Said], decided: Sequence[tuple[bytes, datetime]]) -> tuple[list[Spoken], list[HandedOff]]:
    """In a thread: thousands of messages and documents take a while."""
    handoffs = [handed_off(document, at) for document, at in decided]
    return [_spoken(one) for one in said], [one for one in handoffs if one is not None]


def _spoken(said: Said) -> Spoken:
    message = message_pb2.Message.FromString(said.body)
    entry_id = message.grounding.entry_id if message.HasField("grounding") else ""
    at = moment(message.decided_at)
    return Spoken(said.conversation_id, message.session, said.by_customer, at, entry_id)
