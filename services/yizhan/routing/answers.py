"""What an agent owes a customer next, and when: a clock at a time for each conversation that an agent has. Pure.

The first runs from the assignment to the agent's first words, every later one from the customer's first words that are
not answered to the agent's next. All are reckoned in the open time of the contract and calendar of the case.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from yizhan.routing.desk import Case
from yizhan.routing.owed import Answering, Clock, Due
from yizhan.routing.terms import Terms

LEAST_WARNING = timedelta(seconds=20)
LAST_PART = 3
"""At risk is the last third of the time, and the last twenty seconds anyhow: as with a promised person."""

_NOTHING = timedelta()


def assigned(case: Case, terms: Terms, at: datetime) -> Answering:
    """An agent has got the conversation: their first words are due."""
    return replace(_of(case, terms), due=_due(Clock.FIRST, terms, at, 0))


def taken_up(case: Case, terms: Terms) -> Answering:
    """Of a case that was assigned when no clocks were kept: its first words are taken to be said."""
    return _of(case, terms)


def asked(kept: Answering, terms: Terms, seq: int, at: datetime) -> Answering:
    """The customer wrote. Where an answer is owed already, or these words have one, nothing changes."""
    if kept.due is not None or seq <= kept.answered_seq:
        return kept
    return replace(kept, number=kept.number + 1, due=_due(Clock.NEXT, terms, at, seq))


def answered(kept: Answering, seq: int) -> Answering:
    """Somebody answered the customer. ``seq`` 0: told by a version that does not say; it answers everything."""
    if kept.due is not None and 0 < seq <= kept.due.seq:
        return kept
    return replace(kept, answered_seq=max(kept.answered_seq, seq), due=None)


def _of(case: Case, terms: Terms) -> Answering:
    return Answering(
        case_id=case.id,
        workspace=case.workspace,
        conversation_id=case.conversation_id,
        agent_id=case.agent_id,
        epoch=case.epoch,
        contract=terms.version,
        calendar=terms.hours.version,
    )


def _due(clock: Clock, terms: Terms, since: datetime, seq: int) -> Due:
    promised = terms.contract.handoff
    length = promised.agent_first_response if clock is Clock.FIRST else promised.agent_next_response
    warning = max(LEAST_WARNING, length / LAST_PART)
    return Due(
        clock=clock,
        since=since,
        risk_at=terms.after(since, max(_NOTHING, length - warning)),
        due_at=terms.after(since, length),
        seq=seq,
    )
