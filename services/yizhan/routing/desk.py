"""Agents and waiting cases as values. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from yizhan.core.messages.address import Address
from yizhan.core.messages.message import ReplyWindow
from yizhan.routing.matching.facts import AwayReason, Presence


class CaseState(StrEnum):
    """``waiting → offered → assigned → done``; a case that reaches its deadline before an agent becomes ``ticketed``."""

    WAITING = "waiting"
    OFFERED = "offered"
    ASSIGNED = "assigned"
    TICKETED = "ticketed"
    DONE = "done"


CALLBACK = "callback"
"""The reason of a case that is a promised call."""

UNSERVED = frozenset({CaseState.WAITING, CaseState.OFFERED})
BUSY = frozenset({CaseState.OFFERED, CaseState.ASSIGNED})


@dataclass(frozen=True, slots=True)
class Agent:
    """``capacity`` is how many conversations at once, in units of their weight; ``offered_at`` when the last offer was made.

    ``skills`` with a level from 1 to 5. No ``languages``: any. ``presence_at``: since when they are here, away or gone.
    """

    id: str
    workspace: str
    name: str
    capacity: int
    presence: Presence = Presence.OFFLINE
    heard_at: datetime | None = None
    offered_at: datetime | None = None
    enabled: bool = True
    absence: AwayReason | None = None
    skills: tuple[tuple[str, int], ...] = ()
    languages: tuple[str, ...] = ()
    supervisor: bool = False
    presence_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One hand-off: a conversation that wants a human, from the request to its end.

    ``epoch`` is the ownership under which the queue has the conversation; after the assignment it is the agent's.
    ``passed`` are agents who declined or let an offer lapse, in that order. ``reply_until`` and ``reply_left`` are the
    reply window at the request, where the channel has one. ``priority`` is 0 (low) to 3 (urgent); ``level`` how far the
    search has widened. ``only_agent`` is whom it was handed to, ``from_agent`` by whom; ``last_agent`` served the customer
    before. ``contract`` and ``calendar`` are the versions that its clocks started under. ``told_position`` and
    ``told_high`` (seconds) are what the customer was told last about the wait, 0: nothing; ``told_at`` when that was decided.
    ``ticket_id``: the ticket that it is about, where it does not come from the queue; with reason ``callback`` that of a
    callback which comes due. ``choice_at``: when the customer was offered to do something else than wait;
    ``can_choose``: the dialogue that asked for a human can offer it.
    """

    id: str
    workspace: str
    conversation_id: str
    address: Address
    epoch: int
    state: CaseState
    reason: str
    customer_name: str
    last_text: str
    requested_at: datetime
    deadline: datetime
    agent_id: str = ""
    offer_id: str = ""
    offer_expires_at: datetime | None = None
    offered_at: datetime | None = None
    assigned_at: datetime | None = None
    told_position: int = 0
    passed: tuple[str, ...] = ()
    reply_until: datetime | None = None
    reply_left: int | None = None
    priority: int = 1
    language: str = ""
    skills: tuple[str, ...] = ()
    group_id: str = ""
    weight: int = 1
    level: int = 0
    only_agent: str = ""
    last_agent: str = ""
    from_agent: str = ""
    note: str = ""
    contract: str = ""
    calendar: str = ""
    told_high: int = 0
    told_at: datetime | None = None
    ended_at: datetime | None = None
    ticket_id: str = ""
    choice_at: datetime | None = None
    can_choose: bool = False

    @property
    def is_callback(self) -> bool:
        """Whether it is a promised call that comes due, rather than somebody who waits."""
        return self.reason == CALLBACK and bool(self.ticket_id)

    @property
    def reply_window(self) -> ReplyWindow | None:
        """What could still be sent when the human was asked for; None: the channel has no such rules."""
        return None if self.reply_until is None else ReplyWindow(self.reply_until, self.reply_left)


def here(agent: Agent, now: datetime, heard_within: timedelta) -> bool:
    """Whether an agent could be offered something if they had room."""
    return (
        agent.enabled
        and agent.presence is Presence.ONLINE
        and agent.heard_at is not None
        and now - agent.heard_at <= heard_within
    )


def free(agent: Agent, load: int, now: datetime, heard_within: timedelta) -> bool:
    """Whether an agent can take one more conversation now."""
    return here(agent, now, heard_within) and load < agent.capacity


def passed_by(case: Case, agent_id: str) -> tuple[str, ...]:
    """The agents who passed on a case once this one has too; the latest pass is last."""
    return (*(earlier for earlier in case.passed if earlier != agent_id), agent_id)
