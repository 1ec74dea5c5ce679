"""How a group stands to the published release: what is near to it, whether it is answered now, whether it is still missed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from yizhan.dialogue.answering import Say
from yizhan.dialogue.misses.miss import MissState
from yizhan.dialogue.models.masking import Mask
from yizhan.dialogue.served import Served
from yizhan.dialogue.store.misses import GroupFacts, GroupRow, Worded
from yizhan.dialogue.tasks.definition import TARGET

CHANNEL = "website"
"""The kind of channel that questions are asked again for."""


@dataclass(frozen=True, slots=True)
class Near:
    """An entry of the published release that may be meant; ``score`` is 0 to 1."""

    entry_id: str
    question: str
    score: float


@dataclass(frozen=True, slots=True)
class Standing:
    """A group and what the published release makes of it."""

    row: GroupRow
    facts: GroupFacts
    question: str
    """The representative wording, masked; empty where its words were erased."""
    nearest: Near | None = None
    published: bool = False
    answered_now: bool = False
    still_missed: bool = False


def masked(text: str) -> tuple[str, bool]:
    """The text without personal data, and whether there was any."""
    hidden = Mask().hide(text)
    return hidden, hidden != text.encode("utf-8", "replace").decode("utf-8")


def representative(wordings: Sequence[Worded]) -> str:
    """The commonest wording without personal data; else the commonest, masked."""
    shown = [masked(one.text) for one in wordings]
    plain = [text for text, private in shown if not private]
    return (plain or [text for text, _ in shown] or [""])[0]


def has_draft(row: GroupRow, served: Served | None) -> bool:
    """Whether the published release was built from a draft that held what this group was drafted into."""
    if served is None or row.state is not MissState.DRAFTED or row.drafted_at is None:
        return False
    return served.release.facts.built_at >= row.drafted_at and served.release.entry(row.entry_id) is not None


def standing(
    row: GroupRow, facts: GroupFacts, question: str, served: Served | None, now: datetime, *, missed_again: bool
) -> Standing:
    """Asks the release; some milliseconds. ``missed_again``: since the release was published."""
    if served is None or not question:
        published = has_draft(row, served)
        return Standing(row, facts, question, published=published, still_missed=published and missed_again)
    near = nearest(question, served, now)
    decision = served.decide(question, channel=CHANNEL, at=now)
    answered_by = decision.entry_id if isinstance(decision, Say) else ""
    published = has_draft(row, served)
    missed = published and (answered_by != row.entry_id or missed_again)
    return Standing(row, facts, question, near[0] if near else None, published, bool(answered_by), missed)


def nearest(question: str, served: Served | None, now: datetime) -> tuple[Near, ...]:
    """The entries of the published release that may be meant, the nearest first."""
    if served is None or not question:
        return ()
    return tuple(
        Near(one.entry_id, served.release.targets[one.entry_id].question, one.score)
        for one in served.candidates(question, now)
        if not one.entry_id.startswith(TARGET)
    )
