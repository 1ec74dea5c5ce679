"""What of a session a model may be shown, for it to be put into words: masked, the last messages, cut. Pure."""

from yizhan.core.messages.message import AuthorKind
from yizhan.dialogue.customers.last_session import LastSession
from yizhan.dialogue.customers.summary import mask_of
from yizhan.dialogue.models.word_session import By, Shown, fitting

LEAST_CHARACTERS = 30
"""Of the customer's; what is shorter is read faster than a summary of it."""

_BY: dict[AuthorKind, By] = {
    AuthorKind.CUSTOMER: "customer",
    AuthorKind.BOT: "assistant",
    AuthorKind.AGENT: "agent",
}


def worth_wording(session: LastSession) -> bool:
    """Whether it was handed over, and the customer said enough of it."""
    said = sum(len(one.text) for one in session.said if one.author is AuthorKind.CUSTOMER and one.in_words)
    return session.handoff_at is not None and said >= LEAST_CHARACTERS


def excerpt(session: LastSession) -> tuple[Shown, ...]:
    """What was typed, spoken and chosen, with the placeholders that the lines of the transcript have, too.

    Cards, places, links that are messages of their own, files and what happened to the conversation are left out.
    """
    mask = mask_of(session.said, handoff_at=session.handoff_at)
    said = [one for one in session.said if one.in_words and one.text.strip() and one.author in _BY]
    return fitting([Shown(one.seq, _BY[one.author], mask.hide(one.text)) for one in said])
